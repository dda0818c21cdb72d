// An app that uses the official SDK against the server that the environment names.
'use strict';

const assert = require('node:assert/strict');
const { randomUUID } = require('node:crypto');
const { test } = require('node:test');
const Parse = require('parse/node');

const { SERVER_URL } = process.env;
const MASTER = { useMasterKey: true };
const PASSWORD = 'a password of some length';

Parse.initialize('crm', 'js', 'master');
Parse.serverURL = SERVER_URL;

/** Signs up somebody new; `as` are the options of a call in that person's name. */
async function somebody() {
  const username = `somebody-${randomUUID()}`;
  const user = await new Parse.User({ username, email: `${username}@example.com`, password: PASSWORD }).signUp();
  return { user, username, as: { sessionToken: user.getSessionToken() } };
}

/** Saves a new object of a class in a person's name. */
function made(className, fields, person) {
  return new Parse.Object(className, fields).save(null, person.as);
}

/** Asserts that something is refused with a code. */
async function refused(promise, code) {
  await assert.rejects(promise, error => {
    assert.equal(error.code, code, error.message);
    return true;
  });
}

/** Sends a plain request, as SDKs for phones do. */
async function send(method, path, body, headers = {}) {
  const keys = { 'X-Parse-Application-Id': 'crm', 'X-Parse-Client-Key': 'client' };
  const init = { method, headers: { ...keys, ...headers } };
  if (body !== undefined) {
    init.body = typeof body === 'string' ? body : JSON.stringify(body);
  }
  const response = await fetch(SERVER_URL + path, init);
  return { status: response.status, headers: response.headers, json: await response.json() };
}

module.exports = { MASTER, PASSWORD, Parse, SERVER_URL, assert, made, randomUUID, refused, send, somebody, test };
