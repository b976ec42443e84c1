"""GraphQL over HTTP, server-sent events and WebSockets, and what surrounds every request."""
