// Parse.LiveQueryClient: a query that is followed.
'use strict';

const { Parse, SERVER_URL, assert, made, somebody, test } = require('./app.cjs');

/** Opens a connection in a person's name, which ends with the test. */
function connected(t, person) {
  const client = new Parse.LiveQueryClient({
    applicationId: 'crm',
    javascriptKey: 'js',
    serverURL: SERVER_URL.replace('http', 'ws'),
    sessionToken: person.as.sessionToken,
  });
  client.open();
  t.after(() => client.close());
  return client;
}

test('a query that shows a field of what it points at can be followed', async t => {
  const alice = await somebody();
  const company = await made('Company', { name: 'Acme' }, alice);
  const shown = new Parse.Query('Deal').select('title', 'company.name').include('company');
  const subscription = connected(t, alice).subscribe(shown, alice.as.sessionToken);
  const created = new Promise(resolve => subscription.on('create', resolve));
  const updated = new Promise(resolve => subscription.on('update', resolve));
  await subscription.subscribePromise;
  const deal = await made('Deal', { title: 'Scanners', amount: 5, company }, alice);
  const event = await created;
  // As at a Parse server: an event has what was selected of the object itself, and nothing of what it points at.
  assert.deepEqual([event.id, event.get('title'), event.get('amount')], [deal.id, 'Scanners', undefined]);
  assert.equal(event.get('company'), undefined);
  await deal.save({ title: 'Printers' }, alice.as);
  assert.equal((await updated).get('title'), 'Printers');
});
