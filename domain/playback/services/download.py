"""Files with what is known of their track now: the tags are made while they are fetched, the audio is as it was."""

import hashlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from domain.kit.audio.file_tags import FileTagging, FileTags, HeadIncomplete, NewHead, TimedLine
from domain.kit.blobs import BlobStore
from domain.kit.caller import Caller
from domain.kit.errors import NotFound
from domain.kit.trust.credentials import TokenSigner
from domain.library.lrc import lines_of, text_of
from domain.library.model import Asset, AssetKind, Track, Version
from domain.library.service import LibraryService
from domain.library.sharing import gives_downloads, is_open_by
from domain.playback.meter import DownloadMeter, UntaggedReason

log = structlog.get_logger()

DOWNLOAD_AUDIENCE = "cadenza:download"
# For other listeners than the owner: good only as long as the track may be downloaded.
LISTENERS_AUDIENCE = "cadenza:listeners-download"
NO_MARK = "-"
# What is made here and can hold tags. An original stays byte for byte.
TAGGED = frozenset({AssetKind.MASTER, AssetKind.DOWNLOAD, AssetKind.STEM})
# Enough for the tags that files are made with, their picture included.
HEAD_BYTES = 1 << 18
PIECE_BYTES = 1 << 21
COVER_SIDE = 1_024
EXTENSIONS = {
    "audio/flac": "flac",
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "audio/ogg": "ogg",
    "audio/mp4": "m4a",
    "audio/aac": "aac",
    "audio/midi": "mid",
    "text/plain; charset=utf-8": "cho",
    "application/json": "json",
    "image/jpeg": "jpg",
    "image/png": "png",
}


@dataclass(frozen=True)
class TaggedFile:
    """`head` stands in place of the first `replaced` bytes of the stored file. `etag` names exactly these bytes."""

    key: str
    name: str
    content_type: str
    head: bytes
    replaced: int
    stored_bytes: int
    etag: str

    @property
    def size_bytes(self) -> int:
        return len(self.head) + self.stored_bytes - self.replaced


