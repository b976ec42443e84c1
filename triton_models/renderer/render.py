"""A whole rendering: synthesis track by track, mix and mastering, until the audio lies finished on disk."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

from triton_models.renderer.cancellation import IsCancelled, raise_if
from triton_models.renderer.errors import InvalidScoreError
from triton_models.renderer.mastering import Desk, master
from triton_models.renderer.mix import Mixer, Strip
from triton_models.renderer.rendering import Rendering
from triton_models.renderer.schedule import schedule_track
from triton_models.renderer.spool import AudioSpool
from triton_models.renderer.synth import SoundFontSynth
from triton_models.score.model import Score

# Share of the synthesis stage that playing the tracks takes; mixing them takes the rest.
_PLAYING_SHARE: Final = 0.7

StageProgress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Job:
    """What to render and whom to tell: `progress` receives a stage name and a number from 0 to 1."""

    score: Score
    frames: int
    stems: bool
    cancelled: IsCancelled
    progress: StageProgress

    def report_playing(self, part: float) -> None:
        self.progress("synthesis", _PLAYING_SHARE * part)

    def report_mix(self, part: float) -> None:
        self.progress("synthesis", _PLAYING_SHARE + (1.0 - _PLAYING_SHARE) * part)

    def report_master(self, part: float) -> None:
        self.progress("mastering", part)


def render(synth: SoundFontSynth, job: Job) -> Rendering:
    """Render and master the job; the caller closes the result.

    Raises InvalidScoreError for an unknown preset or a silent score, CancelledError, and StorageFullError
    when the disk is full; nothing stays on disk then.
    """
    _check_presets(synth, job.score)
    with ExitStack() as opened:
        strips = [Strip(track, opened.enter_context(AudioSpool())) for track in job.score.tracks]
        bus, glued = opened.enter_context(AudioSpool()), opened.enter_context(AudioSpool())
        for index, strip in enumerate(strips):
            for position in _play(synth, strip, job):
                job.report_playing((index + position / job.frames) / len(strips))
        level = Mixer(strips, job.stems).run(job.frames, bus, job.cancelled, job.report_mix)
        desk = Desk(job.frames, job.score.genre, job.cancelled, job.report_master)
        # The bus is free again once the glue compressor has read it, so the master takes its place.
        finished = master(bus, level, glued, bus, desk)
        stems = [strip.audio for strip in strips] if job.stems else []
        track_ids = [track.id for track in job.score.tracks]
        return Rendering(job.frames, track_ids, finished, bus, stems, opened.pop_all())


def _check_presets(synth: SoundFontSynth, score: Score) -> None:
    for track in score.tracks:
        if not synth.has_preset(track.bank, track.program):
            raise InvalidScoreError(
                f"track {track.id!r} wants bank {track.bank} program {track.program}, which the SoundFont does not have"
            )


def _play(synth: SoundFontSynth, strip: Strip, job: Job) -> Iterator[int]:
    """Fill the strip block by block, telling after each how many frames there are."""
    events = schedule_track(strip.track, job.score.tempo_map, job.frames)
    position = 0
    for block in synth.play(strip.track, events, job.frames):
        raise_if(job.cancelled)
        strip.audio.write(position, block)
        strip.add_level(block)
        position += len(block)
        yield position
