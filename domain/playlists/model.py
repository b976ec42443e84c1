"""A playlist, its entries, and what both must look like. Pure data and rules."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.kit.errors import Issue
from domain.kit.keyset import KeyKind, Order, Place
from domain.kit.prose import LINE_SIGNS, text_issues
from domain.kit.trust.secret_links import SecretLink
from domain.library.model import Visibility
from domain.library.sharing import SeenTrack
from domain.playlists.smart import SmartDefinition

MAX_TITLE = 120
MAX_DESCRIPTION = 2_000
MAX_PLAYLISTS = 1_000
MAX_ENTRIES = 10_000
MAX_AT_ONCE = 100
MAX_COLLABORATORS = 50
FIRST_REVISION = 1
IN_ORDER = Order("RANK_ASC", KeyKind.TEXT, is_descending=False)


@dataclass(frozen=True)
class Playlist:
    """`revision` grows by one with every change of what is said of it; entries come and go without.

    Whoever has the secret of `link` may read it unless it is private, and of `invitation` may edit it as well. One with
    a `smart` definition has no entries and is its owner's alone.
    """

    id: str
    owner_id: str
    title: str
    description: str
    created_at: datetime
    changed_at: datetime
    visibility: Visibility = Visibility.PRIVATE
    link: SecretLink | None = None
    invitation: SecretLink | None = None
    collaborators: tuple[str, ...] = ()
    entry_count: int = 0
    revision: int = FIRST_REVISION
    smart: SmartDefinition | None = None

    def is_edited_by(self, account_id: str | None) -> bool:
        """Whether this person may add, move and remove."""
        return account_id is not None and (account_id == self.owner_id or account_id in self.collaborators)


@dataclass(frozen=True)
class SeenPlaylist:
    """A playlist as one caller sees it. Only the owner is told its links, and only who edits it who else does."""

    playlist: Playlist
    is_own: bool
    is_edited: bool

    @classmethod
    def by(cls, account_id: str | None, playlist: Playlist) -> "SeenPlaylist":
        is_own, is_edited = playlist.owner_id == account_id, playlist.is_edited_by(account_id)
        copy = playlist
        if not is_own:
            copy = replace(playlist, link=None, invitation=None)
        if not is_edited:
            copy = replace(copy, collaborators=(), revision=0)
        return cls(copy, is_own, is_edited)


@dataclass(frozen=True)
class Entry:
    """One track at one place; a track may stand in a playlist more than once. `rank` sorts them."""

    id: str
    playlist_id: str
    rank: str
    track_id: str
    added_by: str
    added_at: datetime

    @property
    def place(self) -> Place:
        return Place(self.rank, self.id)


@dataclass(frozen=True)
class SeenEntry:
    """An entry as somebody sees it; without a track it is one of their own that is not there to see any more.

    `added_by` is told to those who edit the playlist.
    """

    entry: Entry
    seen: SeenTrack | None
    added_by: str | None


@dataclass(frozen=True)
class EntryPage:
    """Part of a playlist. `end` is where it ends, which may be at an entry that is not shown."""

    items: Sequence[SeenEntry]
    has_next: bool
    end: Place | None


def playlist_issues(title: str | None, description: str | None) -> list[Issue]:
    """What is None is not changed."""
    return [
        *text_issues("title", title, 1, MAX_TITLE, "A title"),
        *text_issues("description", description, 0, MAX_DESCRIPTION, "A description", LINE_SIGNS),
    ]


def many_issues(path: str, ids: Sequence[str]) -> list[Issue]:
    if 1 <= len(ids) <= MAX_AT_ONCE:
        return []
    return [Issue(path, f"'{path}' takes 1 to {MAX_AT_ONCE} ids at once, not {len(ids)}.")]
