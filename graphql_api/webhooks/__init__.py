"""Webhooks in the API: registering endpoints, and looking after what was delivered to them."""
