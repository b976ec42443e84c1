"""The engine beside graphql-core's own."""
