"""The queries of webhooks: endpoints, and their deliveries."""
