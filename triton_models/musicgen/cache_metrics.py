"""What the songs that are kept look like in Triton's `/metrics`."""

from collections.abc import Callable
from typing import Any

from triton_models.musicgen.result_cache import CacheNumbers
from triton_models.scheduler_metrics import MetricFamily

PREFIX = "cadenza_song_cache_"


class CacheMetrics:
    """`hits_total` and `misses_total` grow; `songs` and `bytes` are of this moment. Used by one thread."""

    def __init__(self, model: str, numbers: Callable[[], CacheNumbers], family: MetricFamily) -> None:
        # A metric ends with its family.
        self._families: list[Any] = []

        def metric(name: str, description: str, kind: Any) -> Any:
            self._families.append(family(name=PREFIX + name, description=description, kind=kind))
            return self._families[-1].Metric(labels={"model": model})

        self._numbers = numbers
        self._told = CacheNumbers(0, 0, 0, 0)
        self._hits = metric("hits_total", "Requests for a song that was made before", family.COUNTER)
        self._misses = metric("misses_total", "Requests for a song that had to be drawn", family.COUNTER)
        self._songs = metric("songs", "Songs kept as codes", family.GAUGE)
        self._bytes = metric("bytes", "Bytes of codes that are kept", family.GAUGE)

    def tell(self) -> None:
        """Everything as it is now."""
        seen, told = self._numbers(), self._told
        self._hits.increment(float(seen.hits - told.hits))
        self._misses.increment(float(seen.misses - told.misses))
        self._songs.set(float(seen.songs))
        self._bytes.set(float(seen.size))
        self._told = seen
