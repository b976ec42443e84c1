"""Whole renderings measured with meters other than the renderer's own: pyloudnorm, and soxr on the whole piece."""

import numpy as np
import pyloudnorm
import pytest
import soxr

from tests.renderer.scores import make_band, make_job, make_score, make_track
from triton_models.renderer.audio import Audio
from triton_models.renderer.errors import CancelledError, InvalidScoreError
from triton_models.renderer.render import Job, render
from triton_models.renderer.synth import SoundFontSynth
from triton_models.score.model import Score


def finished(synth: SoundFontSynth, score: Score, seconds: float) -> Audio:
    with render(synth, make_job(score, seconds)) as rendering:
        return rendering.mix(0, rendering.frames)


def loudness(audio: Audio) -> float:
    return float(pyloudnorm.Meter(44_100).integrated_loudness(audio))


def true_peak(audio: Audio) -> float:
    return float(20 * np.log10(np.abs(soxr.resample(audio, 44_100, 176_400)).max()))


PIECES = {
    "a band": (make_band(6.0), 6.0),
    "one soft short note": (make_score(make_track(program=0, notes=[(0, 0.5, 60, 3)], volume=0.02)), 5.0),
    "a late note": (make_score(make_track(program=0, notes=[(9, 0.5, 60, 80)])), 5.0),
    "a lone click": (
        make_score(make_track(role="percussion", bank=128, program=0, notes=[(1, 0.2, 76, 100)])),
        5.0,
    ),
    "a held organ": (make_score(make_track(program=16, notes=[(0, 9.9, p, 120) for p in (48, 60, 64)])), 5.0),
    "a snare roll": (
        make_score(make_track(role="drums", bank=128, program=0, notes=[(n / 10, 0.1, 38, 127) for n in range(95)])),
        5.0,
    ),
    "an odd number of frames": (make_score(make_track(program=0), seconds=1.0), 44_101 / 44_100),
}


@pytest.mark.parametrize("name", PIECES)
def test_every_piece_measures_minus_14_lufs_below_minus_1_dbtp(synth: SoundFontSynth, name: str) -> None:
    score, seconds = PIECES[name]

    audio = finished(synth, score, seconds)

    assert len(audio) == round(seconds * 44_100)
    assert loudness(audio) == pytest.approx(-14.0, abs=0.5)
    assert true_peak(audio) <= -1.0
    assert not audio[-1].any()


def test_what_is_reported_is_what_others_measure(synth: SoundFontSynth) -> None:
    with render(synth, make_job(make_band(6.0), 6.0)) as rendering:
        audio = rendering.mix(0, rendering.frames)

    assert rendering.master.loudness_lufs == pytest.approx(loudness(audio), abs=0.1)
    assert rendering.master.true_peak_dbtp == pytest.approx(true_peak(audio), abs=0.1)


def test_a_rendering_is_deterministic(synth: SoundFontSynth) -> None:
    score = make_band(5.0)

    assert np.array_equal(finished(synth, score, 5.0), finished(synth, score, 5.0))


def test_slices_of_any_size_are_the_same_audio(synth: SoundFontSynth) -> None:
    with render(synth, make_job(make_band(5.0), 5.0, stems=True)) as rendering:
        whole, stems = rendering.mix(0, 220_500), rendering.stems(0, 220_500)
        starts = range(0, 220_500, 50_001)
        sizes = [min(50_001, 220_500 - start) for start in starts]

        pieces = [rendering.mix(start, size) for start, size in zip(starts, sizes, strict=True)]
        stem_pieces = [rendering.stems(start, size) for start, size in zip(starts, sizes, strict=True)]

    assert np.array_equal(np.concatenate(pieces), whole)
    assert np.array_equal(np.concatenate(stem_pieces, axis=1), stems)


def test_stems_are_the_mix_before_its_dynamics(synth: SoundFontSynth) -> None:
    quiet_organ = make_track("organ", program=16, notes=[(0, 9.9, 60, 80), (0, 9.9, 67, 80)])
    with render(synth, make_job(make_score(quiet_organ), 5.0, stems=True)) as rendering:
        mix, stems = rendering.mix(44_100, 88_200), rendering.stems(44_100, 88_200)

    assert stems.shape == (1, 88_200, 2)
    ratio = np.sqrt(np.mean(stems**2) / np.mean(mix**2))
    assert 0.8 < ratio < 1.6
    assert np.corrcoef(stems[0, :, 0], mix[:, 0])[0, 1] > 0.9


def test_silence_and_unknown_presets_are_refused(synth: SoundFontSynth) -> None:
    with pytest.raises(InvalidScoreError, match="INVALID_SCORE: nothing sounds"):
        render(synth, make_job(make_score(make_track(notes=[])), 5.0))
    with pytest.raises(InvalidScoreError, match="INVALID_SCORE: nothing sounds"):
        render(synth, make_job(make_score(), 5.0))
    with pytest.raises(InvalidScoreError, match="'lead' wants bank 0 program 41"):
        render(synth, make_job(make_score(make_track(program=41)), 5.0))


# Five seconds poll 20 times for each of the four tracks, then 5 times in each pass over the song.
@pytest.mark.parametrize("polls", [0, 40, 82, 87, 92, 97], ids=["start", "play", "mix", "glue", "search", "limit"])
def test_cancellation_is_noticed_in_every_stage(synth: SoundFontSynth, polls: int) -> None:
    left = polls

    def cancelled() -> bool:
        nonlocal left
        left -= 1
        return left < 0

    with pytest.raises(CancelledError):
        render(synth, make_job(make_band(5.0), 5.0, cancelled=cancelled))

    assert left == -1


def test_progress_rises_through_both_stages(synth: SoundFontSynth) -> None:
    reports: list[tuple[str, float]] = []
    job = Job(make_band(5.0), 220_500, False, lambda: False, lambda stage, part: reports.append((stage, part)))

    render(synth, job).opened.close()

    synthesis = [part for stage, part in reports if stage == "synthesis"]
    mastering = [part for stage, part in reports if stage == "mastering"]
    assert reports == [("synthesis", part) for part in synthesis] + [("mastering", part) for part in mastering]
    assert synthesis == sorted(synthesis)
    assert mastering == sorted(mastering)
    assert (synthesis[-1], mastering[-1]) == (1.0, 1.0)