class TaggedDownloads:
    """The token in an address is bound to one file of one version and dies with its time.

    What is known of the track is read when the file is fetched, so a change needs no file to be written again.
    Listeners are not told how the music was made, and get nothing more once the track or its downloads are closed.
    """

    def __init__(
        self,
        library: LibraryService,
        blobs: BlobStore,
        tagging: FileTagging,
        signer: TokenSigner,
        meter: DownloadMeter,
        public_url: str,
    ) -> None:
        self._library = library
        self._blobs = blobs
        self._tagging = tagging
        self._signer = signer
        self._meter = meter
        self._public_url = public_url.rstrip("/")

    def url(
        self, track: Track, version_id: str, asset: Asset, expires_at: datetime, is_own: bool, mark: str = ""
    ) -> str:
        """For whoever may see the track; `mark` is of the link by which a listener came."""
        audience = DOWNLOAD_AUDIENCE if is_own else LISTENERS_AUDIENCE
        subject = " ".join((track.owner_id, track.id, version_id, asset.kind, mark or NO_MARK, asset.label or ""))
        return f"{self._public_url}/download/{self._signer.sign(audience, subject, expires_at)}"

    async def open(self, token: str) -> TaggedFile:
        """Raises `NotFound` for a bad or expired token, and for a track that is not there or not given any more."""
        if (subject := self._signer.read(DOWNLOAD_AUDIENCE, token)) is not None:
            track, version, asset = await self._found(subject)
            return await self._file(asset, await self._tags(track, version, asset), track.title)
        subject = self._signer.read(LISTENERS_AUDIENCE, token) or ""
        track, version, asset = await self._found(subject)
        if not gives_downloads(track.sharing) or not is_open_by(track.sharing, _mark_in(subject)):
            raise NotFound("file", token)
        tags = replace(await self._tags(track, version, asset), tells_making=False)
        return await self._file(asset, tags, track.title)

    async def _file(self, asset: Asset, tags: FileTags, title: str) -> TaggedFile:
        found = await self._head(asset, tags)
        new = self._without_tags(asset, found) if isinstance(found, UntaggedReason) else found
        digest = hashlib.sha256(new.data + asset.sha256.encode()).hexdigest()
        name = file_name(title, asset)
        return TaggedFile(asset.key, name, asset.content_type, new.data, new.replaced, asset.size_bytes, digest)

    async def bytes_of(self, file: TaggedFile, start: int, end: int) -> AsyncGenerator[bytes, None]:
        """From `start` to just before `end`, piece by piece.

        Each piece is fetched as a whole, so that who reads slowly holds no connection to storage.
        """
        if start < len(file.head):
            yield file.head[start:end]
        shift = file.replaced - len(file.head)
        for place in range(max(start, len(file.head)), end, PIECE_BYTES):
            yield await self._part(file.key, place + shift, min(place + PIECE_BYTES, end) + shift)

    async def _part(self, key: str, start: int, end: int) -> bytes:
        return b"".join([piece async for piece in self._blobs.stream(key, start, end)])

    async def _found(self, subject: str) -> tuple[Track, Version, Asset]:
        parts = subject.split(" ", 5)
        if len(parts) == 6:
            owner_id, track_id, version_id, kind, _, label = parts
            track = (await self._library.tracks_by_id(Caller(owner_id), [track_id])).get(track_id)
            version = (await self._library.versions_by_id(Caller(owner_id), [version_id])).get(version_id)
            for asset in () if version is None else version.assets:
                if track is not None and version is not None and (asset.kind, asset.label or "") == (kind, label):
                    return track, version, asset
        raise NotFound("file", subject)

    async def _tags(self, track: Track, version: Version, asset: Asset) -> FileTags:
        """Of a stem neither words nor a cover of its own: it is no song."""
        analysis, is_stem = version.analysis, asset.kind is AssetKind.STEM
        lyrics = None if is_stem else track.lyrics
        own = None if is_stem else track.own_cover
        timed = lines_of(lyrics) if lyrics is not None and lyrics.is_synchronised else ()
        return FileTags(
            title=f"{track.title} ({asset.label})" if is_stem else track.title,
            artist=track.artist,
            genre=track.genre,
            bpm=version.bpm or analysis.tempo_bpm,
            key=version.key or analysis.key,
            comment=f"Cadenza track {track.id}",
            lyrics="" if lyrics is None else text_of(lyrics),
            lrc=lyrics.source if lyrics is not None and lyrics.is_synchronised else "",
            timed_lyrics=[TimedLine(line.start_ms or 0, line.text) for line in timed],
            language="" if lyrics is None else lyrics.language or "",
            cover=None if own is None else await self._cover(own),
            cover_side=COVER_SIDE,
        )

    async def _cover(self, own: Asset) -> bytes | None:
        """None when its owner has replaced it since the track was read; the picture in the file then stays."""
        try:
            return await self._blobs.get(own.key)
        except NotFound:
            return None

    async def _head(self, asset: Asset, tags: FileTags) -> NewHead | UntaggedReason:
        """Why, for a file that cannot be tagged, which is then given as it is."""
        wanted = HEAD_BYTES
        while wanted <= max(asset.size_bytes, HEAD_BYTES):
            beginning = await self._part(asset.key, 0, wanted)
            try:
                return self._tagging.head(asset.content_type, beginning, tags) or UntaggedReason.NO_PLACE
            except HeadIncomplete as incomplete:
                wanted = max(incomplete.needed, 2 * wanted)
            except ValueError as error:
                log.warning("file_not_understood", key=asset.key, reason=str(error))
                return UntaggedReason.DAMAGED
        return UntaggedReason.CUT_OFF

    def _without_tags(self, asset: Asset, reason: UntaggedReason) -> NewHead:
        """It is the owner's file all the same; that it says something old is for operators to see."""
        log.warning("file_not_tagged", key=asset.key, content_type=asset.content_type, reason=reason.value)
        self._meter.untagged(asset.content_type, reason)
        return NewHead(b"", 0)


def _mark_in(subject: str) -> str:
    return subject.split(" ", 5)[4].replace(NO_MARK, "")


def file_name(title: str, asset: Asset) -> str:
    """What a browser saves it as."""
    return f"{title}{_suffix(asset)}.{EXTENSIONS.get(asset.content_type, 'bin')}"


def _suffix(asset: Asset) -> str:
    """Tells files of the same type apart in a download folder."""
    if asset.kind in (AssetKind.MASTER, AssetKind.DOWNLOAD, AssetKind.MIDI, AssetKind.CHORDS):
        return ""
    return f" ({asset.label or asset.kind.value.lower()})"
