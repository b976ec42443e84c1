"""MIDI files: what is read from them, what is refused and why, and what a corpus makes of a folder."""

import json
from pathlib import Path

import mido
import pytest

from model_export.score import corpus, midi_files, records
from model_export.score.records import SPLITS, Record
from model_export.score.sources import Refused, composed, from_midi
from tests.model_export.score.builders import song
from triton_models.composer.__main__ import write
from triton_models.composer.brief import Brief
from triton_models.composer.brief_sampling import sample_brief
from triton_models.composer.composer import compose
from triton_models.score.midi import to_midi
from triton_models.score.model import Key
from triton_models.score_language.documents import Unusable
from triton_models.score_language.music import Meter, Piece

TICKS = 480


def midi(
    path: Path,
    notes: int = 40,
    *,
    program: int = 0,
    channel: int = 0,
    step: float = 0.5,
    events: tuple[mido.MetaMessage, ...] = (),
) -> Path:
    """A file with one instrument that climbs through C major in eighths, behind the given meta messages."""
    file = mido.MidiFile(ticks_per_beat=TICKS)
    track = mido.MidiTrack(events)
    track.append(mido.Message("program_change", channel=channel, program=program, time=0))
    length = round(step * TICKS)
    for number in range(notes):
        pitch = 60 + (0, 2, 4, 5, 7, 9, 11)[number % 7]
        track.append(mido.Message("note_on", channel=channel, note=pitch, velocity=80, time=0))
        track.append(mido.Message("note_off", channel=channel, note=pitch, velocity=0, time=length))
    file.tracks.append(track)
    file.save(path)
    return path


def test_a_composed_song_comes_back_from_its_midi_file(tmp_path: Path) -> None:
    # Given a song with drums, in D minor and 6/8
    brief = Brief("folk", 40, 3, key=Key("D", "minor"), meter="6/8", bpm=60, instruments=("drums", "flute"))
    path = tmp_path / "song.mid"
    path.write_bytes(to_midi(compose(brief)))

    piece = midi_files.read(path)

    assert (piece.meter, piece.tonic, piece.mode) == (Meter(6, 8), 2, "minor")
    assert piece.qpm == pytest.approx(90, abs=0.01)
    assert {track.role for track in piece.tracks} >= {"drums", "bass"}
    assert 73 in {track.program for track in piece.tracks}
    assert (piece.genre, piece.mood, piece.text) == (None, None, "")


def test_a_file_without_marks_is_in_four_four_at_120_and_in_the_key_of_its_notes(tmp_path: Path) -> None:
    piece = midi_files.read(midi(tmp_path / "plain.mid"))

    assert (piece.meter, piece.qpm, piece.tonic, piece.mode) == (Meter(4, 4), 120.0, 0, "major")
    assert [track.role for track in piece.tracks] == ["melody"]
    assert (len(piece.bars), [section.bars for section in piece.sections]) == (5, [5])
    assert [note.position for note in piece.bars[0].parts[0].notes] == list(range(0, 48, 6))  # type: ignore[union-attr]


def test_the_longest_stretch_in_one_meter_is_kept(tmp_path: Path) -> None:
    # Given two bars of 4/4 ahead of a waltz
    events = (
        mido.MetaMessage("time_signature", numerator=4, denominator=4, time=0),
        mido.MetaMessage("time_signature", numerator=3, denominator=4, time=8 * TICKS),
    )
    file = mido.MidiFile(midi(tmp_path / "mixed.mid", 80))
    file.tracks.insert(0, mido.MidiTrack(events))
    file.save(tmp_path / "mixed.mid")

    piece = midi_files.read(tmp_path / "mixed.mid")

    assert piece.meter == Meter(3, 4)
    assert len(piece.bars) == 11


