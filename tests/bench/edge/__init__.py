"""`make bench-api`: the GraphQL edge beside strawberry's stock ASGI application, and under attack."""
