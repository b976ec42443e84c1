"""The queries of partners, by collection."""
