"""Small pieces for the tests of the score model, written by hand or drawn by hypothesis."""

from typing import Any

from hypothesis import strategies as st

from model_export.score.merging import train
from triton_models.score.document import from_row
from triton_models.score.model import MODES, ROLES
from triton_models.score_language import documents
from triton_models.score_language.encoding import rows_of
from triton_models.score_language.music import METERS, Bar, Chord, Meter, Note, Part, Piece, Section, Track
from triton_models.score_language.tokenizer import ScoreTokenizer
from triton_models.score_language.vocabulary import KITS, Vocabulary

GENRES = ("jazz", "waltz")
MOODS = ("calm", "sad")
VOCABULARY = Vocabulary(GENRES, MOODS)
PIANO = Track("chords", 0, False)
BASS = Track("bass", 33, False)
DRUMS = Track("drums", 0, True)


def chords_part(root: int, level: int = 8) -> Part:
    """A triad in quarter notes over four of them."""
    pitches = (60 + root, 64 + root, 67 + root)
    return Part(level, tuple(Note(place, pitch, 12, 0) for place in (0, 12, 24, 36) for pitch in pitches))


def bass_part(root: int, level: int = 9) -> Part:
    return Part(level, (Note(0, 36 + root, 24, 1), Note(24, 43 + root, 24, 0)))


def drums_part(level: int = 10) -> Part:
    return Part(level, tuple(Note(place, 42, 3, 0) for place in range(0, 48, 6)))


def song(bars: int = 16, *, text: str = "calm jazz") -> Piece:
    """Two verses and two choruses in C major, 4/4; bass and drums rest in the first bar."""
    quarter = bars // 4
    names = ("verse", "chorus", "verse", "chorus")
    roots = (0, 9, 5, 7)
    return Piece(
        genre="jazz",
        mood="calm",
        text=text,
        qpm=120.0,
        tonic=0,
        mode="major",
        meter=Meter(4, 4),
        tracks=(PIANO, BASS, DRUMS),
        sections=tuple(Section(name, quarter) for name in names),
        bars=tuple(
            Bar(
                (Chord(0, roots[number % 4], "m" if number % 4 == 1 else ""),),
                (
                    chords_part(roots[number % 4]),
                    bass_part(roots[number % 4]) if number else None,
                    drums_part() if number else None,
                ),
            )
            for number in range(4 * quarter)
        ),
    )


def tokenizer_of(*pieces: Piece, size: int = len(VOCABULARY) + 60) -> ScoreTokenizer:
    """Trained on the pieces, several times over so that there is something to merge."""
    return train(VOCABULARY, [row for piece in pieces for *_, row in rows_of(piece, VOCABULARY)] * 8, size)


@st.composite
def score_documents(draw: st.DrawFn) -> dict[str, Any]:
    """Rows of cadenza.score/1 with performed notes anywhere, in one meter and tempo."""
    meter = draw(st.sampled_from(METERS))
    quarters = 4 * meter.numerator / meter.denominator
    count = draw(st.integers(1, 6))
    starts = st.floats(0, count * quarters - 0.1)
    end = count * quarters + 20
    tracks = draw(st.lists(_tracks(starts), min_size=1, max_size=4))
    places = sorted(draw(st.sets(st.floats(0, count * quarters), max_size=4)))
    symbols = st.sampled_from(["C", "F#m7", "Bbmaj9", "Gsus4", "E7/G#", "N.C."])
    middle = quarters * draw(st.integers(1, count))
    return {
        "schema": "cadenza.score/1",
        "title": "",
        "seed": 0,
        "duration_beats": end,
        "genre": draw(st.sampled_from(["", *GENRES])),
        "mood": draw(st.sampled_from(["", *MOODS])),
        "key": {"tonic": draw(st.sampled_from(["C", "F#", "Bb", "Cb"])), "mode": draw(st.sampled_from(MODES))},
        "tempo_map": [{"beat": 0, "qpm": draw(st.floats(30, 240))}],
        "meter_map": [{"beat": 0, "numerator": meter.numerator, "denominator": meter.denominator}],
        "sections": [
            {"name": "verse", "start": 0, "end": middle},
            {"name": "chorus", "start": middle, "end": end},
        ],
        "chords": [{"start": place, "duration": 1.0, "symbol": draw(symbols)} for place in places],
        "tracks": [{**track, "id": str(index)} for index, track in enumerate(tracks)],
    }


@st.composite
def _tracks(draw: st.DrawFn, starts: st.SearchStrategy[float]) -> dict[str, Any]:
    is_drum = draw(st.booleans())
    note = st.tuples(starts, st.floats(0.02, 18), st.integers(24, 100), st.integers(1, 127))
    return {
        "name": "",
        "bank": 0,
        "volume": 1,
        "pan": 0,
        "reverb": 0,
        "role": "drums" if is_drum else draw(st.sampled_from(ROLES)),
        "program": draw(st.sampled_from(KITS)) if is_drum else draw(st.integers(0, 127)),
        "is_drum": is_drum,
        "notes": [list(row) for row in sorted(draw(st.lists(note, min_size=1, max_size=24)))],
    }


def pieces() -> st.SearchStrategy[Piece]:
    """Pieces read from such documents."""
    return score_documents().map(lambda document: documents.read(from_row(document), "words"))
