"""Key of a whole piece from its chroma. One key per piece: modes count as the major or minor they resemble."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from adapters.media.pitch import Chroma

NOTES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")

Profile = npt.NDArray[np.float64]

# Albrecht and Shanahan, The Use of Large Corpora to Train a New Type of Key-Finding Algorithm (Music Perception,
# 2013). On rendered pieces they were right more often than Krumhansl and Kessler's (1982) and Temperley's (2007).
_MAJOR = np.array([0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081])
_MINOR = np.array([0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052])
_BASS = np.array([1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.4, 0.0, 0.0, 0.0, 0.0])
_TRIADS = (np.array([1.0, 0, 0, 0, 0.8, 0, 0, 0.8, 0, 0, 0, 0]), np.array([1.0, 0, 0, 0.8, 0, 0, 0, 0.8, 0, 0, 0, 0]))
_BASS_WEIGHT, _FRAME_WEIGHT = 0.1, 0.2
_CLEAR_MARGIN = 0.25
_BLOCK, _OPENING, _CLOSING = 10, 2, 4


@dataclass(frozen=True)
class Key:
    """A name like "A minor", and its lead over the best rival, 0..1; an empty name when there is no pitch."""

    name: str
    confidence: float


def estimate_key(bass: Chroma, full: Chroma) -> Key:
    """Scores the 24 keys on chroma [frames, 12] at 20 frames a second.

    Correlation of the profile with the whole, as Krumhansl and Schmuckler do, plus two lesser signs of the tonic:
    the bass rests on it and its fifth, and pieces tend to begin and end on its triad.
    """
    if not full.any():
        return Key("", 0.0)
    scores = _profile_scores(_balanced(full), (_MAJOR, _MINOR))
    scores += _BASS_WEIGHT * _profile_scores(_balanced(bass), (_BASS, _BASS))
    scores += _FRAME_WEIGHT * _framing(full)
    order = np.argsort(scores.ravel())
    tonic, mode = divmod(int(order[-1]), 2)
    margin = float(scores.ravel()[order[-1]] - scores.ravel()[order[-2]])
    return Key(f"{NOTES[tonic]} {('major', 'minor')[mode]}", min(1.0, margin / _CLEAR_MARGIN))


def _balanced(chroma: Chroma) -> Profile:
    """Mean over time in which loud passages count no more than soft ones, silence not at all."""
    energy = chroma.sum(1, keepdims=True)
    mean: Profile = (chroma / (energy + 0.1 * energy.max() + 1e-9)).sum(0)
    return mean


def _standardised(profile: Profile) -> Profile:
    centred = profile - profile.mean()
    standardised: Profile = centred / (np.linalg.norm(centred) + 1e-9)
    return standardised


def _profile_scores(chroma: Profile, profiles: tuple[Profile, Profile]) -> Profile:
    """Pearson correlation with both profiles on every tonic: [12, 2]."""
    heard = _standardised(chroma)
    return np.array([[np.roll(_standardised(p), tonic) @ heard for p in profiles] for tonic in range(12)])


def _framing(full: Chroma) -> Profile:
    """How much the first second and the last two of the sounding part are each triad: [12, 2]."""
    blocks = full[: max(1, len(full) // _BLOCK) * _BLOCK]
    blocks = blocks[: len(blocks) // _BLOCK * _BLOCK].reshape(-1, _BLOCK, 12).sum(1) if len(full) >= _BLOCK else full
    energy = blocks.sum(1)
    sounding = blocks[energy > 0.2 * np.median(energy)]
    heard = np.array([_standardised(block) for block in sounding])
    triads = np.array([[np.roll(_standardised(t), tonic) for t in _TRIADS] for tonic in range(12)])
    likeness = np.exp(8.0 * np.einsum("bp,tmp->btm", heard, triads))
    shares = likeness / likeness.sum((1, 2), keepdims=True)
    framing: Profile = shares[:_OPENING].mean(0) + shares[-_CLOSING:].mean(0)
    return framing
