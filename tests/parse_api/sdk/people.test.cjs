// Parse.User, Parse.Session: signing up, in and out, on one device and on several.
'use strict';

const { MASTER, PASSWORD, Parse, assert, randomUUID, refused, somebody, test } = require('./app.cjs');

test('signing up answers a session that works at once', async () => {
  const { user, username, as } = await somebody();
  assert.match(user.id, /^[A-Za-z0-9]{10}$/);
  assert.match(user.getSessionToken(), /^r:[0-9a-f]{32}$/);
  const me = await Parse.User.me(as.sessionToken);
  assert.equal(me.get('username'), username);
  assert.equal(me.get('password'), undefined);
});

test('a name and an address belong to one person, without regard to letter case', async () => {
  const { username } = await somebody();
  const other = { email: `${randomUUID()}@example.com`, password: PASSWORD };
  await refused(new Parse.User({ ...other, username: username.toUpperCase() }).signUp(), Parse.Error.USERNAME_TAKEN);
  const email = `${username.toUpperCase()}@example.com`;
  await refused(new Parse.User({ email, username: randomUUID(), password: PASSWORD }).signUp(), Parse.Error.EMAIL_TAKEN);
});

test('what a sign-up lacks is named by its code', async () => {
  const whole = { username: randomUUID(), email: `${randomUUID()}@example.com`, password: PASSWORD };
  await refused(new Parse.User({ ...whole, email: 'nobody' }).signUp(), Parse.Error.INVALID_EMAIL_ADDRESS);
  await refused(new Parse.User({ username: whole.username, password: PASSWORD }).signUp(), Parse.Error.EMAIL_MISSING);
});

test('logging in by name or by address, and not with a wrong password', async () => {
  const { user, username } = await somebody();
  assert.equal((await Parse.User.logIn(username, PASSWORD)).id, user.id);
  assert.equal((await Parse.User.logIn(`${username}@example.com`, PASSWORD)).id, user.id);
  await refused(Parse.User.logIn(username, 'a wrong password'), Parse.Error.OBJECT_NOT_FOUND);
  assert.equal((await Parse.User.verifyPassword(username, PASSWORD)).objectId, user.id);
});

test('become takes a token of another device, and no other text', async () => {
  const { user, as } = await somebody();
  Parse.User.enableUnsafeCurrentUser();
  try {
    assert.equal((await Parse.User.become(as.sessionToken)).id, user.id);
    await refused(Parse.User.become(`r:${'0'.repeat(32)}`), Parse.Error.INVALID_SESSION_TOKEN);
  } finally {
    Parse.User.disableUnsafeCurrentUser();
  }
});

test('logging out ends the session of one device', async () => {
  const { username, as } = await somebody();
  Parse.User.enableUnsafeCurrentUser();
  try {
    const here = await Parse.User.logIn(username, PASSWORD, { installationId: randomUUID() });
    const token = here.getSessionToken();
    assert.equal((await Parse.Session.current()).getSessionToken(), token);
    await Parse.User.logOut();
    await refused(Parse.User.me(token), Parse.Error.INVALID_SESSION_TOKEN);
  } finally {
    Parse.User.disableUnsafeCurrentUser();
  }
  assert.equal((await Parse.User.me(as.sessionToken)).get('username'), username);
});

test('a new password ends the other sessions, and the SDK goes on with the token it is given', async () => {
  const { user, username, as } = await somebody();
  const elsewhere = await Parse.User.logIn(username, PASSWORD, { installationId: randomUUID() });
  await user.save({ password: `${PASSWORD}, a new one` }, as);
  assert.notEqual(user.getSessionToken(), as.sessionToken);
  assert.equal((await Parse.User.me(user.getSessionToken())).id, user.id);
  await refused(Parse.User.me(elsewhere.getSessionToken()), Parse.Error.INVALID_SESSION_TOKEN);
  await refused(Parse.User.logIn(username, PASSWORD), Parse.Error.OBJECT_NOT_FOUND);
});

test('sessions are seen and ended by their person only', async () => {
  const [mine, other] = [await somebody(), await somebody()];
  await Parse.User.logIn(mine.username, PASSWORD, { installationId: randomUUID() });
  const sessions = await new Parse.Query(Parse.Session).find(mine.as);
  assert.equal(sessions.length, 2);
  assert.ok(sessions.every(session => session.get('user').id === mine.user.id));
  await refused(new Parse.Query(Parse.Session).get(sessions[0].id, other.as), Parse.Error.OBJECT_NOT_FOUND);
  await sessions.find(session => session.getSessionToken() !== mine.as.sessionToken).destroy(mine.as);
  assert.equal((await new Parse.Query(Parse.Session).find(mine.as)).length, 1);
});

test('colleagues are known by name; their address is theirs', async () => {
  const [mine, other] = [await somebody(), await somebody()];
  const seen = await new Parse.Query(Parse.User).get(other.user.id, mine.as);
  assert.equal(seen.get('username'), other.username);
  assert.equal(seen.get('email'), undefined);
  assert.equal((await new Parse.Query(Parse.User).get(other.user.id, MASTER)).get('email'), `${other.username}@example.com`);
  await refused(new Parse.Query(Parse.User).equalTo('email', 'x@y.z').find(mine.as), Parse.Error.OPERATION_FORBIDDEN);
  await refused(seen.save({ username: 'taken over' }, mine.as), Parse.Error.SESSION_MISSING);
});
