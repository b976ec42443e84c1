"""Remembering recordings, and telling people which of their tracks are the same."""

import asyncio
from collections.abc import Sequence

import structlog

from domain.kit.audio.fingerprints import LOOKUP_SECONDS, codes_in, compressed, decompressed
from domain.kit.caller import Caller, Scope
from domain.kit.clock import Clock
from domain.kit.transactions import Session
from domain.library.model import AssetKind, Version
from domain.recognition.matching import Fit, fit, keys_of
from domain.recognition.model import Duplicate, Likeness, Recorded
from domain.recognition.store import RecognitionStore

log = structlog.get_logger()


class Recognition:
    """Nothing is refused because it is there already. That somebody else has it, too, only the platform knows."""

    def __init__(self, store: RecognitionStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def remember(self, owner_id: str, version: Version, fingerprint: str, session: Session) -> None:
        """Compares a new recording with those that are there, and keeps it to compare later ones with.

        In the caller's transaction, so that a track is never shown without its duplicates.
        """
        original = version.asset(AssetKind.ORIGINAL)
        recorded = Recorded(
            version_id=version.id,
            track_id=version.track_id,
            owner_id=owner_id,
            duration_seconds=version.duration_seconds,
            fingerprint=fingerprint,
            keys=tuple(await asyncio.to_thread(_keys_of, fingerprint)),
            original_sha256=None if original is None else original.sha256,
        )
        await self._store.take_turn(recorded.owner_id, session)
        known = {each.sound for each in await self._store.of_track(owner_id, version.track_id, session)}
        candidates = await self._store.candidates(recorded, session)
        # A track with the very recording that this one has already is a branch, or was told when that recording came.
        family = {each.track_id for each in candidates if each.sound in known}
        strange = [each for each in candidates if each.track_id not in family]
        found = await asyncio.to_thread(self._compare, recorded, strange)
        await self._store.insert(recorded, session)
        await self._store.note(found, session)
        if strangers := sum(not likeness.is_own for likeness in found):
            log.info("recording_known_elsewhere", version_id=version.id, recordings=strangers)

    async def fingerprints(self, caller: Caller, version_ids: Sequence[str]) -> dict[str, str]:
        """Of the caller's versions among these ids, as far into each as AcoustID looks one up; one query."""
        found = await self._store.fingerprints(caller.require(Scope.LIBRARY), version_ids)
        return {version_id: _beginning(text) for version_id, text in found.items() if text}

    async def duplicates(self, caller: Caller, track_ids: Sequence[str]) -> dict[str, list[Duplicate]]:
        """The caller's other tracks that sound like each of these, the likest first; one query."""
        return await self._store.duplicates(caller.require(Scope.LIBRARY), track_ids)

    def _compare(self, recorded: Recorded, candidates: Sequence[Recorded]) -> list[Likeness]:
        """The likest recording of each track that has one."""
        now, found = self._clock.now(), dict[str, Likeness]()
        for other in candidates:
            is_same_file = recorded.original_sha256 is not None and recorded.original_sha256 == other.original_sha256
            fitting = Fit(1.0, 0.0, recorded.duration_seconds) if is_same_file else _fit(recorded, other)
            known = found.get(other.track_id)
            if fitting is not None and (known is None or known.fit.similarity < fitting.similarity):
                found[other.track_id] = Likeness(recorded, other, is_same_file, fitting, now)
        return list(found.values())


def _keys_of(fingerprint: str) -> list[int]:
    return keys_of(decompressed(fingerprint)) if fingerprint else []


def _fit(one: Recorded, other: Recorded) -> Fit | None:
    if not one.fingerprint or not other.fingerprint:
        return None
    return fit(decompressed(one.fingerprint), decompressed(other.fingerprint))


def _beginning(fingerprint: str) -> str:
    return compressed(decompressed(fingerprint)[: codes_in(LOOKUP_SECONDS)])
