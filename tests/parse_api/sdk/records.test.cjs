// Parse.Object: creating, changing and deleting records, one by one and many at once.
'use strict';

const { Parse, assert, made, refused, somebody, test } = require('./app.cjs');

const fetched = (object, person) => new Parse.Query(object.className).get(object.id, person.as);

test('a record gets an id, its stamps, an owner and an ACL, and the SDK knows them', async () => {
  const alice = await somebody();
  const deal = await made('Deal', { title: 'Scanners', amount: 1200.5, stage: 'lead' }, alice);
  assert.match(deal.id, /^[A-Za-z0-9]{10}$/);
  assert.ok(deal.createdAt instanceof Date);
  assert.equal(deal.get('assignedTo').id, alice.user.id);
  assert.deepEqual(deal.getACL().toJSON(), { [alice.user.id]: { read: true, write: true } });
  assert.equal(deal.dirty(), false);
  const company = await made('Company', { name: 'Acme' }, alice);
  assert.equal(company.get('createdBy').id, alice.user.id);
});

test('every type of value comes back as it was saved', async () => {
  const alice = await somebody();
  const company = await made('Company', { name: 'Ünïcödé 日本 🚀\r\n\t"\\' }, alice);
  const due = new Date('2031-02-03T04:05:06.789Z');
  const deal = await made('Deal', { title: 'T', amount: -0.1, notes: '', company, expectedCloseDate: due }, alice);
  const again = await fetched(deal, alice);
  assert.equal(again.get('amount'), -0.1);
  assert.equal(again.get('notes'), '');
  assert.equal(again.get('company').id, company.id);
  assert.deepEqual(again.get('expectedCloseDate'), due);
  assert.equal(again.has('stage'), false);
  assert.equal((await fetched(company, alice)).get('name'), company.get('name'));
});

test('only what changed is sent, and two devices change different fields', async () => {
  const alice = await somebody();
  const deal = await made('Deal', { title: 'T', stage: 'lead', amount: 1 }, alice);
  const elsewhere = await fetched(deal, alice);
  await deal.save({ stage: 'won' }, alice.as);
  await elsewhere.save({ amount: 2 }, alice.as);
  const now = await fetched(deal, alice);
  assert.deepEqual([now.get('stage'), now.get('amount')], ['won', 2]);
  assert.ok(now.updatedAt > now.createdAt);
});

test('increments add up whoever counts, and their value is answered', async () => {
  const alice = await somebody();
  const deal = await made('Deal', { title: 'T' }, alice);
  const elsewhere = await fetched(deal, alice);
  await deal.increment('amount', 5).save(null, alice.as);
  await elsewhere.decrement('amount', 2).save(null, alice.as);
  assert.equal(elsewhere.get('amount'), 3);
});

test('a field is cleared by unset, a required one is not', async () => {
  const alice = await somebody();
  const deal = await made('Deal', { title: 'T', stage: 'lead' }, alice);
  deal.unset('stage');
  await deal.save(null, alice.as);
  assert.equal((await fetched(deal, alice)).has('stage'), false);
  deal.unset('title');
  await refused(deal.save(null, alice.as), Parse.Error.VALIDATION_ERROR);
});

test('what cannot be saved is refused with the code that apps know', async () => {
  const alice = await somebody();
  await refused(made('Deal', { stage: 'lead' }, alice), Parse.Error.VALIDATION_ERROR);
  await refused(made('Deal', { title: 1 }, alice), Parse.Error.INCORRECT_TYPE);
  await refused(made('Deal', { title: 'T', colour: 'red' }, alice), Parse.Error.OPERATION_FORBIDDEN);
  await refused(made('Invoice', { title: 'T' }, alice), Parse.Error.OPERATION_FORBIDDEN);
  const nobodys = Parse.Object.extend('Company').createWithoutData('aaaaaaaaaa');
  await refused(made('Deal', { title: 'T', company: nobodys }, alice), Parse.Error.OBJECT_NOT_FOUND);
  await refused(new Parse.Object('Deal', { title: 'T' }).save(), Parse.Error.OBJECT_NOT_FOUND);
});

test('a new record saves the new records that it points to', async () => {
  const alice = await somebody();
  const company = await made('Company', { name: 'Acme' }, alice);
  const contact = new Parse.Object('Contact', { name: 'Ann', company });
  const deal = await made('Deal', { title: 'T', contact, company: new Parse.Object('Company', { name: 'B' }) }, alice);
  const query = new Parse.Query('Deal').include('contact.company');
  assert.equal((await query.get(deal.id, alice.as)).get('contact').get('company').get('name'), 'Acme');
});

test('an activity is about a contact or about a deal', async () => {
  const alice = await somebody();
  const about = [await made('Contact', { name: 'Ann' }, alice), await made('Deal', { title: 'T' }, alice)];
  for (const relatedTo of about) {
    await made('Activity', { type: 'call', subject: relatedTo.className, relatedTo }, alice);
    const found = await new Parse.Query('Activity').equalTo('relatedTo', relatedTo).include('relatedTo').find(alice.as);
    assert.deepEqual(found.map(activity => activity.get('subject')), [relatedTo.className]);
    assert.equal(found[0].get('relatedTo').className, relatedTo.className);
    assert.ok(found[0].get('relatedTo').createdAt);
  }
  const company = await made('Company', { name: 'Acme' }, alice);
  await refused(made('Activity', { relatedTo: company }, alice), Parse.Error.INCORRECT_TYPE);
});

test('many are saved, fetched and deleted at once, in batches', async () => {
  const alice = await somebody();
  const deals = Array.from({ length: 45 }, (_, number) => new Parse.Object('Deal', { title: `${number}` }));
  await Parse.Object.saveAll(deals, alice.as);
  assert.equal(new Set(deals.map(deal => deal.id)).size, 45);
  await Parse.Object.fetchAll(deals, alice.as);
  assert.equal(deals[7].get('title'), '7');
  await Parse.Object.destroyAll(deals, alice.as);
  assert.equal(await new Parse.Query('Deal').count(alice.as), 0);
});

test('of a batch the others are saved; of a transaction none', async () => {
  const alice = await somebody();
  const pair = () => [new Parse.Object('Deal', { title: 'good' }), new Parse.Object('Deal', { amount: 1 })];
  await assert.rejects(Parse.Object.saveAll(pair(), alice.as));
  assert.equal(await new Parse.Query('Deal').count(alice.as), 1);
  await assert.rejects(Parse.Object.saveAll(pair(), { ...alice.as, transaction: true }));
  assert.equal(await new Parse.Query('Deal').count(alice.as), 1);
});

test('who deletes a deal deletes the activities about it', async () => {
  const alice = await somebody();
  const deal = await made('Deal', { title: 'T' }, alice);
  const activity = await made('Activity', { subject: 'S', relatedTo: deal }, alice);
  await deal.destroy(alice.as);
  await refused(fetched(deal, alice), Parse.Error.OBJECT_NOT_FOUND);
  await refused(fetched(activity, alice), Parse.Error.OBJECT_NOT_FOUND);
});
