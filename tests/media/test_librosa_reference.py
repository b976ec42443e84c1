"""Tempo and chroma against librosa, which is too slow to start for the running system."""

import librosa
import numpy as np
import pytest

from adapters.media.pitch import PitchClasses
from adapters.media.spectrum import PowerSpectra, mel_edges, triangular_bank
from adapters.media.tempo import estimate_tempo, onset_envelope
from tests.media.music import SAMPLE_RATE, Piece, played


@pytest.mark.parametrize("bpm", [80.0, 96.0, 120.0])
def test_tempo_agrees_with_librosa_within_its_grid(bpm: float) -> None:
    mono = played(Piece(bpm=bpm, seconds=15.0)).mean(axis=1)
    spectra = PowerSpectra(2_048, 441)
    mel = np.concatenate([spectra.push(mono), spectra.flush()]) @ triangular_bank(mel_edges(40, 30, 16_000), 2_048)

    reference = float(librosa.feature.tempo(y=mono, sr=SAMPLE_RATE, start_bpm=bpm)[0])

    assert estimate_tempo(onset_envelope(mel), bpm).bpm == pytest.approx(reference, rel=0.04)


def test_chroma_agrees_with_librosa() -> None:
    mono = played(Piece(tonic=4, mode="minor", seconds=10.0)).mean(axis=1)
    spectra, pitches = PowerSpectra(8_192, 2_205), PitchClasses(8_192)
    pitches.push(np.concatenate([spectra.push(mono), spectra.flush()]))

    _, full = pitches.chroma()
    reference = librosa.feature.chroma_stft(y=mono, sr=SAMPLE_RATE, n_fft=8_192, hop_length=2_205, tuning=0.0)

    assert np.corrcoef(full.mean(axis=0), reference.mean(axis=1))[0, 1] > 0.8
