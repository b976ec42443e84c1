"""The use cases of credits."""
