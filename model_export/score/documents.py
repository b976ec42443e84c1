"""cadenza.score/1 documents to pieces and back. Trusts that a document is valid: whoever wrote it has checked it."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from model_export.score import chord_symbols
from model_export.score.grid import PER_QUARTER
from model_export.score.music import (
    METERS,
    MOST_TRACKS,
    Bar,
    Chord,
    Meter,
    Part,
    Piece,
    Role,
    Section,
    Track,
    section_starts,
    shift_of,
)
from model_export.score.quantising import Played, perform, quantise

Document = Mapping[str, Any]
_LETTERS: Final = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_MIX: Final[Mapping[Role, tuple[float, float, float]]] = {
    "melody": (0.82, 0.05, 0.25),
    "counter": (0.65, -0.3, 0.3),
    "chords": (0.65, 0.2, 0.25),
    "pad": (0.55, -0.15, 0.4),
    "bass": (0.8, 0.0, 0.05),
    "drums": (0.8, 0.0, 0.1),
    "percussion": (0.6, 0.25, 0.15),
}
_DRUM_BANK: Final = 128


class Unusable(ValueError):
    """A piece that the model cannot learn from; the text says why."""


def read(document: Document, text: str = "") -> Piece:
    """A piece with every note on the grid.

    Raises Unusable for a meter that is not one of METERS or changes, for a changing tempo, and for no notes at all.
    """
    meter, qpm = _one_meter(document), _one_tempo(document)
    tonic = pitch_class(document["key"]["tonic"])
    rows = [row for row in document["tracks"] if row["notes"]][:MOST_TRACKS]
    if not rows:
        raise Unusable("has no notes")
    tracks = tuple(Track(row["role"], row["program"], row["is_drum"]) for row in rows)
    played = [[Played(*note) for note in row["notes"]] for row in rows]
    count = bar_count(played, meter)
    shift = shift_of(tonic)
    parts = [quantise(notes, track, meter.positions, count, shift) for notes, track in zip(played, tracks, strict=True)]
    return Piece(
        genre=document["genre"] or None,
        mood=document["mood"] or None,
        text=text,
        qpm=qpm,
        tonic=tonic,
        mode=document["key"]["mode"],
        meter=meter,
        tracks=tracks,
        sections=_sections(document["sections"], meter, count),
        bars=bars_of(parts, _chords(document["chords"], meter, count, tonic)),
    )


def write(piece: Piece, title: str, seed: int) -> dict[str, Any]:
    """The document of a piece; levels, places and reverb follow from the roles."""
    shift = shift_of(piece.tonic)
    bar = piece.meter.positions
    quarters = bar / PER_QUARTER
    rows = [
        perform([row.parts[index] for row in piece.bars], track, bar, shift) for index, track in enumerate(piece.tracks)
    ]
    end = max([len(piece.bars) * quarters, *(note.start + note.duration for row in rows for note in row)])
    ends = [*(start * quarters for start in section_starts(piece.sections)), end]
    return {
        "schema": "cadenza.score/1",
        "title": title,
        "genre": piece.genre or "",
        "mood": piece.mood or "",
        "seed": seed,
        "key": {"tonic": chord_symbols.tonic_name(piece.tonic), "mode": piece.mode},
        "tempo_map": [{"beat": 0, "qpm": piece.qpm}],
        "meter_map": [{"beat": 0, "numerator": piece.meter.numerator, "denominator": piece.meter.denominator}],
        "sections": [
            {"name": section.name, "start": start, "end": stop}
            for section, (start, stop) in zip(piece.sections, pairwise(ends), strict=True)
        ],
        "chords": _chord_rows(piece, end),
        "tracks": [_track_row(index, track, rows[index]) for index, track in enumerate(piece.tracks)],
        "duration_beats": end,
    }


def pitch_class(tonic: str) -> int:
    """Of a tonic such as `F#`."""
    return (_LETTERS[tonic[0]] + {"": 0, "#": 1, "b": -1}[tonic[1:]]) % 12


def bar_count(tracks: Sequence[Sequence[Played]], meter: Meter) -> int:
    """Bars up to the last one in which a note begins."""
    last = max(note.start for notes in tracks for note in notes)
    return int((last * PER_QUARTER + 0.5) // meter.positions) + 1


def bars_of(parts: Sequence[Sequence[Part | None]], chords: Sequence[tuple[Chord, ...]]) -> tuple[Bar, ...]:
    """Bars from the parts of each track, shape [tracks][bars], and the chords of each bar."""
    return tuple(Bar(row, tuple(track[index] for track in parts)) for index, row in enumerate(chords))


def _one_meter(document: Document) -> Meter:
    changes = [Meter(change["numerator"], change["denominator"]) for change in document["meter_map"]]
    if len(set(changes)) != 1 or changes[0] not in METERS:
        raise Unusable(f"has the meters {', '.join(map(str, changes))}")
    return changes[0]


def _one_tempo(document: Document) -> float:
    tempi = {float(change["qpm"]) for change in document["tempo_map"]}
    if len(tempi) != 1:
        raise Unusable("changes its tempo")
    return tempi.pop()


def _sections(rows: Sequence[Document], meter: Meter, count: int) -> tuple[Section, ...]:
    """Whole bars; a section that begins after the last note is left out, bars without any section are one."""
    starts = [round(row["start"] * PER_QUARTER / meter.positions) for row in rows]
    named = [(row["name"], start) for row, start in zip(rows, starts, strict=True) if start < count]
    edges = [*(start for _, start in named), count]
    sections = [Section(name, stop - start) for (name, start), stop in zip(named, edges[1:], strict=True)]
    return tuple(section for section in sections if section.bars > 0) or (Section("", count),)


def _chords(rows: Sequence[Document], meter: Meter, count: int, tonic: int) -> list[tuple[Chord, ...]]:
    """By bar; a symbol that names no chord is left out, and of two at one place the later one holds."""
    bars: list[dict[int, Chord]] = [{} for _ in range(count)]
    for row in rows:
        chord = chord_symbols.read(row["symbol"])
        index, position = divmod(round(row["start"] * PER_QUARTER), meter.positions)
        if chord is not None and index < count:
            bars[index][position] = Chord(position, (chord[0] - tonic) % 12, chord[1])
    return [tuple(bar[position] for position in sorted(bar)) for bar in bars]


def _chord_rows(piece: Piece, end: float) -> list[dict[str, Any]]:
    bar = piece.meter.positions
    timed = [
        ((index * bar + chord.position) / PER_QUARTER, chord_symbols.spell(chord.root, chord.quality, piece.tonic))
        for index, row in enumerate(piece.bars)
        for chord in row.chords
    ]
    stops = [*(start for start, _ in timed), end][1:]
    return [
        {"start": start, "duration": stop - start, "symbol": symbol}
        for (start, symbol), stop in zip(timed, stops, strict=True)
    ]


def _track_row(index: int, track: Track, notes: Sequence[Played]) -> dict[str, Any]:
    volume, pan, reverb = _MIX[track.role]
    return {
        "id": f"{track.role}-{index + 1}",
        "name": f"{track.role} {index + 1}",
        "role": track.role,
        "bank": _DRUM_BANK if track.is_drum else 0,
        "program": track.program,
        "is_drum": track.is_drum,
        "volume": volume,
        "pan": pan,
        "reverb": reverb,
        "notes": [list(note) for note in notes],
    }
