// An app that goes away, edits what it has on the device, and comes back.
'use strict';

const { after, before, beforeEach } = require('node:test');
const { Parse: Web, assert, randomUUID, refused, somebody, test } = require('./app.cjs');
const { Line, installed, open, until } = require('./phone.cjs');

let line;
before(async () => {
  line = await Line.open();
});
after(() => line.away());
beforeEach(async () => {
  await line.back();
  line.sent = [];
});

const writes = () => line.sent.filter(each => each.method !== 'GET' && /classes/.test(each.path));
const titled = (title, person) => new Web.Query('Deal').equalTo('title', title).find(person.as);
const fresh = (object, person) => new Web.Query(object.className).get(object.id, person.as);
const kept = Parse => new Parse.Query('Deal').fromPinWithName('mine').ascending('title').find();
const plain = objects => objects.map(each => each.toJSON()).sort((a, b) => (a.objectId < b.objectId ? -1 : 1));

/** Has the app keep what the server has, in place of what it kept. */
async function keepAnew(Parse) {
  const deals = await new Parse.Query('Deal').find();
  await Parse.Object.unPinAllObjectsWithName('mine');
  await Parse.Object.pinAllWithName('mine', deals);
}

test('an app that pinned deals, went away, edited and came back ends with what the server has', async () => {
  const alice = await somebody();
  const phone = new Map();
  const { Parse } = await installed(line, alice, phone);
  const names = ['changed', 'changed elsewhere', 'deleted', 'left alone'];
  const deals = await Promise.all(names.map(title => new Parse.Object('Deal', { title, stage: 'lead' }).save()));
  await Parse.Object.pinAllWithName('mine', deals);

  await line.away();
  assert.deepEqual((await kept(Parse)).map(deal => deal.get('title')), names);
  await deals[0].set('stage', 'won').pinWithName('mine');
  await deals[0].saveEventually();
  await deals[2].destroyEventually();
  const added = new Parse.Object('Deal', { title: 'new', amount: 5 });
  await added.pinWithName('mine');
  await added.saveEventually();
  assert.equal((await kept(Parse)).find(deal => deal.get('title') === 'changed').get('stage'), 'won');
  assert.equal(await Parse.EventuallyQueue.length(), 3);
  Parse.EventuallyQueue.stopPoll();
  const elsewhere = await fresh(deals[1], alice);
  await elsewhere.save({ notes: 'from the desk' }, alice.as);

  const again = open(line, phone); // the phone was off meanwhile
  assert.equal((await again.User.currentAsync()).id, alice.user.id);
  assert.equal(await again.EventuallyQueue.length(), 3);
  await line.back();
  assert.equal(await again.EventuallyQueue.sendQueue(), true);
  assert.equal(await again.EventuallyQueue.length(), 0);
  await keepAnew(again);

  const there = await new Web.Query('Deal').find(alice.as);
  assert.deepEqual(plain(await kept(again)), plain(there));
  assert.deepEqual(there.map(deal => [deal.get('title'), deal.get('stage'), deal.get('notes')].join()).sort(), [
    'changed elsewhere,lead,from the desk',
    'changed,won,',
    'left alone,lead,',
    'new,,',
  ]);
  const mine = { [alice.user.id]: { read: true, write: true } };
  assert.deepEqual(there.map(deal => deal.getACL().toJSON()), [mine, mine, mine, mine]);
  assert.deepEqual(there.map(deal => deal.get('assignedTo').id), Array(4).fill(alice.user.id));
  assert.deepEqual(writes().slice(-3).map(each => [each.method, each.status]).sort(), [
    ['DELETE', 200], ['POST', 201], ['PUT', 200],
  ]);
});

test('an app that asks whether the server is back sends its queue by itself', async () => {
  const alice = await somebody();
  const { Parse } = await installed(line, alice);
  const deal = await new Parse.Object('Deal', { title: 'T' }).save();
  await line.away();
  await deal.destroyEventually();
  assert.equal(Parse.EventuallyQueue.isPolling(), true);
  await line.back();
  await until(async () => (await Parse.EventuallyQueue.length()) === 0);
  assert.equal(Parse.EventuallyQueue.isPolling(), false);
  await refused(fresh(deal, alice), 101);
});

test('what is queued is sent once, also when the queue is sent again', async () => {
  const alice = await somebody();
  const { Parse } = await installed(line, alice);
  const title = randomUUID();
  await line.away();
  await new Parse.Object('Deal', { title }).saveEventually();
  Parse.EventuallyQueue.stopPoll();
  assert.equal(await Parse.EventuallyQueue.sendQueue(), true); // still away: it stays
  assert.equal(await Parse.EventuallyQueue.length(), 1);
  await line.back();
  assert.equal(await Parse.EventuallyQueue.sendQueue(), true);
  assert.equal(await Parse.EventuallyQueue.sendQueue(), false);
  assert.equal((await titled(title, alice)).length, 1);
  assert.equal(writes().length, 1);
});

