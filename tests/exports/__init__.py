"""Exports of personal data, packed as jobs."""
