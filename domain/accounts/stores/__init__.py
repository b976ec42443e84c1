"""The queries of accounts, one module per collection."""
