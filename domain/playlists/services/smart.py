"""Smart playlists: making them, changing their rule, listing what it chooses now, and keeping that as it is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from math import floor

from domain.idempotency.model import key_issues, keyed_call
from domain.idempotency.service import Idempotency
from domain.kit.caller import Caller
from domain.kit.clock import Clock
from domain.kit.errors import ValidationFailed
from domain.kit.ids import new_id
from domain.kit.keyset import SortedPageRequest
from domain.kit.paging import Page, checked_size
from domain.kit.transactions import Session
from domain.library.rules import Among, Between, Condition, Holds, Rule, Subject, When
from domain.library.services.ruled import RuledTracks
from domain.likes.service import LikeService
from domain.playlists.errors import PlaylistNotSmart
from domain.playlists.model import Entry, SeenPlaylist
from domain.playlists.ranks import fresh_ranks
from domain.playlists.services.manage import PlaylistService, person
from domain.playlists.smart import MAX_LIMIT, ChosenTrack, SmartDefinition, Spot, definition_issues
from domain.playlists.stores.entries import EntryStore
from domain.plays.services.history import PlayHistory


@dataclass(frozen=True)
class NewSmartPlaylist:
    """What a new one is to be."""

    title: str
    description: str
    definition: SmartDefinition


class SmartPlaylists:
    """What stands in one is asked anew at each look, so it is never out of date. It is its owner's alone."""

    def __init__(
        self,
        service: PlaylistService,
        entries: EntryStore,
        selection: RuledTracks,
        knowledge: "ListeningKnowledge",
        idempotency: Idempotency,
        clock: Clock,
    ) -> None:
        self._service = service
        self._entries = entries
        self._selection = selection
        self._knowledge = knowledge
        self._idempotency = idempotency
        self._clock = clock

    async def create(self, caller: Caller, new: NewSmartPlaylist, key: str | None) -> SeenPlaylist:
        """Raises `ValidationFailed`, `TooManyPlaylists` and `IdempotencyConflict`."""
        issues = [*definition_issues(new.definition), *key_issues(key)]
        drafted = self._service.drafted(caller, new.title, new.description, issues)
        playlist = replace(drafted, smart=new.definition)
        said = {"title": new.title, "description": new.description, "definition": repr(new.definition)}
        call = keyed_call(playlist.owner_id, key, "createSmartPlaylist", said)

        async def work(session: Session) -> Sequence[str]:
            await self._service.insert(playlist, session)
            return [playlist.id]

        (playlist_id,), _ = await self._idempotency.once(call, work)
        return await self._service.get(caller, playlist_id)

    async def edit(
        self, caller: Caller, playlist_id: str, expected_revision: int, definition: SmartDefinition
    ) -> SeenPlaylist:
        """Another rule, order and limit. Raises `ValidationFailed`, `PlaylistConflict` and `PlaylistNotSmart`."""
        if issues := definition_issues(definition):
            raise ValidationFailed(issues)
        playlist = await self._service.owned(caller, playlist_id, expected_revision)
        if playlist.smart is None:
            raise PlaylistNotSmart()
        if playlist.smart == definition:
            return SeenPlaylist.by(playlist.owner_id, playlist)
        return await self._service.save(replace(playlist, smart=definition))

    async def page(
        self, caller: Caller, definition: SmartDefinition, first: int, after: Spot | None
    ) -> Page[ChosenTrack]:
        """What it chooses now, also of one that is not kept. Raises `ValidationFailed`."""
        person(caller)
        checked_size(first)
        if issues := definition_issues(definition):
            raise ValidationFailed(issues)
        number = 0 if after is None else after.number
        left = definition.most - number
        if left < 1:
            return Page([], has_next=False)
        rule = await self._knowledge.applied(caller, definition.rule)
        request = SortedPageRequest(definition.order, min(first, left), None if after is None else after.place)
        found = await self._selection.page(caller, rule, request)
        items = [ChosenTrack(number + place, track) for place, track in enumerate(found.items, 1)]
        return Page(items, found.has_next and len(items) < left)

    async def track_ids(self, caller: Caller, definition: SmartDefinition, most: int = MAX_LIMIT) -> Sequence[str]:
        """Of the first so many that it chooses now."""
        rule = await self._knowledge.applied(caller, definition.rule)
        return await self._selection.ids(caller, rule, definition.order, min(most, definition.most))

    async def copy(self, caller: Caller, playlist_id: str, title: str | None, key: str | None) -> SeenPlaylist:
        """An ordinary playlist of what it chooses now. Raises as `create` does, and `PlaylistNotSmart`."""
        source = await self._service.owned(caller, playlist_id)
        copied = self._service.drafted(caller, source.title if title is None else title, "", key_issues(key))
        if source.smart is None:
            raise PlaylistNotSmart()
        track_ids = await self.track_ids(caller, source.smart)
        call = keyed_call(copied.owner_id, key, "copySmartPlaylist", {"playlist": playlist_id, "title": title})

        async def work(session: Session) -> Sequence[str]:
            await self._service.insert(replace(copied, entry_count=len(track_ids)), session)
            now, ranks = self._clock.now(), fresh_ranks(len(track_ids))
            entries = [
                Entry(new_id(), copied.id, rank, track_id, copied.owner_id, now)
                for rank, track_id in zip(ranks, track_ids, strict=True)
            ]
            if entries:
                await self._entries.insert(entries, session)
            return [copied.id]

        (made,), _ = await self._idempotency.once(call, work)
        return await self._service.get(caller, made)


class ListeningKnowledge:
    """What likes and plays know of a person's tracks, put into rules that ask for it."""

    def __init__(self, likes: LikeService, history: PlayHistory, clock: Clock) -> None:
        self._likes = likes
        self._history = history
        self._clock = clock

    async def applied(self, caller: Caller, rule: Rule) -> Rule:
        """One query for each different condition that asks for likes or plays."""
        known = {condition: await self._answer(caller, condition) for condition in _others(rule)}
        return rule.with_each(lambda condition: known.get(condition, condition))

    async def _answer(self, caller: Caller, condition: Condition) -> Condition:
        match condition.match:
            case Holds(is_so):
                found = Among(await self._likes.own_tracks(caller), is_other=not is_so)
            case Between(least, most):
                found = await self._played(caller, least, most)
            case When(after, before, days):
                since = after if days is None else self._clock.now() - timedelta(days=days)
                found = Among(await self._history.last_played(caller, since, before))
            case other:
                raise ValueError(f"nobody knows {other}")
        # what is negated is told as such, because there are few tracks that one has played or likes
        is_other = found.is_other != condition.is_negated
        return Condition(Subject.IDS, replace(found, is_other=is_other))

    async def _played(self, caller: Caller, least: float | None, most: float | None) -> Among:
        """A track that was never played is in no list of plays, so the others are named where it fits."""
        if least is not None and least > 0:
            return Among(await self._history.played(caller, least, most))
        if most is None or most < 0:
            return Among((), is_other=most is None)
        return Among(await self._history.played(caller, floor(most) + 1.0, None), is_other=True)


def _others(rule: Rule) -> set[Condition]:
    subjects = (Subject.LIKED, Subject.PLAY_COUNT, Subject.LAST_PLAYED_AT)
    return {condition for _, condition in rule.all_conditions() if condition.subject in subjects}
