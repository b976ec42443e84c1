"""The use cases of partners, by subject."""