@pytest.mark.parametrize(
    "options, reason",
    [
        ({"notes": 8}, "has hardly any notes"),
        ({"channel": 9}, "has nothing but drums"),
        ({"step": 0.0625}, "lasts 1 bars"),
        ({"events": (mido.MetaMessage("set_tempo", tempo=100_000),)}, "has 600 quarter notes a minute"),
        ({"events": (mido.MetaMessage("time_signature", numerator=17, denominator=16),)}, "has the meter 17/16"),
    ],
)
def test_what_nobody_can_learn_from_is_refused_with_the_reason(
    options: dict[str, object], reason: str, tmp_path: Path
) -> None:
    path = midi(tmp_path / "bad.mid", **options)  # type: ignore[arg-type]

    with pytest.raises(Unusable, match=reason):
        midi_files.read(path)


def test_drums_alone_are_kept_when_asked_for(tmp_path: Path) -> None:
    piece = midi_files.read(midi(tmp_path / "drums.mid", channel=9), drums_alone=True)

    assert [track.is_drum for track in piece.tracks] == [True]


def test_a_folder_is_read_without_its_broken_files(tmp_path: Path) -> None:
    (tmp_path / "deeper").mkdir()
    midi(tmp_path / "deeper" / "good.MID")
    (tmp_path / "broken.mid").write_bytes(b"MThd and nothing else")
    (tmp_path / "notes.txt").write_text("no music")

    broken, good = from_midi(tmp_path, drums_alone=False)

    assert isinstance(broken, Refused)
    assert (broken.source, broken.reason.partition(":")[0]) == ("midi broken.mid", "cannot be read")
    assert isinstance(good, Record)
    assert good.source == "midi deeper/good.MID"


def test_a_corpus_is_split_by_source_and_holds_no_piece_twice(tmp_path: Path) -> None:
    # Given two composed pieces, one MIDI file twice under two names, and a broken one
    write([sample_brief(0), sample_brief(1)], tmp_path / "composed" / "pieces-0-2.jsonl.gz")
    folder = tmp_path / "midi"
    folder.mkdir()
    midi(folder / "one.mid")
    midi(folder / "two.mid")
    (folder / "broken.mid").write_bytes(b"")
    found = [*composed(tmp_path / "composed"), *from_midi(folder, drums_alone=False)]

    summary = corpus.build(found, tmp_path / "corpus")

    assert sum(summary.pieces.values()) == 3
    assert (summary.duplicates, summary.refused) == (1, {"cannot be read": 1})
    kept = {record.source: split for split in SPLITS for record in records.load(tmp_path / "corpus", split)}
    assert kept == {source: corpus.split_of(source) for source in ("seed 0", "seed 1", "midi one.mid")}
    assert json.loads((tmp_path / "corpus" / corpus.FILE).read_text())["schema"] == "cadenza.corpus/1"
    assert set(corpus.vocabulary_of(tmp_path / "corpus").genres) == set(summary.genres)


def test_about_one_source_in_fifty_is_for_each_held_out_split() -> None:
    splits = [corpus.split_of(f"seed {seed}") for seed in range(5000)]

    assert 70 <= splits.count("test") <= 130
    assert 70 <= splits.count("validation") <= 130


def test_records_come_back_as_they_were(tmp_path: Path) -> None:
    kept = [Record("seed 1", {"genre": "jazz"}, song()), Record("midi a.mid", None, song(8, text=""))]
    path = records.file_of(tmp_path, "train")

    save(path, kept)
    first = path.read_bytes()
    save(path, kept)

    assert list(records.load(tmp_path, "train")) == kept
    assert path.read_bytes() == first


def save(path: Path, kept: list[Record]) -> None:
    with records.writer(path) as add:
        for record in kept:
            add(record)


def test_the_digest_hears_notes_only() -> None:
    piece = song()

    assert records.digest(piece) == records.digest(renamed(piece))
    assert records.digest(piece) != records.digest(song(20))


def renamed(piece: Piece) -> Piece:
    """The same notes under another text."""
    return song(len(piece.bars), text="something else")
