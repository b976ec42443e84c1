"""Finding out which key somebody holds, with a moment of trust so that not every call asks the database."""

import hmac
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

from domain.kit.clock import Clock
from domain.kit.errors import Unauthenticated
from domain.kit.trust.secret_keys import KeyForm, hash_of
from domain.kit.trust.short_trust import ShortTrust

TOUCH_EVERY = timedelta(minutes=5)


class Key(Protocol):
    """What all keys have."""

    @property
    def id(self) -> str: ...

    @property
    def expires_at(self) -> datetime | None: ...


K = TypeVar("K", bound=Key)
Found = TypeVar("Found", bound=Key, covariant=True)


class KeysByPrefix(Protocol[Found]):
    """Where keys are kept; a revoked one is not there any more."""

    async def find(self, prefix: str) -> tuple[Found, str] | None:
        """The key and its hash."""
        ...

    async def touch(self, key_id: str, now: datetime, at_most_every: timedelta) -> None:
        """Notes that a key was used, unless that was noted a moment ago."""
        ...


class KeyVerification(Generic[K]):
    """A revoked key is out at once where `forget` is called, elsewhere when the moment of trust is over."""

    def __init__(self, form: KeyForm, keys: KeysByPrefix[K], clock: Clock, trusted: timedelta, refusal: str) -> None:
        """`refusal` is the one sentence for whatever is wrong with a key."""
        self._form = form
        self._keys = keys
        self._clock = clock
        self._refusal = refusal
        self._trusted: ShortTrust[K] = ShortTrust(clock, trusted)

    async def verify(self, text: str) -> K:
        """Raises `Unauthenticated`."""
        key_hash = hash_of(text)
        key = self._trusted.get(key_hash)
        if key is None:
            key = await self._look_up(text, key_hash)
            self._trusted.put(key_hash, key, key.expires_at)
        return key

    def forget(self, key_id: str) -> None:
        self.forget_where(lambda trusted: trusted.id == key_id)

    def forget_where(self, fits: Callable[[K], bool]) -> None:
        self._trusted.forget_where(fits)

    async def _look_up(self, text: str, key_hash: str) -> K:
        prefix, now = self._form.prefix_of(text), self._clock.now()
        found = None if prefix is None else await self._keys.find(prefix)
        if found is None or not hmac.compare_digest(found[1], key_hash):
            raise Unauthenticated(self._refusal)
        key = found[0]
        if key.expires_at is not None and key.expires_at <= now:
            raise Unauthenticated(self._refusal)
        await self._keys.touch(key.id, now, TOUCH_EVERY)
        return key
