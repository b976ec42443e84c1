"""Playlists and their entries as the schema shows them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Self

import strawberry
from strawberry import relay

from domain.kit.keyset import SortedPageRequest, place_to_text
from domain.kit.paging import Page
from domain.playlists.model import IN_ORDER, EntryPage, SeenEntry, SeenPlaylist
from domain.playlists.services.manage import PlaylistService
from graphql_api.core.connections import DEFAULT_PAGE, Connection, connection, sorted_page_request
from graphql_api.core.context import Info
from graphql_api.core.ids import global_id
from graphql_api.library.types import Track, Visibility
from graphql_api.playlists.chosen import chosen_tracks
from graphql_api.playlists.loaders import EditorLoader, EntryLoader, EntryPageLoader, PlaylistLoader, PlaylistPage
from graphql_api.playlists.rule_types import SmartDefinition


@strawberry.type(description="One track at one place of a playlist.")
class PlaylistEntry(relay.Node):
    id: relay.NodeID[str]
    track: Track | None = strawberry.field(
        description="The track; null when you have added one that you may not see any more. Others are not shown that."
    )
    added_at: datetime = strawberry.field(description="When it was added.")
    added_by_id: strawberry.ID | None = strawberry.field(
        description="The account of who added it; null for others than those who edit the playlist."
    )
    record: strawberry.Private[SeenEntry]

    @classmethod
    def of(cls, each: SeenEntry) -> Self:
        return cls(
            id=each.entry.id,
            track=None if each.seen is None else Track.seen(each.seen),
            added_at=each.entry.added_at,
            added_by_id=None if each.added_by is None else strawberry.ID(global_id("Account", each.added_by)),
            record=each,
        )

    @classmethod
    async def resolve_nodes(cls, *, info: Info, node_ids: Iterable[str], required: bool = False) -> Any:
        found = await info.context.loader(EntryLoader).load_many(list(node_ids))
        return [None if each is None else cls.of(each) for each in found]


@strawberry.type(description="Somebody who edits a playlist that is another's.")
class PlaylistCollaborator:
    account_id: strawberry.ID = strawberry.field(description="The person's account, for `removePlaylistCollaborator`.")
    record: strawberry.Private[str]

    @strawberry.field(description="The person's name; null once nobody has it any more.")
    async def display_name(self, info: Info) -> str | None:
        return await info.context.loader(EditorLoader).load(self.record)


@strawberry.type(
    description="Tracks in an order that one or several people give them or, in a smart playlist, those of its owner's "
    "that a rule chooses."
)
class Playlist(relay.Node):
    id: relay.NodeID[str]
    owner_id: strawberry.ID = strawberry.field(description="The account of whose it is.")
    is_mine: bool = strawberry.field(description="Whether it is yours.")
    can_edit: bool = strawberry.field(description="Whether you may add, move and remove entries.")
    title: str = strawberry.field(description="The title.")
    description: str = strawberry.field(description="Its owner's words about it; empty when there are none.")
    visibility: Visibility = strawberry.field(
        description="Who may read it besides those who edit it. Of its tracks everybody sees what they may listen to."
    )
    created_at: datetime = strawberry.field(description="When it was made.")
    updated_at: datetime = strawberry.field(
        description="When its owner last changed what is said of it, or who may see or edit it."
    )
    entry_count: int = strawberry.field(
        description="How many entries it has, also such as you are not shown; at most 10,000. A smart one has none."
    )
    revision: int | None = strawberry.field(
        description="One more with each change of all that is not entries; `updatePlaylist` asks for it. Null for "
        "others than those who edit it."
    )
    collaborators: list[PlaylistCollaborator] = strawberry.field(
        description="Who edits it beside its owner, at most 50; none for others than those who edit it."
    )
    record: strawberry.Private[SeenPlaylist]

    @classmethod
    def of(cls, seen: SeenPlaylist) -> Self:
        playlist = seen.playlist
        return cls(
            id=playlist.id,
            owner_id=strawberry.ID(global_id("Account", playlist.owner_id)),
            is_mine=seen.is_own,
            can_edit=seen.is_edited,
            title=playlist.title,
            description=playlist.description,
            visibility=Visibility[playlist.visibility.name],
            created_at=playlist.created_at,
            updated_at=playlist.changed_at,
            entry_count=playlist.entry_count,
            revision=playlist.revision if seen.is_edited else None,
            collaborators=[
                PlaylistCollaborator(account_id=strawberry.ID(global_id("Account", each)), record=each)
                for each in playlist.collaborators
            ],
            record=seen,
        )

    @classmethod
    async def resolve_nodes(cls, *, info: Info, node_ids: Iterable[str], required: bool = False) -> Any:
        found = await info.context.loader(PlaylistLoader).load_many(list(node_ids))
        return [None if seen is None else cls.of(seen) for seen in found]

    @strawberry.field(
        description="The secret of its link, for `sharedPlaylist`; null without one, and for others than its owner."
    )
    async def share_secret(self, info: Info) -> str | None:
        return await info.context.service(PlaylistService).secret_of(self.record.playlist, "link")

    @strawberry.field(
        description="The secret by which people may join in editing it, for `joinPlaylist`; null when there is none, "
        "and for others than its owner."
    )
    async def invitation_secret(self, info: Info) -> str | None:
        return await info.context.service(PlaylistService).secret_of(self.record.playlist, "invitation")

    @strawberry.field(description="The rule by which a smart playlist chooses; null for an ordinary one.")
    def smart(self) -> SmartDefinition | None:
        found = self.record.playlist.smart
        return None if found is None else SmartDefinition.of(found)

    @strawberry.field(
        description="The tracks that stand in it, in order; of a smart one those that its rule chooses now. Those that "
        "you may not see are left out, so a part may be shorter than `first`; `pageInfo` tells whether more follows."
    )
    async def tracks(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many, 1 to 100.")] = DEFAULT_PAGE,
        after: Annotated[str | None, strawberry.argument(description="A cursor to go on behind.")] = None,
    ) -> Connection[Track]:
        if self.record.playlist.smart is not None:
            return await chosen_tracks(info, self.record.playlist.smart, first, after)
        request, found = await self._stands(info, first, after)
        shown = [(each, each.seen) for each in found.items if each.seen is not None]
        end = None if found.end is None else place_to_text(IN_ORDER, found.end)
        return connection(
            Page(shown, found.has_next), request, lambda one: Track.seen(one[1]), lambda one: _position(one[0]), end
        )

    @strawberry.field(
        description="What was put into it, in order; nothing in a smart one. Tracks that you may not see are left out, "
        "so a part may be shorter than `first`; `pageInfo` tells whether more follows."
    )
    async def entries(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many, 1 to 100.")] = DEFAULT_PAGE,
        after: Annotated[str | None, strawberry.argument(description="A cursor to go on behind.")] = None,
    ) -> Connection[PlaylistEntry]:
        request, found = await self._stands(info, first, after)
        end = None if found.end is None else place_to_text(IN_ORDER, found.end)
        return connection(Page(found.items, found.has_next), request, PlaylistEntry.of, _position, end)

    async def _stands(self, info: Info, first: int, after: str | None) -> tuple[SortedPageRequest, EntryPage]:
        request, shown = sorted_page_request(IN_ORDER, first, after), self.record
        wanted = PlaylistPage(shown.playlist.id, shown.is_edited, request)
        return request, await info.context.loader(EntryPageLoader).load(wanted)


def _position(each: SeenEntry) -> str:
    return place_to_text(IN_ORDER, each.entry.place)
