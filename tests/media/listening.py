"""Having audio analysed as a rendition has it, in pieces."""

import numpy as np

from adapters.media.analysis import Analyser
from domain.kit.audio.media import Audio, AudioAnalysis
from tests.media.music import chunks


def analysed(audio: Audio, expected_bpm: float | None = None) -> AudioAnalysis:
    analyser = Analyser()
    for chunk in chunks(audio, 70_001):
        analyser.push(chunk, chunk.mean(axis=1, dtype=np.float32))
    analysis, _ = analyser.finish(expected_bpm)
    return analysis
