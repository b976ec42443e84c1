"""Bulk edits as the schema shows them."""
