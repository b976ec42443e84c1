"""The notes of versions in the API."""
