"""Sending webhooks out."""
