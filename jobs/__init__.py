"""The worker's edge: thin functions that take a message, call a service and sort failures."""
