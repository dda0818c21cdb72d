// Parse.Query: what it can ask, on one person's pipeline.
'use strict';

const { before } = require('node:test');
const { MASTER, Parse, assert, made, refused, somebody, test } = require('./app.cjs');

const STAGES = ['lead', 'won', 'lost'];
const day = number => new Date(Date.UTC(2031, 0, 1 + number));
let alice;
let acme;
let ann;

before(async () => {
  alice = await somebody();
  acme = await made('Company', { name: 'Acme' }, alice);
  ann = await made('Contact', { name: 'Ann', company: acme }, alice);
  const deals = Array.from({ length: 9 }, (_, number) => {
    const deal = new Parse.Object('Deal', { title: `deal ${number}`, amount: number * 10, stage: STAGES[number % 3] });
    deal.set('expectedCloseDate', day(number));
    if (number < 3) {
      deal.set({ contact: ann, company: acme, notes: `Call (+1) "back" ${number}%` });
    }
    return deal;
  });
  deals[8].unset('amount');
  await Parse.Object.saveAll(deals, alice.as);
});

/** Returns the numbers of the deals that a query finds. */
async function numbers(query) {
  const found = await query.ascending('title').find(alice.as);
  return found.map(deal => Number(deal.get('title').slice(-1)));
}
const deals = () => new Parse.Query('Deal');
const anns = () => new Parse.Query('Contact').equalTo('name', 'Ann');

const QUESTIONS = {
  equalTo: [deals => deals.equalTo('stage', 'won'), [1, 4, 7]],
  'equalTo a pointer': [deals => deals.equalTo('contact', ann), [0, 1, 2]],
  'equalTo a date': [deals => deals.equalTo('expectedCloseDate', day(4)), [4]],
  notEqualTo: [deals => deals.notEqualTo('amount', 0), [1, 2, 3, 4, 5, 6, 7, 8]],
  'lessThan, greaterThanOrEqualTo': [deals => deals.lessThan('amount', 40).greaterThanOrEqualTo('amount', 20), [2, 3]],
  'dates between': [deals => deals.greaterThan('expectedCloseDate', day(2)).lessThanOrEqualTo('expectedCloseDate', day(4)), [3, 4]],
  containedIn: [deals => deals.containedIn('stage', ['won', 'nothing']), [1, 4, 7]],
  notContainedIn: [deals => deals.notContainedIn('stage', ['won', 'lead']), [2, 5, 8]],
  exists: [deals => deals.exists('contact'), [0, 1, 2]],
  doesNotExist: [deals => deals.doesNotExist('amount'), [8]],
  matches: [deals => deals.matches('title', /^DEAL [0-2]$/i), [0, 1, 2]],
  startsWith: [deals => deals.startsWith('notes', 'Call (+1) "b'), [0, 1, 2]],
  endsWith: [deals => deals.endsWith('notes', '2%'), [2]],
  contains: [deals => deals.contains('notes', '(+1)'), [0, 1, 2]],
  fullText: [deals => deals.fullText('notes', 'call'), [0, 1, 2]],
  matchesQuery: [deals => deals.matchesQuery('contact', anns()), [0, 1, 2]],
  doesNotMatchQuery: [deals => deals.doesNotMatchQuery('contact', anns()), [3, 4, 5, 6, 7, 8]],
  matchesKeyInQuery: [deals => deals.matchesKeyInQuery('company', 'company', anns()), [0, 1, 2]],
  or: [() => Parse.Query.or(deals().equalTo('amount', 10), deals().equalTo('stage', 'lost')), [1, 2, 5, 8]],
  and: [() => Parse.Query.and(deals().exists('contact'), deals().equalTo('stage', 'lost')), [2]],
  nor: [() => Parse.Query.nor(deals().exists('contact'), deals().equalTo('stage', 'lost')), [3, 4, 6, 7]],
};

for (const [name, [ask, expected]] of Object.entries(QUESTIONS)) {
  test(name, async () => assert.deepEqual(await numbers(ask(deals())), expected));
}

test('order, limit, skip, and the count of all', async () => {
  const page = await deals().descending('amount').limit(2).skip(1).withCount().find(alice.as);
  assert.equal(page.count, 9);
  assert.deepEqual(page.results.map(deal => deal.get('amount')), [70, 60]);
  assert.equal(await deals().equalTo('stage', 'won').count(alice.as), 3);
  assert.equal((await deals().ascending('amount').first(alice.as)).get('amount'), 0);
});

test('include, select and exclude choose what comes', async () => {
  const whole = await deals().include('contact.company').equalTo('amount', 10).first(alice.as);
  assert.equal(whole.get('contact').get('company').get('name'), 'Acme');
  const few = await deals().select('title', 'contact.name').equalTo('amount', 10).first(alice.as);
  assert.deepEqual([few.has('stage'), few.has('title'), few.get('contact').get('name')], [false, true, 'Ann']);
  const less = await deals().exclude('notes').includeAll().equalTo('amount', 10).first(alice.as);
  assert.deepEqual([less.has('notes'), less.get('assignedTo').get('username')], [false, alice.username]);
});

test('each, eachBatch and findAll walk through everything', async () => {
  const seen = [];
  await deals().each(deal => seen.push(deal.id), alice.as);
  assert.equal(new Set(seen).size, 9);
  assert.equal((await deals().findAll({ ...alice.as, batchSize: 4 })).length, 9);
});

test('other people find nothing of it, in any way', async () => {
  const mallory = await somebody();
  assert.deepEqual(await deals().containedIn('stage', STAGES).equalTo('company', acme).find(mallory.as), []);
  assert.equal(await deals().equalTo('company', acme).count(mallory.as), 0);
  assert.deepEqual(await deals().matchesQuery('contact', anns()).find(mallory.as), []);
  await refused(deals().get(ann.id, mallory.as), Parse.Error.OBJECT_NOT_FOUND);
});

test('distinct and aggregate are for the master key', async () => {
  const mine = deals().equalTo('company', acme);
  assert.deepEqual((await mine.distinct('stage', MASTER)).sort(), [...STAGES].sort());
  const pipeline = [
    { $match: { company: acme.toPointer() } },
    { $group: { _id: null, total: { $sum: '$amount' } } },
  ];
  const sums = await deals().aggregate(pipeline, MASTER);
  assert.deepEqual(sums, [{ objectId: null, total: 30 }]);
  await assert.rejects(deals().aggregate(pipeline, { useMasterKey: false, ...alice.as }));
});

test('what makes no sense is refused, and asked once only', async () => {
  await refused(deals().equalTo('company.name', 'Acme').find(alice.as), Parse.Error.INVALID_QUERY);
  await refused(deals().matches('title', '(').find(alice.as), Parse.Error.INVALID_QUERY);
  await refused(deals().equalTo('amount', 'ten').find(alice.as), Parse.Error.INVALID_QUERY);
  await refused(new Parse.Query('Invoice').find(alice.as), Parse.Error.OPERATION_FORBIDDEN);
});
