"""What a cadenza.edit/1 asks for: reading it with every field checked."""

from dataclasses import dataclass
from typing import Final, Literal, cast

from triton_models.composer.brief import LONGEST_SECONDS
from triton_models.composer.instruments import INSTRUMENTS
from triton_models.score.document import read_score
from triton_models.score.fields import FieldError, Fields
from triton_models.score.model import Score
from triton_models.score_language import documents
from triton_models.score_language.documents import Unusable
from triton_models.score_language.music import MOST_TRACKS, Piece

SCHEMA: Final = "cadenza.edit/1"
KINDS: Final = ("extend", "repaint", "layer", "vary")
Kind = Literal["extend", "repaint", "layer", "vary"]


class EditError(FieldError):
    """An edit is not a valid cadenza.edit/1, or asks for what the model cannot do."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A score, the same as a piece, and one of the kinds with what belongs to it; the rest has no meaning.

    `seconds` is how much longer an extension is, `span` the range in seconds that is repainted, `instrument` the name
    of a layer's, `amount` the share of the bars that a variation writes anew.
    """

    score: Score
    piece: Piece
    kind: Kind
    seconds: float = 0.0
    span: tuple[float, float] = (0.0, 0.0)
    instrument: str = ""
    amount: float = 0.0


def parse_edit(text: str | bytes) -> Edit:
    """Read an edit document; raises EditError with a sentence about the first wrong field."""
    fields = Fields.parse(text, EditError)
    fields.text("schema", choices=(SCHEMA,))
    kind = cast(Kind, fields.text("kind", choices=KINDS))
    score = read_score(fields.child("score"))
    piece = _piece(score)
    match kind:
        case "extend":
            return Edit(score, piece, kind, seconds=_seconds(fields, score))
        case "repaint":
            return Edit(score, piece, kind, span=_span(fields, score))
        case "layer":
            return Edit(score, piece, kind, instrument=_instrument(fields, piece))
        case "vary":
            return Edit(score, piece, kind, amount=fields.number("amount", 0, 1))


def _piece(score: Score) -> Piece:
    playing = sum(bool(track.notes) for track in score.tracks)
    if playing > MOST_TRACKS:
        raise EditError("score.tracks", f"has {playing} tracks that play, this model reads {MOST_TRACKS} at most")
    try:
        return documents.read(score)
    except Unusable as reason:
        raise EditError("score", f"{reason}, which this model cannot read") from reason


def _seconds(fields: Fields, score: Score) -> float:
    seconds = fields.number("seconds", 1, LONGEST_SECONDS)
    if score.duration_seconds + seconds > LONGEST_SECONDS:
        raise fields.fail("seconds", f"would make the song longer than {LONGEST_SECONDS:g} s")
    return seconds


def _span(fields: Fields, score: Score) -> tuple[float, float]:
    # A player that asks for the rest of a song rounds its length.
    end = score.duration_seconds + 1
    first, last = fields.number("from_seconds", 0, end), fields.number("to_seconds", 0, end)
    if first >= min(last, score.duration_seconds):
        raise fields.fail(
            "to_seconds", f"must be after from_seconds, within the {score.duration_seconds:.1f} s of the song"
        )
    return first, last


def _instrument(fields: Fields, piece: Piece) -> str:
    name = fields.text("instrument")
    if name not in INSTRUMENTS:
        raise fields.fail("instrument", f"is not known: {name[:60]!r}")
    if len(piece.tracks) == MOST_TRACKS:
        raise fields.fail(
            "instrument", f"finds no room: the song has {MOST_TRACKS} tracks, as many as this model writes"
        )
    return name
