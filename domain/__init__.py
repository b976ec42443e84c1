"""The rules of Cadenza, free of GraphQL, queues and vendors."""
