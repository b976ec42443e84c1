"""Scores as the memory engine writes and changes them: two tracks, and a few notes in each bar by seed."""

import math
import random
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from domain.kit.errors import EngineRefused

TRACKS = {"chords": "chords", "bass": "bass"}
MOST_TRACKS = 8
NOTES_IN_A_BAR = 4
QUARTERS_PER_DOTTED_QUARTER = 1.5
ROUNDING = 1e-6

Score = dict[str, Any]


def new_score(brief: Mapping[str, Any]) -> Score:
    """As long as the brief says, in whole bars."""
    key = brief["key"] or {"tonic": "A", "mode": "minor"}
    numerator, denominator = (int(part) for part in (brief["meter"] or "4/4").split("/"))
    bpm = brief["bpm"] or 120.0
    score = {
        "schema": "cadenza.score/1",
        "title": brief["title"] or "One Chord",
        "genre": brief["genre"],
        "mood": brief["mood"] or "",
        "seed": brief["seed"],
        "key": key,
        "tempo_map": [
            {"beat": 0.0, "qpm": bpm * QUARTERS_PER_DOTTED_QUARTER if _is_compound(numerator, denominator) else bpm}
        ],
        "meter_map": [{"beat": 0.0, "numerator": numerator, "denominator": denominator}],
        "sections": [],
        "chords": [],
        "tracks": [_track(name, role) for name, role in TRACKS.items()],
        "duration_beats": 0.0,
    }
    return _grown(score, "verse", bars_in(score, brief["duration_seconds"]), brief["seed"])


def changed(score: Score, change: Mapping[str, Any], seed: int) -> Score:
    """What cadenza.edit/1 asks for. Raises `EngineRefused` for what cannot be done."""
    kind, bars = change["kind"], bar_count(score)
    if kind == "extend":
        seconds = score["duration_beats"] / _beats_per_second(score) + change["seconds"]
        return _grown(score, "outro", bars_in(score, seconds) - bars, seed)
    if kind == "repaint":
        return _rewritten(score, _touched(score, change["from_seconds"], change["to_seconds"]), seed)
    if kind == "layer":
        return _layered(score, change["instrument"], seed)
    if kind == "vary":
        chosen = random.Random(f"{seed}").sample(range(bars), max(1, round(change["amount"] * bars)))
        return _rewritten(score, chosen, seed)
    raise EngineRefused("INVALID_EDIT", f"{kind!r} is no kind of change")


def bar_count(score: Score) -> int:
    return round(float(score["duration_beats"]) / _bar_beats(score))


def bars_in(score: Score, seconds: float) -> int:
    """So many bars fill this time."""
    return max(1, math.ceil(seconds * _beats_per_second(score) / _bar_beats(score) - ROUNDING))


def _touched(score: Score, start: float, end: float) -> range:
    bar_seconds = _bar_beats(score) / _beats_per_second(score)
    bars = range(math.floor(start / bar_seconds + ROUNDING), math.ceil(end / bar_seconds - ROUNDING))
    if not bars or bars.start < 0 or bars.stop > bar_count(score):
        raise EngineRefused("INVALID_EDIT", f"there is no music from {start:g} to {end:g} seconds")
    return bars


def _grown(score: Score, section: str, bars: int, seed: int) -> Score:
    """With so many bars more behind those that are there."""
    beats, there = _bar_beats(score), bar_count(score)
    start, end = score["duration_beats"], (there + bars) * beats
    added = range(there, there + bars)
    return {
        **score,
        "sections": [*score["sections"], {"name": section, "start": start, "end": end}],
        "chords": [*score["chords"], *({"start": bar * beats, "duration": beats, "symbol": "Am"} for bar in added)],
        "tracks": [_played(track, (), added, seed, beats) for track in score["tracks"]],
        "duration_beats": end,
    }


def _rewritten(score: Score, bars: Collection[int], seed: int) -> Score:
    beats = _bar_beats(score)
    return {**score, "tracks": [_played(track, bars, sorted(bars), seed, beats) for track in score["tracks"]]}


def _layered(score: Score, instrument: str, seed: int) -> Score:
    if len(score["tracks"]) >= MOST_TRACKS:
        raise EngineRefused("INVALID_EDIT", f"the song has {MOST_TRACKS} tracks already, and more do not fit")
    ids = {track["id"] for track in score["tracks"]}
    name = next(name for name in _names(instrument) if name not in ids)
    fresh = _played(_track(name, "melody"), (), range(bar_count(score)), seed, _bar_beats(score))
    return {**score, "tracks": [*score["tracks"], fresh]}


def _names(instrument: str) -> Sequence[str]:
    return [instrument, *(f"{instrument} {number}" for number in range(2, MOST_TRACKS + 1))]


def _track(name: str, role: str) -> dict[str, Any]:
    fixed = {"bank": 0, "program": 0, "is_drum": False, "volume": 0.8, "pan": 0.0, "reverb": 0.2}
    return {"id": name, "name": name, "role": role, **fixed, "notes": []}


def _played(
    track: Mapping[str, Any], without: Collection[int], bars: Collection[int], seed: int, beats: float
) -> dict[str, Any]:
    """The track without the notes of some bars, and with new ones in others."""
    kept = [note for note in track["notes"] if math.floor(note[0] / beats + ROUNDING) not in without]
    fresh = [note for bar in bars for note in _bar(bar, beats, random.Random(f"{seed} {track['id']} {bar}"))]
    return {**track, "notes": sorted([*kept, *fresh])}


def _bar(number: int, beats: float, chance: random.Random) -> list[list[float]]:
    length = beats / NOTES_IN_A_BAR
    starts = [number * beats + index * length for index in range(NOTES_IN_A_BAR)]
    return [[start, length, chance.randrange(36, 84), chance.randrange(50, 110)] for start in starts]


def _bar_beats(score: Score) -> float:
    """A bar in quarter notes."""
    meter = score["meter_map"][0]
    return float(meter["numerator"]) * 4 / float(meter["denominator"])


def _beats_per_second(score: Score) -> float:
    return float(score["tempo_map"][0]["qpm"]) / 60


def _is_compound(numerator: int, denominator: int) -> bool:
    return denominator == 8 and numerator in (6, 12)
