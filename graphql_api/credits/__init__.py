"""Credits in the schema."""
