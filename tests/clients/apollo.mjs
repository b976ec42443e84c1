// One query through Apollo Client with persisted queries: what it sends as text, or what was sent and what came of it.
import { createHash } from 'node:crypto';
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { print } from 'graphql';
import { EMPTY } from 'rxjs';

const [mode, url, token, query] = process.argv.slice(2);
const tell = (value) => console.log(JSON.stringify(value));
const headers = token ? { Authorization: `Bearer ${token}` } : {};

const fetchAndTell = (uri, options) => {
  const body = JSON.parse(options.body);
  tell({ sentText: 'query' in body, sentHash: 'persistedQuery' in (body.extensions ?? {}) });
  return fetch(uri, options);
};
const tellText = new ApolloLink((operation) => {
  tell({ text: print(operation.query) });
  process.exit(0);
  return EMPTY;
});
const persisted = new PersistedQueryLink({ sha256: (text) => createHash('sha256').update(text).digest('hex') });
const http = new HttpLink({ uri: url, headers, fetch: fetchAndTell });
const link = mode === 'text' ? tellText : persisted.concat(http);
const client = new ApolloClient({ link, cache: new InMemoryCache() });
try {
  tell({ data: (await client.query({ query: gql(query) })).data });
} catch (error) {
  tell({ error: error.message });
}
