// saveSoon and sendSoon as docs/mobile.md has them, and what it says of the SDK's own queue.
'use strict';

const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { after, before, beforeEach } = require('node:test');
const { Parse: Web, assert, made, randomUUID, refused, somebody, test } = require('./app.cjs');
const { Line, installed, open } = require('./phone.cjs');

const PAGE = readFileSync(join(__dirname, '../../../docs/mobile.md'), 'utf8');
const [, CODE] = /```js\n((?:(?!```)[\s\S])*?async function saveSoon[\s\S]*?)```/.exec(PAGE);

let line;
before(async () => {
  line = await Line.open();
});
after(() => line.away());
beforeEach(async () => {
  await line.back();
  line.sent = [];
});

/** Gives an app the functions of the page. */
const ours = Parse => new Function('Parse', `${CODE}; return { saveSoon, sendSoon };`)(Parse);
const writes = () => line.sent.filter(each => each.method !== 'GET' && /classes/.test(each.path));
const fresh = (object, person) => new Web.Query(object.className).get(object.id, person.as);
const titled = (title, person) => new Web.Query('Deal').equalTo('title', title).find(person.as);

test('the SDK itself forgets a write when the connection breaks; saveSoon keeps it and it is sent once', async () => {
  const alice = await somebody();
  const { Parse } = await installed(line, alice);
  const { saveSoon, sendSoon } = ours(Parse);
  const [title, other] = [randomUUID(), randomUUID()];
  await line.during('cut', async () => {
    await new Parse.Object('Deal', { title: other }).saveEventually();
    assert.equal(await Parse.EventuallyQueue.length(), 0);
    await saveSoon(new Parse.Object('Deal', { title, amount: 5 }));
    assert.equal(await Parse.EventuallyQueue.length(), 1);
  });
  await Promise.all([sendSoon(), sendSoon(), sendSoon()]);
  await sendSoon();
  assert.deepEqual((await titled(title, alice)).map(deal => deal.get('amount')), [5]);
  assert.deepEqual(await titled(other, alice), []);
  assert.equal(writes().length, 1);
});

test('of two who change different fields both are kept, also of an object that was changed before', async () => {
  const [alice, ben] = [await somebody(), await somebody()];
  const { Parse } = await installed(line, alice);
  const { saveSoon, sendSoon } = ours(Parse);
  const deal = new Parse.Object('Deal', { title: 'T', stage: 'lead', notes: 'n', amount: 1 });
  const acl = new Parse.ACL(await Parse.User.currentAsync());
  acl.setReadAccess(ben.user.id, true);
  acl.setWriteAccess(ben.user.id, true);
  await deal.setACL(acl).save();
  await deal.save({ amount: 2 });
  await line.away();
  deal.set('stage', 'won').unset('notes').set('expectedCloseDate', new Date('2030-01-02T03:04:05.678Z'));
  await saveSoon(deal);
  await (await fresh(deal, ben)).save({ amount: 3, title: 'from Ben' }, ben.as);
  await line.back();
  await sendSoon();
  const there = await fresh(deal, alice);
  assert.deepEqual(
    ['stage', 'notes', 'amount', 'title'].map(name => there.get(name)), ['won', undefined, 3, 'from Ben']
  );
  assert.equal(there.get('expectedCloseDate').toISOString(), '2030-01-02T03:04:05.678Z');
  assert.equal(there.getACL().getWriteAccess(ben.user.id), true);
  assert.equal(await Parse.EventuallyQueue.length(), 0);
});

test('the SDK itself drops a queued change of an object that was ever changed before', async () => {
  const alice = await somebody();
  const { Parse } = await installed(line, alice);
  const deal = await new Parse.Object('Deal', { title: 'T', stage: 'lead' }).save();
  await deal.save({ amount: 2 });
  await line.away();
  await deal.set('stage', 'won').saveEventually();
  Parse.EventuallyQueue.stopPoll();
  await line.back();
  await Parse.EventuallyQueue.sendQueue();
  assert.equal((await fresh(deal, alice)).get('stage'), 'lead');
});

test('edits before and after the app was closed go together, the last of each field', async () => {
  const alice = await somebody();
  const phone = new Map();
  const { Parse } = await installed(line, alice, phone);
  const deal = await new Parse.Object('Deal', { title: 'T', stage: 'lead' }).save();
  await line.away();
  await ours(Parse).saveSoon(deal.set('stage', 'qualified').set('amount', 7));
  const again = open(line, phone);
  const { saveSoon, sendSoon } = ours(again);
  const known = again.Object.fromJSON({ ...deal.toJSON(), className: 'Deal', stage: 'lead', amount: undefined });
  await saveSoon(known.set('stage', 'won'));
  assert.equal(await again.EventuallyQueue.length(), 1);
  await line.back();
  await sendSoon();
  const there = await fresh(deal, alice);
  assert.deepEqual([there.get('stage'), there.get('amount')], ['won', 7]);
  assert.deepEqual(writes().slice(-1).map(each => [each.method, each.status]), [['PUT', 200]]);
});

test('what is refused is told, what may not be written any more is dropped, and away nothing is lost', async () => {
  const [alice, ben] = [await somebody(), await somebody()];
  const { Parse } = await installed(line, alice);
  const { saveSoon, sendSoon } = ours(Parse);
  await refused(saveSoon(new Parse.Object('Deal', { amount: 5 })), Parse.Error.VALIDATION_ERROR);
  const deal = await new Parse.Object('Deal', { title: 'T' }).save();
  await line.away();
  await saveSoon(deal.set('stage', 'won'));
  assert.equal(await sendSoon(), false);
  assert.equal(await Parse.EventuallyQueue.length(), 1);
  await (await fresh(deal, alice)).save({ assignedTo: ben.user }, alice.as);
  await line.back();
  await sendSoon();
  assert.equal(await Parse.EventuallyQueue.length(), 0);
  assert.equal((await fresh(deal, ben)).get('stage'), undefined);
});

test('a copy is kept up to date through the SDK, and starts over when it must', async () => {
  const [alice, ben] = [await somebody(), await somebody()];
  const { Parse } = await installed(line, alice);
  const ask = since => Parse.CoreManager.getRESTController().request('GET', 'changes', { classes: 'Deal', since });
  const deal = await made('Deal', { title: 'T' }, alice);
  const first = await ask();
  assert.deepEqual(first.results.Deal.map(each => each.objectId), [deal.id]);
  await deal.save({ assignedTo: ben.user }, alice.as);
  const added = await made('Deal', { title: 'new' }, alice);
  const then = await ask(first.cursor);
  assert.deepEqual([then.results.Deal.map(each => each.objectId), then.gone.Deal], [[added.id], [deal.id]]);
  assert.equal(Parse.Object.fromJSON({ ...then.results.Deal[0], className: 'Deal' }).get('title'), 'new');
  await Parse.User.logOut();
  await Parse.User.logIn(ben.username, 'a password of some length');
  await refused(ask(then.cursor), Parse.Error.CACHE_MISS);
  assert.deepEqual((await ask()).results.Deal.map(each => each.objectId), [deal.id]);
});
