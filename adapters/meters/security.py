"""Security events, counted for Prometheus."""

from prometheus_client import Counter

from domain.accounts.audit import SecurityEventKind

EVENTS = Counter("cadenza_security_events_total", "What happened to accounts, by kind.", ["kind"])


class PrometheusSecurityMeter:
    """Counts kinds, and no accounts."""

    def happened(self, kind: SecurityEventKind) -> None:
        EVENTS.labels(kind.value).inc()
