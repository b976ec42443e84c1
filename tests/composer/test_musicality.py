"""Musical quality, by numbers: tonal centre, melody, dynamics, form and pulse."""

from itertools import pairwise
from statistics import mean

import pytest

from tests.composer.measures import bar_quarters, estimated_key, notes_in, share_in_key, tracks_of
from triton_models.composer.brief import Brief
from triton_models.composer.composer import compose
from triton_models.composer.genres import GENRES
from triton_models.score.model import MODES, Key, Mode, Note, Score, Section

DIATONIC = sorted(set(GENRES) - {"blues", "gospel"})  # these two borrow notes on purpose


def pieces(genre: str, count: int, seconds: float = 60.0) -> list[Score]:
    return [compose(Brief(genre, seconds, seed)) for seed in range(count)]


def lead_in(score: Score, name: str) -> list[Note]:
    return [
        note
        for track in tracks_of(score, "melody")
        for section in score.sections
        if section.name == name
        for note in notes_in(track, section)
    ]


def test_the_declared_key_is_the_measured_one() -> None:
    # given 200 pieces over all genres and several lengths
    genres = tuple(GENRES)
    wrong = []
    for seed in range(200):
        score = compose(Brief(genres[seed % len(genres)], (20.0, 30.0, 60.0, 120.0)[seed % 4], seed))

        # when their keys are estimated from what sounds
        if estimated_key(score) != (score.key.pitch_class, score.key.is_minor):
            wrong.append((score.genre, seed, score.key))

    # then at least 95 % are right
    assert len(wrong) <= 10, wrong


@pytest.mark.parametrize("mode", [mode for mode in MODES if mode != "lydian"])
def test_requested_modes_centre_on_their_tonic(mode: Mode) -> None:
    key = Key("D", mode)
    scores = [compose(Brief(genre, 30.0, seed, key=key)) for genre in ("pop", "folk", "house") for seed in range(10)]
    right = [estimated_key(score) == (2, key.is_minor) for score in scores]

    assert sum(right) >= 28


@pytest.mark.parametrize("genre", GENRES)
def test_pieces_begin_and_end_on_the_tonic(genre: str) -> None:
    for score in pieces(genre, 4, 30.0):
        tonic = score.key.tonic
        assert score.chords[0].symbol.startswith(tonic)
        assert score.chords[-1].symbol in (tonic, f"{tonic}m", f"{tonic}7")
        final = score.chords[-1].start
        for track in tracks_of(score, "bass"):
            assert track.notes[-1].pitch % 12 == score.key.pitch_class
            assert track.notes[-1].start == pytest.approx(final, abs=0.1)


@pytest.mark.parametrize("genre", DIATONIC)
def test_melodies_are_in_key(genre: str) -> None:
    for score in pieces(genre, 6, 40.0):
        for track in tracks_of(score, "melody"):
            assert share_in_key(track.notes, score.key) >= 0.9


def test_melodies_are_singable() -> None:
    # given leads of many genres
    leaps, moves, repeats = 0, 0, 0
    for genre in GENRES:
        for score in pieces(genre, 3):
            for track in tracks_of(score, "melody"):
                pitches = [note.pitch for note in track.notes]
                steps = [abs(b - a) for a, b in pairwise(pitches)]
                leaps += sum(step > 9 for step in steps)
                repeats += sum(step == 0 for step in steps)
                moves += len(steps)
                # then no lead wanders over more than two octaves and a half
                assert max(pitches) - min(pitches) <= 30

    # and leaps of more than a sixth, or mere repetition, are the exception
    assert leaps / moves < 0.05
    assert repeats / moves < 0.25


def test_phrases_come_back() -> None:
    # given songs with two choruses
    for seed in range(6):
        score = compose(Brief("pop", 120.0, seed))
        choruses = [section for section in score.sections if section.name == "chorus"]
        lead = tracks_of(score, "melody")[0]

        # then the second chorus sings the beginning of the first
        tunes = [[note.pitch for note in notes_in(lead, chorus)][:8] for chorus in choruses]
        assert tunes[0] == tunes[1]


def test_a_motif_is_repeated_within_its_section() -> None:
    recurring = 0
    for seed in range(20):
        score = compose(Brief("pop", 60.0, seed))
        bar = bar_quarters(score)
        lead = tracks_of(score, "melody")[0]
        verse = next(section for section in score.sections if section.name == "verse")
        rhythms = [
            tuple(round((note.start - verse.start - index * bar) * 4) for note in notes_in(lead, window))
            for index in range(4)
            for window in [Section("bar", verse.start + index * bar, verse.start + (index + 1) * bar)]
        ]
        recurring += len(set(rhythms)) < len(rhythms)

    assert recurring >= 17


