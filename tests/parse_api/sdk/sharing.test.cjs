// Parse.ACL and Parse.Role: who sees and changes what.
'use strict';

const { MASTER, Parse, assert, made, randomUUID, refused, somebody, test } = require('./app.cjs');

const sees = async (object, person) => (await new Parse.Query(object.className).equalTo('objectId', object.id).count(person.as)) === 1;

/** Makes a role with these members. */
async function role(...people) {
  const acl = new Parse.ACL();
  acl.setPublicReadAccess(true);
  const created = new Parse.Role(`Role ${randomUUID()}`, acl);
  created.getUsers().add(people.map(person => person.user));
  return created.save(null, MASTER);
}

test('a record is its owner\'s alone', async () => {
  const [alice, mallory] = [await somebody(), await somebody()];
  const deal = await made('Deal', { title: 'T' }, alice);
  assert.deepEqual([await sees(deal, alice), await sees(deal, mallory)], [true, false]);
  const known = Parse.Object.extend('Deal').createWithoutData(deal.id);
  await refused(known.save({ title: 'mine now' }, mallory.as), Parse.Error.OBJECT_NOT_FOUND);
  await refused(known.destroy(mallory.as), Parse.Error.OBJECT_NOT_FOUND);
});

test('an ACL shares it, to read or to write, and takes it back', async () => {
  const [alice, bob] = [await somebody(), await somebody()];
  const deal = await made('Deal', { title: 'T' }, alice);
  const acl = deal.getACL();
  acl.setReadAccess(bob.user, true);
  await deal.setACL(acl) && (await deal.save(null, alice.as));
  const bobs = await new Parse.Query('Deal').get(deal.id, bob.as);
  await refused(bobs.save({ title: 'bob was here' }, bob.as), Parse.Error.OBJECT_NOT_FOUND);
  acl.setWriteAccess(bob.user, true);
  await deal.save({ ACL: acl }, alice.as);
  await bobs.save({ title: 'bob was here' }, bob.as);
  acl.setReadAccess(bob.user, false);
  acl.setWriteAccess(bob.user, false);
  await deal.save({ ACL: acl }, alice.as);
  assert.equal(await sees(deal, bob), false);
});

test('public read is for everybody who has signed in', async () => {
  const [alice, bob] = [await somebody(), await somebody()];
  const acl = new Parse.ACL(alice.user);
  acl.setPublicReadAccess(true);
  const company = await made('Company', { name: 'Acme', ACL: acl }, alice);
  assert.equal(await sees(company, bob), true);
  await refused(new Parse.Query('Company').get(company.id), Parse.Error.OBJECT_NOT_FOUND);
});

test('a role shares with its members, and with those of its child roles', async () => {
  const [alice, bob, carol] = [await somebody(), await somebody(), await somebody()];
  const [team, trainees] = [await role(bob), await role(carol)];
  const acl = new Parse.ACL(alice.user);
  acl.setRoleReadAccess(team, true);
  const deal = await made('Deal', { title: 'T', ACL: acl }, alice);
  assert.deepEqual([await sees(deal, bob), await sees(deal, carol)], [true, false]);
  team.getRoles().add(trainees);
  await team.save(null, MASTER);
  assert.equal(await sees(deal, carol), true);
  team.getUsers().remove(bob.user);
  await team.save(null, MASTER);
  assert.equal(await sees(deal, bob), false);
});

test('the members of a role are listed; only the master key makes roles', async () => {
  const alice = await somebody();
  const team = await role(alice);
  const members = await team.getUsers().query().find(alice.as);
  assert.deepEqual(members.map(member => member.id), [alice.user.id]);
  const roles = await new Parse.Query(Parse.Role).equalTo('users', alice.user).find(alice.as);
  assert.deepEqual(roles.map(found => found.getName()), [team.getName()]);
  const own = new Parse.Role(`Role ${randomUUID()}`, new Parse.ACL(alice.user));
  await refused(own.save(null, { ...alice.as, useMasterKey: false }), Parse.Error.OPERATION_FORBIDDEN);
});

test('who hands a deal over loses it, and its ACL says whose it is now', async () => {
  const [alice, bob] = [await somebody(), await somebody()];
  const deal = await made('Deal', { title: 'T' }, alice);
  await deal.save({ assignedTo: bob.user }, alice.as);
  assert.deepEqual(deal.getACL().toJSON(), { [bob.user.id]: { read: true, write: true } });
  assert.deepEqual([await sees(deal, alice), await sees(deal, bob)], [false, true]);
});

test('who sees a deal sees the contact and the company that it names', async () => {
  const [alice, bob] = [await somebody(), await somebody()];
  const company = await made('Company', { name: 'Acme' }, alice);
  const contact = await made('Contact', { name: 'Ann', company }, alice);
  const deal = await made('Deal', { title: 'T', contact, company }, alice);
  assert.equal(await sees(contact, bob), false);
  const acl = deal.getACL();
  acl.setReadAccess(bob.user, true);
  await deal.save({ ACL: acl }, alice.as);
  const found = await new Parse.Query('Deal').include('contact', 'company').get(deal.id, bob.as);
  assert.deepEqual([found.get('contact').get('name'), found.get('company').get('name')], ['Ann', 'Acme']);
});

test('managers see and change everything', async () => {
  const [alice, mira] = [await somebody(), await somebody()];
  const managers = await new Parse.Query(Parse.Role).equalTo('name', 'Managers').first(MASTER);
  managers.getUsers().add(mira.user);
  await managers.save(null, MASTER);
  const deal = await made('Deal', { title: 'T' }, alice);
  await (await new Parse.Query('Deal').get(deal.id, mira.as)).save({ stage: 'won' }, mira.as);
  assert.equal((await deal.fetch(alice.as)).get('stage'), 'won');
});
