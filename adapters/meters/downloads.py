"""Downloads counted for Prometheus."""

from prometheus_client import Counter

from domain.playback.meter import UntaggedReason

UNTAGGED = Counter(
    "cadenza_downloads_untagged_total",
    "Downloads that were sent without the tags of now, by type of file and reason.",
    ["content_type", "reason"],
)


class PrometheusDownloadMeter:
    """It stands in the API's metrics."""

    def untagged(self, content_type: str, reason: UntaggedReason) -> None:
        UNTAGGED.labels(content_type, reason).inc()
