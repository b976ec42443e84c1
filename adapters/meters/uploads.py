"""Uploads counted for Prometheus."""

from prometheus_client import Counter, Histogram

OPENED = Counter("cadenza_uploads_opened_total", "Uploads that were opened.")
BYTES = Histogram("cadenza_upload_bytes", "How large files are said to be.", buckets=[2**n for n in range(18, 27)])
DECODED = Histogram(
    "cadenza_upload_decode_seconds",
    "How long it took to read a file, in its locked process.",
    ["container"],
    buckets=(0.25, 0.5, 1, 2, 4, 8, 16, 32, 64),
)
AUDIO_SECONDS = Counter("cadenza_upload_audio_seconds_total", "Sound that was read from files, in seconds.")
LYRICS = Counter("cadenza_upload_lyrics_total", "Files with words in them, by what became of those.", ["use"])
REFUSED = Counter("cadenza_uploads_refused_total", "Files that are no use, by reason.", ["code"])
SWEPT = Counter("cadenza_uploads_left_total", "Uploads that were left open until their time was over.")


class PrometheusUploadMeter:
    """`opened` stands in the API's metrics, the rest in a worker's."""

    def opened(self, size_bytes: int) -> None:
        OPENED.inc()
        BYTES.observe(size_bytes)

    def decoded(self, container: str, audio_seconds: float, seconds: float) -> None:
        DECODED.labels(container).observe(seconds)
        AUDIO_SECONDS.inc(audio_seconds)

    def lyrics(self, use: str) -> None:
        LYRICS.labels(use).inc()

    def refused(self, code: str) -> None:
        REFUSED.labels(code).inc()

    def swept(self) -> None:
        SWEPT.inc()
