"""From written bars to notes as somebody plays them, and to a score: feel, names, balance and the end."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

import numpy as np

from triton_models.composer.brief import Brief
from triton_models.composer.genres import GENRES
from triton_models.composer.humanise import SHORTEST, STEADINESS, VELOCITY_NOISE, clean
from triton_models.composer.instruments import INSTRUMENTS
from triton_models.composer.randomness import stream
from triton_models.composer.timeline import Timeline
from triton_models.composer.titles import compose_title
from triton_models.score.model import Key, Note, Score, Track
from triton_models.score_language import documents, music
from triton_models.score_language.music import Piece, shift_of
from triton_models.score_language.quantising import Played, perform

_USUAL_LOOSENESS: Final = 0.005  # seconds, as a genre of no particular feel has it


def title_of(brief: Brief, piece: Piece) -> str:
    """The brief's title, or one made up as the composer makes them."""
    if brief.title is not None:
        return brief.title
    energy = GENRES[brief.genre].energy if brief.energy is None else brief.energy
    return compose_title(stream(brief.seed, "title", brief.genre), Key("C", piece.mode).is_minor, energy)


def perform_song(piece: Piece, brief: Brief, timeline: Timeline) -> Score:
    """A whole new score, as long as its timeline says; notes end by the timeline's last sound."""
    written = documents.write(piece, title_of(brief, piece), brief.seed, GENRES[brief.genre].reverb)
    seen = Counter[str]()
    tracks = []
    for index, (track, row) in enumerate(zip(piece.tracks, written.tracks, strict=True)):
        parts = [bar.parts[index] for bar in piece.bars]
        played = perform(parts, track, piece.meter.positions, shift_of(piece.tonic))
        notes = play(played, track, piece, brief.seed, row.id, timeline.last_sound)
        seen[track.role] += 1
        tracks.append(replace(row, id=f"{track.role}-{seen[track.role]}", name=name_of(track), notes=notes))
    return ended(replace(written, tracks=tuple(tracks)), timeline.duration)


def play(
    notes: Iterable[Played], track: music.Track, piece: Piece, seed: int, part: str, last_sound: float
) -> tuple[Note, ...]:
    """Notes of one part with the looseness of their genre; equal seeds and names of parts give equal deviations."""
    kept = [note for note in notes if note.start < last_sound - SHORTEST]
    if not kept:
        return ()
    rng = stream(seed, "feel", part)
    style = GENRES.get(piece.genre or "")
    seconds = (_USUAL_LOOSENESS if style is None else style.looseness) * STEADINESS.get(track.role, 1.0)
    drift = np.clip(rng.standard_normal(len(kept)), -2.0, 2.0) * seconds * piece.qpm / 60.0
    noise = rng.standard_normal(len(kept)) * VELOCITY_NOISE
    starts = np.array([note.start for note in kept])
    ends = starts + np.array([note.duration for note in kept])
    velocities = np.array([note.velocity for note in kept]) + noise
    return clean(
        np.clip(starts + drift, 0.0, last_sound - 2 * SHORTEST),
        np.minimum(ends + drift, last_sound),
        np.array([note.pitch for note in kept]),
        np.asarray(np.clip(np.rint(velocities), 12, 127), dtype=np.int64),
        single_voice=False,
    )


def name_of(track: music.Track) -> str:
    """What the instrument is called, after the composer's names; its role where they know none."""
    if track.is_drum:
        brushes = track.program in INSTRUMENTS["brushed drums"].programs
        return "Brushed drums" if brushes else track.role.capitalize()
    found = (entry.name for entry in INSTRUMENTS.values() if not entry.is_drum and track.program in entry.programs)
    return next(found, track.role).capitalize()


def unused_id(role: str, tracks: Sequence[Track]) -> str:
    """An id for one more part of that role."""
    taken = {track.id for track in tracks}
    return next(name for number in range(1, len(tracks) + 2) if (name := f"{role}-{number}") not in taken)


def ended(score: Score, duration: float) -> Score:
    """The score with sections and chords that follow each other to the end of the piece and stop there."""
    sections = [section for section in score.sections if section.start < duration]
    stops = [*(section.start for section in sections), duration]
    chords = [chord for chord in score.chords if chord.start < duration]
    edges = [*(chord.start for chord in chords), duration]
    return replace(
        score,
        sections=tuple(replace(section, end=end) for section, (_, end) in zip(sections, pairwise(stops), strict=True)),
        chords=tuple(
            replace(chord, duration=end - start) for chord, (start, end) in zip(chords, pairwise(edges), strict=True)
        ),
        duration_beats=duration,
    )
