"""Where a piece passes into another section. It hears changes of sound that last; it names and compares no sections."""

import numpy as np
import numpy.typing as npt

from adapters.media.spectrum import Matrix
from adapters.media.tempo import FRAME_RATE
from domain.kit.audio.sound import Section

Times = npt.NDArray[np.float64]
Rows = npt.NDArray[np.float64]

_SHORTEST_BLOCK = 1.0
_FREE_BLOCK = 2.0
_KERNELS_SECONDS = (6.0, 12.0)
_SHORTEST_SECTION = 8.0
_EDGE = 3.0
_LEAST_NOVELTY, _CLEAR_NOVELTY = 0.15, 0.6
_FEWEST_BLOCKS = 6
_USUAL_SPREAD, _LEAST_CHANGE = 0.3, 0.25


def find_sections(mel: Matrix, bars: Times, seconds: float) -> tuple[Section, ...]:
    """Sections that cover all `seconds`; boundaries less than 8 s apart are not told from each other.

    `mel` power [frames, bands] at 100 frames a second, its log-compressed means over bars as features; `bars` are the
    moments at which sections may begin, and without any it is every 2 s.
    """
    edges = _edges(bars, seconds)
    if len(edges) - 1 < _FEWEST_BLOCKS or not mel.any():
        return (Section(0.0, round(seconds, 3), 1.0),)
    novelty = _novelty(_features(mel, edges), float(np.median(np.diff(edges))))
    found = _boundaries(novelty, edges)
    starts = [0.0, *(float(edges[index]) for index in found)]
    confidences = [1.0, *(min(1.0, float(novelty[index]) / _CLEAR_NOVELTY) for index in found)]
    ends = [*starts[1:], seconds]
    return tuple(
        Section(round(start, 3), round(end, 3), round(confidence, 3))
        for start, end, confidence in zip(starts, ends, confidences, strict=True)
    )


def _edges(bars: Times, seconds: float) -> Times:
    """Bars, as many together as make a second, with the start and the end of the piece."""
    usual = bars if len(bars) >= _FEWEST_BLOCKS else np.arange(0.0, seconds, _FREE_BLOCK)
    together = max(1, int(np.ceil(_SHORTEST_BLOCK / float(np.median(np.diff(usual)))))) if len(usual) > 1 else 1
    inside = usual[::together]
    inside = inside[(inside > _SHORTEST_BLOCK / 4) & (inside < seconds - _SHORTEST_BLOCK / 4)]
    return np.concatenate([[0.0], inside, [seconds]])


def _features(mel: Matrix, edges: Times) -> Rows:
    """Mean log-compressed spectra between the edges, less those of the piece: [blocks, bands]."""
    level = np.log1p(mel * np.float32(10.0 / mel.mean()))
    frames = np.clip(np.round(edges * FRAME_RATE).astype(int), 0, len(level) - 1)
    means = np.add.reduceat(level, frames[:-1], axis=0, dtype=np.float64) / np.maximum(1, np.diff(frames))[:, None]
    features: Rows = means - means.mean(0)
    return features


def _novelty(features: Rows, block_seconds: float) -> Times:
    """How much the blocks before and after each block's start differ, while each side is like itself: [blocks].

    A Gaussian checkerboard along the diagonal of the self-similarity matrix by the cosine (Foote, Automatic Audio
    Segmentation Using a Measure of Audio Novelty, 2000), for two lengths of memory.
    """
    # a band that hardly changes says little, so its spread is not blown up to that of the others
    scaled = features / (features.std(0) + _USUAL_SPREAD)
    unit = scaled / (np.linalg.norm(scaled, axis=1, keepdims=True) + 1e-9)
    # nor is a piece that hardly changes at all
    similarity = min(1.0, float(features.std()) / _LEAST_CHANGE) ** 2 * (unit @ unit.T)
    reaches = [max(2, round(seconds / block_seconds)) for seconds in _KERNELS_SECONDS]
    found: Times = np.mean([_along_diagonal(similarity, reach) for reach in reaches], axis=0)
    return found


def _along_diagonal(similarity: Rows, reach: int) -> Times:
    offset = np.arange(-reach, reach) + 0.5
    side = np.sign(offset) * np.exp(-0.5 * (2.0 * offset / reach) ** 2)
    kernel = np.outer(side, side)
    padded = np.pad(similarity, reach, mode="edge")
    windows = (padded[at : at + 2 * reach, at : at + 2 * reach] for at in range(len(similarity)))
    return np.array([float((window * kernel).sum()) for window in windows]) / float(np.abs(kernel).sum())


def _boundaries(novelty: Times, edges: Times) -> list[int]:
    """Blocks at which novelty is highest within the shortest section to either side, and high enough."""
    starts = edges[:-1]
    found = []
    for index in range(1, len(novelty)):
        near = np.abs(starts - starts[index]) < _SHORTEST_SECTION
        inside = _EDGE < starts[index] < edges[-1] - _EDGE
        if inside and novelty[index] > _LEAST_NOVELTY and novelty[index] == novelty[near].max():
            found.append(index)
    return found