def test_choruses_are_higher_and_denser_than_verses() -> None:
    higher = denser = louder = total = 0
    for genre in DIATONIC:
        for score in pieces(genre, 3):
            verse, chorus = lead_in(score, "verse"), lead_in(score, "chorus")
            if not verse or not chorus:
                continue
            beats = {
                name: sum(s.end - s.start for s in score.sections if s.name == name) for name in ("verse", "chorus")
            }
            total += 1
            higher += mean(n.pitch for n in chorus) > mean(n.pitch for n in verse)
            louder += mean(n.velocity for n in chorus) > mean(n.velocity for n in verse)
            denser += len(chorus) / beats["chorus"] > len(verse) / beats["verse"]

    assert higher / total > 0.9
    assert louder / total > 0.95
    assert denser / total > 0.65


def test_intros_are_sparser_than_choruses() -> None:
    for genre in ("pop", "rock", "house", "jazz", "cinematic"):
        for score in pieces(genre, 4, 120.0):
            density = {
                section.name: sum(len(notes_in(track, section)) for track in score.tracks)
                / (section.end - section.start)
                for section in score.sections
            }
            assert density["intro"] < density["chorus"]


def test_energy_raises_density_and_velocity() -> None:
    for genre in GENRES:
        calm = [compose(Brief(genre, 30.0, seed, bpm=100.0, meter="4/4", energy=0.1)) for seed in range(4)]
        wild = [compose(Brief(genre, 30.0, seed, bpm=100.0, meter="4/4", energy=0.9)) for seed in range(4)]

        def count(scores: list[Score]) -> int:
            return sum(len(track.notes) for score in scores for track in score.tracks)

        def loudness(scores: list[Score]) -> float:
            return mean(note.velocity for score in scores for track in score.tracks for note in track.notes)

        assert count(wild) > count(calm)
        assert loudness(wild) > loudness(calm) + 10


def test_the_last_chord_is_held() -> None:
    for genre in GENRES:
        score = compose(Brief(genre, 40.0, 2))
        final = score.chords[-1].start
        held = [
            note
            for track in score.tracks
            if not track.is_drum
            for note in track.notes
            if note.start >= final - 0.1 and score.seconds_at(note.end) - score.seconds_at(note.start) >= 0.6
        ]
        tonic = score.key.pitch_class
        assert {tonic, (tonic + 7) % 12} <= {note.pitch % 12 for note in held}


@pytest.mark.parametrize("genre", ["house", "techno", "rock", "pop", "funk", "disco"])
def test_drums_mark_the_beat(genre: str) -> None:
    for seed in range(3):
        score = compose(Brief(genre, 30.0, seed, instruments=("drums",)))
        kit = tracks_of(score, "drums")[0]
        chorus = next(section for section in score.sections if section.name in ("chorus", "verse"))
        hit = {round(note.start) for note in notes_in(kit, chorus) if abs(note.start - round(note.start)) < 0.06}
        beats = set(range(round(chorus.start), round(chorus.end)))

        assert len(beats & hit) >= 0.9 * len(beats)


def test_fills_and_crashes_mark_sections() -> None:
    score = compose(Brief("rock", 90.0, 4, instruments=("drums",)))
    kit = tracks_of(score, "drums")[0]
    starts = [section.start for section in score.sections[1:] if section.name not in ("intro", "breakdown")]

    crashes = [note.start for note in kit.notes if note.pitch == 49]
    toms = [note.start for note in kit.notes if note.pitch in (43, 45, 47, 50)]
    for start in starts:
        assert any(abs(crash - start) < 0.1 for crash in crashes)
    assert sum(any(start - 2.1 < tom < start for tom in toms) for start in starts) >= len(starts) - 1


def test_swing_delays_the_off_beats_of_jazz() -> None:
    score = compose(Brief("jazz", 30.0, 5, meter="4/4", instruments=("drums",)))
    ride = [note.start % 1 for note in tracks_of(score, "drums")[0].notes if note.pitch == 51]
    off_beats = [phase for phase in ride if 0.3 < phase < 0.9]

    assert 0.6 < mean(off_beats) < 0.7


def test_chiptune_is_quantised() -> None:
    score = compose(Brief("chiptune", 20.0, 1))

    assert all(
        note.start * 4 == pytest.approx(round(note.start * 4), abs=1e-6) for t in score.tracks for note in t.notes
    )
