"""What the domain counts, as Prometheus metrics."""
