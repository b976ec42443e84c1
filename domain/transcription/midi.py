"""Notes as a Standard MIDI File (format 0, RP-001 of the MIDI Association). Pure."""

from collections.abc import Sequence

from domain.kit.audio.notes import Note

TICKS_PER_QUARTER = 480
USUAL_BPM = 120.0
LOUDEST = 127
# What a tempo event of three bytes can say.
LONGEST_QUARTER = (1 << 24) - 1


def standard_midi_file(title: str, notes: Sequence[Note], bpm: float) -> bytes:
    """One track for a piano. In the tempo that was measured, 0 for none, notes lie near a sequencer's grid.

    How loud a note is follows how sure it is: nothing else was heard of its loudness.
    """
    tempo = bpm or USUAL_BPM
    quarter = min(LONGEST_QUARTER, round(60_000_000 / tempo))
    ticks = TICKS_PER_QUARTER * 1_000_000 / quarter
    events = [event for note in notes for event in _events(note, ticks)]
    body = b"".join(
        (
            _delta(0) + _meta(0x03, title.encode()),
            _delta(0) + _meta(0x51, quarter.to_bytes(3, "big")),
            _delta(0) + bytes((0xC0, 0)),
            _in_row(sorted(events)),
            _delta(0) + _meta(0x2F, b""),
        )
    )
    header = (0).to_bytes(2, "big") + (1).to_bytes(2, "big") + TICKS_PER_QUARTER.to_bytes(2, "big")
    return _chunk(b"MThd", header) + _chunk(b"MTrk", body)


def _events(note: Note, ticks_per_second: float) -> list[tuple[int, int, bytes]]:
    """Its beginning and its end, each with its tick; ends come before what begins at the same tick."""
    start = round(note.start_seconds * ticks_per_second)
    end = max(start + 1, round(note.end_seconds * ticks_per_second))
    velocity = max(1, round(LOUDEST * note.confidence))
    return [(start, 1, bytes((0x90, note.pitch, velocity))), (end, 0, bytes((0x80, note.pitch, 0)))]


def _in_row(events: Sequence[tuple[int, int, bytes]]) -> bytes:
    row, before = [], 0
    for tick, _, message in events:
        row.append(_delta(tick - before) + message)
        before = tick
    return b"".join(row)


def _delta(ticks: int) -> bytes:
    """A variable-length quantity: seven bits a byte, the highest bit set in all but the last."""
    groups = [ticks & 0x7F]
    while ticks := ticks >> 7:
        groups.append(0x80 | ticks & 0x7F)
    return bytes(reversed(groups))


def _meta(kind: int, data: bytes) -> bytes:
    return bytes((0xFF, kind)) + _delta(len(data)) + data


def _chunk(kind: bytes, data: bytes) -> bytes:
    return kind + len(data).to_bytes(4, "big") + data
