"""Leaky buckets in this process: what holds while the shared ones are out of reach, and in tests."""

import time
from collections import OrderedDict
from collections.abc import Callable

from domain.kit.rate_limit import Bucket, Charge

# A bucket that nobody has used for long is full, so forgetting it forgives nothing that matters.
MOST_KEYS = 100_000


class LocalBuckets:
    """`now` tells seconds that never go back."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        # Points that were spent, and when that was so.
        self._spent: OrderedDict[str, tuple[float, float]] = OrderedDict()

    async def charge(self, key: str, points: int, bucket: Bucket) -> Charge:
        spent, at = self._spent.pop(key, (0.0, 0.0))
        now = self._now()
        spent = max(0.0, spent - (now - at) * bucket.restore_per_second)
        accepted = spent + points <= bucket.capacity
        after = spent + points if accepted else spent
        self._spent[key] = (after, now)
        if len(self._spent) > MOST_KEYS:
            self._spent.popitem(last=False)
        wait = 0.0 if accepted else (spent + points - bucket.capacity) / bucket.restore_per_second
        return Charge(accepted, int(bucket.capacity - after), wait)
