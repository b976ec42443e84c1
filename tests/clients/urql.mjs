// One query through urql with persisted queries: what it sends as text, or what was sent and what came of it.
import { createHash } from 'node:crypto';
import { Client, fetchExchange, gql, stringifyDocument } from '@urql/core';
import { persistedExchange } from '@urql/exchange-persisted';

const [mode, url, token, query] = process.argv.slice(2);
const tell = (value) => console.log(JSON.stringify(value));
const headers = token ? { Authorization: `Bearer ${token}` } : {};

const fetchAndTell = (uri, options) => {
  const body = JSON.parse(options.body);
  tell({ sentText: 'query' in body, sentHash: 'persistedQuery' in (body.extensions ?? {}) });
  return fetch(uri, options);
};
if (mode === 'text') {
  tell({ text: stringifyDocument(gql(query)) });
  process.exit(0);
}
const persisted = persistedExchange({
  preferGetForPersistedQueries: false,
  generateHash: async (text) => createHash('sha256').update(text).digest('hex'),
});
const client = new Client({ url, fetch: fetchAndTell, fetchOptions: { headers }, exchanges: [persisted, fetchExchange] });
const result = await client.query(gql(query), {}).toPromise();
tell(result.error ? { error: result.error.message } : { data: result.data });
