"""The fair work queue in Redis: scripts that keep the order, the port on top of them, and a worker's end."""
