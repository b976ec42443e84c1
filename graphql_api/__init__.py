"""The GraphQL edge: parse, call one service method, map the answer."""
