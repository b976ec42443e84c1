"""Who sees how much of a track. What listeners see is decided here and nowhere else. Pure."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from domain.kit.errors import Issue
from domain.kit.keyset import KeyKind, Order, Place
from domain.kit.prose import LINE_SIGNS, text_issues
from domain.kit.trust.secret_links import SecretLink
from domain.library.model import AssetKind, Origin, Sharing, Track, Version, Visibility

LATEST_FIRST = Order("PUBLISHED_AT_DESC", KeyKind.MOMENT, is_descending=True)
MAX_REASON = 500
MARK_DIGITS = 16
# What a player needs beside the sound, and what else listeners get when the owner lets them have the song. Stems,
# score, MIDI and chords are what a song is made of, and an original has the name and the tags that its owner gave it
# at home.
BESIDE_THE_SOUND = frozenset({AssetKind.WAVEFORM, AssetKind.COVER})
THE_SONG = frozenset({AssetKind.MASTER, AssetKind.DOWNLOAD})


@dataclass(frozen=True)
class SeenTrack:
    """A track as one caller sees it; not the own one is a copy made by `for_listeners`."""

    track: Track
    is_own: bool

    @property
    def revision(self) -> int | None:
        return self.track.revision if self.is_own else None

    @property
    def updated_at(self) -> datetime | None:
        return self.track.updated_at if self.is_own else None


def for_listeners(track: Track) -> SeenTrack:
    """Without how it was made, what became of it, its revision and its link.

    Left are what its owner says of it, how long it is, how it sounds, its licences, and whether it was generated or
    uploaded.
    """
    made = track.current.origin
    origin = Origin(job_id="", kind=made.kind.plainly, terms=made.terms)
    sharing = replace(track.sharing, link=None, taken_down=None)
    copy = replace(
        track,
        current=replace(track.current, origin=origin),
        sharing=sharing,
        revision=0,
        changed_at=track.created_at,
        version_count=1,
    )
    return SeenTrack(copy, is_own=False)


def files_for_listeners(track: Track, version: Version) -> Version:
    kinds: Collection[AssetKind] = BESIDE_THE_SOUND | (THE_SONG if track.sharing.allows_downloads else frozenset())
    return replace(version, assets=tuple(asset for asset in version.assets if asset.kind in kinds))


def is_open(sharing: Sharing) -> bool:
    """Whether anybody but its owner may listen, by whatever way."""
    return sharing.visibility is not Visibility.PRIVATE and sharing.taken_down is None


def link_mark(sharing: Sharing) -> str:
    """Names the link of now in what is given out by it; empty when there is none. It opens nothing by itself."""
    return "" if sharing.link is None else sharing.link.hash[:MARK_DIGITS]


def is_open_by(sharing: Sharing, mark: str) -> bool:
    """Whether those may go on who came by the link of this mark; by none, those who came because it was public."""
    if not is_open(sharing):
        return False
    return mark == link_mark(sharing) if mark else sharing.visibility is Visibility.PUBLIC


def gives_downloads(sharing: Sharing) -> bool:
    """Whether listeners, by whatever way they came, may download the song now."""
    return is_open(sharing) and sharing.allows_downloads


def opened(
    sharing: Sharing, visibility: Visibility, allows_downloads: bool, fresh: SecretLink, now: datetime
) -> Sharing:
    """As its owner wants it. A link that was given away goes on working when a track is published.

    Private revokes it for good: `fresh` takes its place when the track is unlisted again.
    """
    link = {
        Visibility.PRIVATE: None,
        Visibility.UNLISTED: sharing.link or fresh,
        Visibility.PUBLIC: sharing.link,
    }[visibility]
    published_at = (sharing.published_at or now) if visibility is Visibility.PUBLIC else None
    return replace(
        sharing, visibility=visibility, published_at=published_at, allows_downloads=allows_downloads, link=link
    )


def restored(sharing: Sharing) -> Sharing:
    """What is left of a publication to who may not publish: the link, if there is one."""
    visibility = Visibility.PRIVATE if sharing.link is None else Visibility.UNLISTED
    return replace(sharing, visibility=visibility, published_at=None)


def place_of(track: Track) -> Place:
    """Of a public one."""
    return Place(track.sharing.published_at or track.created_at, track.id)


def reason_issues(reason: str) -> list[Issue]:
    if not 1 <= len(reason) <= MAX_REASON:
        return [Issue("reason", f"A reason has 1 to {MAX_REASON} characters; the track's owner will read it.")]
    return text_issues("reason", reason, 1, MAX_REASON, "A reason", LINE_SIGNS)
