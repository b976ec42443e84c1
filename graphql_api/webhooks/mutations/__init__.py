"""What can be done with webhooks: to endpoints, and to deliveries."""
