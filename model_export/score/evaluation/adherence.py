"""Whether a piece is what was asked for, wish by wish."""

from collections.abc import Mapping
from typing import Final

from model_export.score.evaluation.tonality import heard_key
from model_export.score.keys import MINOR_MODES
from model_export.score.wishing import instrument
from triton_models.score_language.conditioning import Instrument, Wishes
from triton_models.score_language.music import Piece

_TEMPO: Final = 0.04  # as tempo estimates are judged (Gouyon et al., 2006)

Verdict = Mapping[str, bool]


def judge(piece: Piece, wishes: Wishes, heard_genre: str) -> Verdict:
    """A verdict for each wish: `tempo`, `meter`, `key`, `heard key`, `genre`, `wanted` and `avoided`.

    Tempo and meter are those that the piece notates. `key` is the key that it claims, `heard key` the one that its
    notes speak for, of which the mode counts as major or minor. Of several instruments all have to be right, and
    only those count that play at least a note. `heard_genre` is what a classifier hears.
    """
    verdict: dict[str, bool] = {}
    if wishes.bpm is not None:
        verdict["tempo"] = abs(piece.bpm / wishes.bpm - 1) <= _TEMPO
    if wishes.meter is not None:
        verdict["meter"] = piece.meter == wishes.meter
    if wishes.tonic is not None and wishes.mode is not None:
        tonic, mode = heard_key(piece)
        verdict["key"] = (piece.tonic, piece.mode) == (wishes.tonic, wishes.mode)
        verdict["heard key"] = (tonic, mode == "minor") == (wishes.tonic, wishes.mode in MINOR_MODES)
    if wishes.genre is not None:
        verdict["genre"] = heard_genre == wishes.genre
    playing = instruments_of(piece)
    if wishes.wanted:
        verdict["wanted"] = all(alternatives & playing for alternatives in wishes.wanted)
    if wishes.avoided:
        verdict["avoided"] = not any(alternatives & playing for alternatives in wishes.avoided)
    return verdict


def instruments_of(piece: Piece) -> frozenset[Instrument]:
    """Those that play at least a note."""
    return frozenset(
        instrument(track)
        for index, track in enumerate(piece.tracks)
        if any(bar.parts[index] is not None for bar in piece.bars)
    )
