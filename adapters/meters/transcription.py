"""Transcriptions counted for Prometheus."""

from prometheus_client import Counter, Histogram

SECONDS = Histogram(
    "cadenza_transcription_seconds",
    "How long it took to find the notes of a recording.",
    buckets=(0.25, 0.5, 1, 2, 4, 8, 16, 32, 64),
)
AUDIO_SECONDS = Counter("cadenza_transcription_audio_seconds_total", "Sound whose notes were found, in seconds.")
NOTES = Counter("cadenza_transcription_notes_total", "Notes that were found.")


class PrometheusTranscriptionMeter:
    """It stands in a worker's metrics."""

    def heard(self, audio_seconds: float, seconds: float, notes: int) -> None:
        SECONDS.observe(seconds)
        AUDIO_SECONDS.inc(audio_seconds)
        NOTES.inc(notes)
