// One operation through graphql-ws or graphql-sse; every result as a line of JSON, then how it ended.
import { createClient as createSocketClient } from 'graphql-ws';
import { createClient as createStreamClient } from 'graphql-sse';
import WebSocket from 'ws';

const [transport, url, token, query, variables] = process.argv.slice(2);
const headers = token ? { Authorization: `Bearer ${token}` } : {};
const client =
  transport === 'ws'
    ? createSocketClient({ url: url.replace('http', 'ws'), webSocketImpl: WebSocket, connectionParams: headers, retryAttempts: 0 })
    : createStreamClient({ url, headers, singleConnection: false, retryAttempts: 0 });

client.subscribe(
  { query, variables: JSON.parse(variables) },
  {
    next: (value) => console.log(JSON.stringify({ next: value })),
    error: (error) => {
      console.log(JSON.stringify({ error: Array.isArray(error) ? error : String(error.message ?? error.reason ?? error) }));
      process.exit(0);
    },
    complete: () => {
      console.log(JSON.stringify({ complete: true }));
      process.exit(0);
    },
  },
);