for (const mode of ['lose', 'busy']) {
  test(`a queued create whose answer is lost is made once (${mode})`, async () => {
    const alice = await somebody();
    const { Parse } = await installed(line, alice);
    Parse.CoreManager.set('IDEMPOTENCY', true);
    const title = randomUUID();
    await line.away();
    await new Parse.Object('Deal', { title }).saveEventually();
    Parse.EventuallyQueue.stopPoll();
    await line.back();
    await line.during(mode, () => Parse.EventuallyQueue.sendQueue());
    assert.equal(await Parse.EventuallyQueue.length(), 0);
    await Parse.EventuallyQueue.sendQueue();
    assert.equal((await titled(title, alice)).length, 1);
    const [first, ...repeated] = writes();
    assert.equal(first.status, 201);
    assert.deepEqual(repeated.map(each => [each.id, each.status]), mode === 'busy' ? [[first.id, 400]] : []);
  });
}

for (const mode of ['lose', 'busy']) {
  test(`a queued change and a queued deletion whose answers are lost are done once (${mode})`, async () => {
    const alice = await somebody();
    const { Parse } = await installed(line, alice);
    Parse.CoreManager.set('IDEMPOTENCY', true);
    const deal = await new Parse.Object('Deal', { title: 'T', amount: 1 }).save();
    const other = await new Parse.Object('Deal', { title: 'T' }).save();
    await line.away();
    await deal.set('amount', 2).saveEventually();
    await other.destroyEventually();
    Parse.EventuallyQueue.stopPoll();
    await line.back();
    await line.during(mode, () => Parse.EventuallyQueue.sendQueue());
    assert.equal(await Parse.EventuallyQueue.length(), 0);
    const there = await fresh(deal, alice);
    assert.equal(there.get('amount'), 2);
    await refused(fresh(other, alice), 101);
    assert.equal(writes().filter(each => each.method === 'PUT' && each.status === 200).length, 1);
    assert.equal(writes().filter(each => each.method === 'DELETE' && each.status === 200).length, 1);
  });
}

test('a save whose answer is lost is no second object, whoever repeats it with its id', async () => {
  const alice = await somebody();
  const { Parse } = await installed(line, alice);
  Parse.CoreManager.set('IDEMPOTENCY', true);
  const title = randomUUID();
  await line.during('busy', () => new Parse.Object('Deal', { title }).saveEventually());
  assert.equal(await Parse.EventuallyQueue.length(), 0); // 159 said that it had arrived
  assert.equal((await titled(title, alice)).length, 1);
});

test('a change that somebody else made first wins over a queued one, and the queue goes on', async () => {
  const [alice, ben] = [await somebody(), await somebody()];
  const { Parse } = await installed(line, alice);
  const deal = new Parse.Object('Deal', { title: 'T', stage: 'lead' });
  const acl = new Parse.ACL(await Parse.User.currentAsync());
  acl.setReadAccess(ben.user.id, true);
  acl.setWriteAccess(ben.user.id, true);
  await deal.setACL(acl).save();
  const title = randomUUID();
  await line.away();
  await deal.set('stage', 'won').saveEventually();
  await new Parse.Object('Deal', { title }).saveEventually();
  Parse.EventuallyQueue.stopPoll();
  await (await fresh(deal, ben)).save({ stage: 'lost' }, ben.as);
  await line.back();
  await Parse.EventuallyQueue.sendQueue();
  assert.equal((await fresh(deal, alice)).get('stage'), 'lost');
  assert.equal((await titled(title, alice)).length, 1);
  assert.equal(await Parse.EventuallyQueue.length(), 0);
});

test('what may not be written any more when the app is back is refused, and the rest is sent', async () => {
  const [alice, ben] = [await somebody(), await somebody()];
  const { Parse } = await installed(line, alice);
  const deals = await Promise.all(['taken', 'deleted'].map(title => new Parse.Object('Deal', { title }).save()));
  const title = randomUUID();
  await line.away();
  for (const deal of deals) await deal.set('stage', 'won').saveEventually();
  await new Parse.Object('Deal', { title }).saveEventually();
  Parse.EventuallyQueue.stopPoll();
  await (await fresh(deals[0], alice)).save({ assignedTo: ben.user }, alice.as);
  await (await fresh(deals[1], alice)).destroy(alice.as);
  await line.back();
  await Parse.EventuallyQueue.sendQueue();
  assert.equal(await Parse.EventuallyQueue.length(), 0);
  assert.equal((await fresh(deals[0], ben)).get('stage'), undefined);
  assert.equal((await titled(title, alice)).length, 1);
});

test('several edits of one object while away are one write', async () => {
  const alice = await somebody();
  const { Parse } = await installed(line, alice);
  const deal = await new Parse.Object('Deal', { title: 'T' }).save();
  await line.away();
  await deal.set('stage', 'won').saveEventually();
  await deal.set('amount', 7).saveEventually();
  Parse.EventuallyQueue.stopPoll();
  assert.equal(await Parse.EventuallyQueue.length(), 1);
  await line.back();
  line.sent = [];
  await Parse.EventuallyQueue.sendQueue();
  const there = await fresh(deal, alice);
  assert.deepEqual([there.get('stage'), there.get('amount')], ['won', 7]);
  assert.deepEqual(writes().map(each => each.method), ['PUT']);
});
