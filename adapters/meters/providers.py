"""Attempts to sign in by a provider, counted for Prometheus."""

from prometheus_client import Counter, Histogram

ATTEMPTS = Counter(
    "cadenza_provider_sign_ins_total", "Attempts to sign in or link by a provider.", ["provider", "outcome"]
)
SECONDS = Histogram(
    "cadenza_provider_seconds",
    "How long providers took to say who somebody is.",
    ["provider"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


class PrometheusProviderMeter:
    """Names of providers are those of the settings, so there are few."""

    def attempted(self, provider: str, outcome: str) -> None:
        ATTEMPTS.labels(provider, outcome).inc()

    def identified(self, provider: str, seconds: float) -> None:
        SECONDS.labels(provider).observe(seconds)
