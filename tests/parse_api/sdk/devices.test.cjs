// What the SDKs of phones send on their own: request ids, installations, config, and bodies of every form.
'use strict';

const { PASSWORD, Parse, assert, made, randomUUID, refused, send, somebody, test } = require('./app.cjs');

const token = person => ({ 'X-Parse-Session-Token': person.as.sessionToken });

test('a write that is sent twice with one request id is done once', async () => {
  const alice = await somebody();
  const headers = { ...token(alice), 'X-Parse-Request-Id': randomUUID() };
  assert.equal((await send('POST', '/classes/Deal', { title: 'once' }, headers)).status, 201);
  const again = await send('POST', '/classes/Deal', { title: 'once' }, headers);
  assert.deepEqual([again.status, again.json.code], [400, Parse.Error.DUPLICATE_REQUEST]);
  assert.equal(await new Parse.Query('Deal').count(alice.as), 1);
});

test('the SDK sends a create again when its answer was lost, and it is made once', async () => {
  const alice = await somebody();
  const controller = Parse.CoreManager.getRESTController();
  const { ajax } = controller;
  Parse.CoreManager.set('IDEMPOTENCY', true);
  let lost = 0;
  controller.ajax = async function (...request) {
    const answer = await ajax.apply(this, request);
    if (request[0] === 'POST' && /classes\/Deal/.test(request[1]) && lost++ === 0) {
      throw new Error('the answer was lost');
    }
    return answer;
  };
  try {
    const deal = new Parse.Object('Deal', { title: 'lost and found' });
    await deal.save(null, alice.as).catch(error => assert.match(error.message, /lost/));
  } finally {
    controller.ajax = ajax;
    Parse.CoreManager.set('IDEMPOTENCY', false);
  }
  assert.equal(await new Parse.Query('Deal').equalTo('title', 'lost and found').count(alice.as), 1);
});

test('a request as the Objective-C SDK sends it: POST with _method and options as text', async () => {
  const alice = await somebody();
  await made('Deal', { title: 'T', stage: 'lead' }, alice);
  const body = { _method: 'GET', where: { stage: 'lead' }, limit: '10', count: '1' };
  const { status, json } = await send('POST', '/classes/Deal', body, token(alice));
  assert.deepEqual([status, json.count, json.results[0].title], [200, 1, 'T']);
});

test('a request as browsers send it: everything in a body of text/plain', async () => {
  const alice = await somebody();
  const keys = { _ApplicationId: 'crm', _JavaScriptKey: 'js', _SessionToken: alice.as.sessionToken };
  const body = JSON.stringify({ ...keys, _method: 'GET' });
  const response = await fetch(`${process.env.SERVER_URL}/users/me`, { method: 'POST', body });
  assert.equal((await response.json()).objectId, alice.user.id);
});

test('browsers of any origin may ask, and read the answer', async () => {
  const response = await fetch(`${process.env.SERVER_URL}/classes/Deal`, { method: 'OPTIONS' });
  assert.equal(response.headers.get('Access-Control-Allow-Origin'), '*');
  assert.match(response.headers.get('Access-Control-Allow-Headers'), /X-Parse-Session-Token/);
});

test('a create says where the record is, and when it was made', async () => {
  const alice = await somebody();
  const { status, headers, json } = await send('POST', '/classes/Company', { name: 'Acme' }, token(alice));
  assert.equal(status, 201);
  assert.equal(headers.get('Location'), `${process.env.SERVER_URL}/classes/Company/${json.objectId}`);
  assert.match(json.createdAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.equal('name' in json, false);
});

test('a device names itself, and again', async () => {
  const device = { installationId: randomUUID(), deviceType: 'ios' };
  assert.equal((await send('POST', '/installations', device)).status, 201);
  assert.equal((await send('POST', '/installations', device)).status, 200);
});

test('config can be read, and what is not here says so', async () => {
  assert.ok(await Parse.Config.get());
  await refused(Parse.Cloud.run('nothing'), Parse.Error.SCRIPT_FAILED);
  assert.equal((await send('GET', '/health', undefined, {})).json.status, 'ok');
});

test('objects are kept on the device, and found there', async () => {
  const alice = await somebody();
  const stages = ['lead', 'won', 'lead'];
  const deals = await Promise.all(stages.map((stage, number) => made('Deal', { title: `${number}`, stage }, alice)));
  Parse.enableLocalDatastore();
  try {
    await Parse.Object.pinAll(deals);
    const local = await new Parse.Query('Deal').fromLocalDatastore().equalTo('stage', 'lead').descending('title').find();
    assert.deepEqual(local.map(deal => deal.get('title')), ['2', '0']);
    await Parse.Object.unPinAllObjects();
  } finally {
    Parse.disableLocalDatastore?.();
    Parse.CoreManager.getLocalDatastore().isEnabled = false;
  }
});

test('a wrong key and a wrong password are told at once, without another attempt', async () => {
  const { username } = await somebody();
  const wrong = await send('GET', '/health-nothing', undefined, { 'X-Parse-Client-Key': 'wrong' });
  assert.deepEqual([wrong.status, wrong.json], [403, { error: 'unauthorized' }]);
  const body = { username, password: `not ${PASSWORD}` };
  assert.equal((await send('POST', '/login', body)).json.code, Parse.Error.OBJECT_NOT_FOUND);
});
