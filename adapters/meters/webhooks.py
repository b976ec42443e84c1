"""Deliveries counted for Prometheus."""

from prometheus_client import Counter, Gauge, Histogram

ATTEMPTS = Counter("cadenza_webhook_attempts_total", "Attempts to deliver webhooks, by how they ended.", ["outcome"])
SECONDS = Histogram(
    "cadenza_webhook_attempt_seconds", "How long attempts took.", buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15)
)
DISABLED = Counter("cadenza_webhook_endpoints_disabled_total", "Endpoints that failed too long.", ["reason"])
DUE = Gauge("cadenza_webhook_deliveries_due", "Deliveries that are due and not begun.")


class PrometheusWebhookMeter:
    """Workers deliver, so these stand in a worker's metrics."""

    def attempted(self, outcome: str, seconds: float) -> None:
        ATTEMPTS.labels(outcome).inc()
        SECONDS.observe(seconds)

    def disabled(self, reason: str) -> None:
        DISABLED.labels(reason).inc()

    def waiting(self, count: int) -> None:
        DUE.set(count)
