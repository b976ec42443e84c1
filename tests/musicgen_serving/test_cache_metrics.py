"""What Triton's metrics are told of the songs that are kept."""

from tests.renderer.fake_triton import Families
from triton_models.musicgen.cache_metrics import CacheMetrics
from triton_models.musicgen.result_cache import CacheNumbers


def test_counters_grow_and_gauges_follow() -> None:
    seen, families = [CacheNumbers(3, 5, 4, 800)], Families()
    metrics = CacheMetrics("tiny", lambda: seen[-1], families)
    metrics.tell()
    seen.append(CacheNumbers(7, 5, 2, 300))
    metrics.tell()

    assert {name: told.value for (name, _), told in families.metrics.items()} == {
        "cadenza_song_cache_hits_total": 7.0,
        "cadenza_song_cache_misses_total": 5.0,
        "cadenza_song_cache_songs": 2.0,
        "cadenza_song_cache_bytes": 300.0,
    }
    assert {label for _, label in families.metrics} == {"model=tiny"}
