// The trigger by which such a backend gives records an owner: CONTRACT.md, section 9, rules 1, 2, 5 and 6.
'use strict';

const OWNERS = { Company: 'createdBy', Contact: 'createdBy', Deal: 'assignedTo', Activity: 'createdBy' };

function grant(acl, user) {
  acl.setReadAccess(user.id, true);
  acl.setWriteAccess(user.id, true);
}

function revoke(acl, user) {
  acl.setReadAccess(user.id, false);
  acl.setWriteAccess(user.id, false);
}

function own(object, user, field) {
  if (!object.get(field) && user) {
    object.set(field, user);
  }
  if (object.getACL()) {
    return;
  }
  const acl = new global.Parse.ACL();
  acl.setRoleReadAccess('Managers', true);
  acl.setRoleWriteAccess('Managers', true);
  if (object.get(field)) {
    grant(acl, object.get(field));
  }
  object.setACL(acl);
}

function handOver(object, before, field) {
  const [from, to] = [before.get(field), object.get(field)];
  if (from?.id === to?.id) {
    return;
  }
  const acl = object.getACL() ?? new global.Parse.ACL();
  if (from) {
    revoke(acl, from);
  }
  if (to) {
    grant(acl, to);
  }
  object.setACL(acl);
}

module.exports = function ownership() {
  for (const [className, field] of Object.entries(OWNERS)) {
    global.Parse.Cloud.beforeSave(className, ({ object, original, user }) => {
      if (!original) {
        own(object, user, field);
      } else if (object.dirty(field)) {
        handOver(object, original, field);
      }
    });
  }
};
