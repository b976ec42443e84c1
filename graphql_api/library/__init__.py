"""The library in the schema."""
