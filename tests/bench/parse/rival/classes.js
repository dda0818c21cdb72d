// The classes of the CRM as a hosted Parse backend has them, with the same class-level permissions.
'use strict';

const signedIn = { requiresAuthentication: true };
const classLevelPermissions = {
  find: signedIn,
  count: signedIn,
  get: signedIn,
  create: signedIn,
  update: signedIn,
  delete: signedIn,
  addField: {},
};

const text = { type: 'String' };
const date = { type: 'Date' };
const required = { type: 'String', required: true };
const pointer = targetClass => ({ type: 'Pointer', targetClass });

const fields = {
  Company: {
    name: required,
    website: text,
    industry: text,
    address: text,
    notes: text,
    createdBy: pointer('_User'),
  },
  Contact: {
    name: required,
    email: text,
    phone: text,
    company: pointer('Company'),
    notes: text,
    createdBy: pointer('_User'),
  },
  Deal: {
    title: required,
    amount: { type: 'Number' },
    stage: text,
    contact: pointer('Contact'),
    company: pointer('Company'),
    expectedCloseDate: date,
    notes: text,
    assignedTo: pointer('_User'),
    lostReason: text,
  },
  Activity: {
    type: text,
    subject: text,
    description: text,
    dueDate: date,
    completedAt: date,
    relatedTo: pointer('Deal'),
    createdBy: pointer('_User'),
  },
};

module.exports = Object.entries(fields).map(([className, own]) => ({ className, fields: own, classLevelPermissions }));
