"""Notes as the schema shows them."""

import asyncio
from typing import Annotated, Self

import strawberry

from domain.kit.errors import Issue, ValidationFailed
from domain.transcription.model import NotePage, PlacedNote, page_of
from domain.transcription.model import Transcription as TranscriptionModel
from graphql_api.core.connections import DEFAULT_PAGE, Connection, connection, position_in
from graphql_api.core.context import Info
from graphql_api.library.transcription_loaders import PackedNotesLoader


@strawberry.type(description="A note that was heard.")
class Note:
    start_seconds: float = strawberry.field(description="When it begins, in seconds from the start.")
    end_seconds: float = strawberry.field(description="When it ends, in seconds from the start.")
    pitch: int = strawberry.field(description="Its pitch as a MIDI number, 21 (A0) to 108 (C8); 60 is middle C.")
    confidence: float = strawberry.field(description="How sure it is, 0 to 1.")

    @classmethod
    def of(cls, placed: PlacedNote) -> Self:
        note = placed.note
        return cls(
            start_seconds=note.start_seconds,
            end_seconds=note.end_seconds,
            pitch=note.pitch,
            confidence=note.confidence,
        )


@strawberry.type(
    description="The notes that were heard in a recording, of whatever instruments and voices. The same as a MIDI file "
    "is among the downloads of `playback`."
)
class Transcription:
    note_count: int = strawberry.field(description="How many there are, 20,000 at most: of more, the surest.")
    lowest_pitch: int | None = strawberry.field(description="The lowest pitch as a MIDI number; null without notes.")
    highest_pitch: int | None = strawberry.field(description="The highest pitch as a MIDI number; null without notes.")
    version_id: strawberry.Private[str]

    @classmethod
    def of(cls, found: TranscriptionModel) -> Self:
        return cls(
            note_count=found.note_count,
            lowest_pitch=found.lowest_pitch,
            highest_pitch=found.highest_pitch,
            version_id=found.version_id,
        )

    @strawberry.field(description="The notes, by when they begin, then from low to high.")
    async def notes(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many, 1 to 100.")] = DEFAULT_PAGE,
        after: Annotated[str | None, strawberry.argument(description="A cursor to go on behind.")] = None,
        from_seconds: Annotated[
            float, strawberry.argument(description="Only those that sound after this moment, in seconds.")
        ] = 0.0,
        to_seconds: Annotated[
            float | None, strawberry.argument(description="Only those that begin before this moment, in seconds.")
        ] = None,
    ) -> Connection[Note]:
        wanted = NotePage(first, None if after is None else _number(after), from_seconds, to_seconds)
        data = await info.context.loader(PackedNotesLoader).load(self.version_id)
        return connection(await asyncio.to_thread(page_of, data, wanted), wanted, Note.of, _position)


def _position(placed: PlacedNote) -> str:
    return str(placed.number)


def _number(cursor: str) -> int:
    """Of the note at a cursor. Raises `ValidationFailed`."""
    position = position_in(cursor)
    if not (position.isascii() and position.isdecimal() and len(position) <= 9):
        raise ValidationFailed([Issue("after", "'after' is not a cursor of this list.")])
    return int(position)
