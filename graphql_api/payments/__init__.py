"""Buying credits in the schema, the gateway's webhooks, and the pages of the test gateway."""
