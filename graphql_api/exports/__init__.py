"""Exports of personal data as the schema shows them."""
