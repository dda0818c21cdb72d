// Serves parse-server: DATABASE (name), SOCKET (directory of PostgreSQL), PORT, WORKERS and MODULES say where;
// with LIVE it tells of changes, too.
'use strict';

const cluster = require('node:cluster');
const { createRequire } = require('node:module');

const { DATABASE, SOCKET, PORT, WORKERS, MODULES, LIVE } = process.env;

async function serve() {
  const load = createRequire(`${MODULES}/`);
  const { ParseServer, ParseGraphQLServer } = load('parse-server');
  const server = new ParseServer({
    databaseURI: `postgres://crm@localhost/${DATABASE}`,
    databaseOptions: { host: SOCKET }, // it says that it does not know this key, and heeds it
    appId: 'crm',
    masterKey: 'master',
    restAPIKey: 'rest',
    javascriptKey: 'js',
    clientKey: 'client',
    serverURL: `http://127.0.0.1:${PORT}/parse`,
    cloud: require('./ownership.js'),
    schema: { definitions: require('./classes.js'), strict: true, lockSchemas: true },
    allowClientClassCreation: false,
    ...(LIVE && { liveQuery: { classNames: ['Company', 'Contact', 'Deal', 'Activity'] }, startLiveQueryServer: false }),
    idempotencyOptions: { paths: ['.*'], ttl: 120 },
    silent: true,
    logsFolder: null,
  });
  await server.start();
  const app = load('express')();
  app.use('/parse', server.app);
  new ParseGraphQLServer(server, { graphQLPath: '/graphql' }).applyGraphQL(app);
  const http = app.listen(Number(PORT), '127.0.0.1');
  if (LIVE) {
    await ParseServer.createLiveQueryServer(http, { appId: 'crm', masterKey: 'master', keyPairs: { restAPIKey: 'rest' } });
  }
}

if (cluster.isPrimary && Number(WORKERS) > 1) {
  for (let number = 0; number < Number(WORKERS); number += 1) {
    cluster.fork();
  }
} else {
  serve();
}
