// An app on a phone that loses its connection, is closed and opened again: an SDK of its own over what the phone keeps.
'use strict';

const { once } = require('node:events');
const http = require('node:http');
const { PASSWORD, SERVER_URL } = require('./app.cjs');

/** A way to the server that can be cut. What it does with a request is its `mode`, requests are counted by path. */
class Line {
  static async open() {
    const line = new Line();
    line.mode = 'pass'; // or 'cut' before the request goes through, 'lose' the answer, 'busy': 503 in its place
    line.sent = [];
    line.server = http.createServer((request, response) => line.#carry(request, response));
    await line.back();
    return line;
  }

  get url() {
    return `http://127.0.0.1:${this.port}${new URL(SERVER_URL).pathname}`;
  }

  /** Nobody listens any more. */
  async away() {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  async back() {
    if (this.server.listening) return;
    this.server.listen(this.port ?? 0, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = this.server.address().port;
  }

  /** Does something while writes have another fate; looks at the server's health and the like go through. */
  async during(mode, task) {
    this.mode = mode;
    try {
      return await task();
    } finally {
      this.mode = 'pass';
    }
  }

  async #carry(request, response) {
    const body = Buffer.concat(await request.toArray());
    const { _method: method = request.method } = JSON.parse(body.length ? body : '{}');
    const mode = method === 'GET' ? 'pass' : this.mode;
    if (mode === 'cut') return request.socket.destroy();
    const { host, connection, 'content-length': length, ...headers } = request.headers;
    const answer = await fetch(new URL(request.url, SERVER_URL), { method: request.method, headers, body });
    const text = await answer.text();
    this.sent.push({ method, path: request.url, id: request.headers['x-parse-request-id'], status: answer.status });
    if (mode === 'lose') return request.socket.destroy();
    // without this the SDK may take a connection that was cut for one that works, and not that nobody listens
    const plain = { 'Content-Type': 'application/json', Connection: 'close' };
    response.writeHead(mode === 'busy' ? 503 : answer.status, plain);
    response.end(mode === 'busy' ? '{"code": 1, "error": "a gateway"}' : text);
  }
}

/** Opens the app: a fresh SDK; `kept` is what the phone keeps while it is closed. */
function open(line, kept) {
  for (const name of Object.keys(require.cache)) {
    if (name.includes('/node_modules/parse/')) delete require.cache[name];
  }
  const Parse = require('parse/node');
  Parse.CoreManager.setStorageController({
    async: 0,
    getItem: key => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, String(value)),
    removeItem: key => void kept.delete(key),
    getAllKeys: () => [...kept.keys()],
    clear: () => kept.clear(),
  });
  Parse.initialize('crm', 'js');
  Parse.serverURL = line.url;
  Parse.CoreManager.set('REQUEST_ATTEMPT_LIMIT', 2);
  Parse.User.enableUnsafeCurrentUser();
  Parse.enableLocalDatastore(false);
  return Parse;
}

/** Opens the app for the first time and logs in. */
async function installed(line, person, kept = new Map()) {
  const Parse = open(line, kept);
  await Parse.User.logIn(person.username, PASSWORD);
  return { Parse };
}

/** Waits until something holds. */
async function until(condition) {
  const end = Date.now() + 30_000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error('it never came');
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

module.exports = { Line, installed, open, until };
