"""Encoders in threads: one call at a time, also when the task that waits for one is cancelled."""

import asyncio
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from adapters.media.studio import FfmpegStudio
from domain.kit.audio.media import Audio, LadderSegment, MediaFiles, TrackTags
from domain.playback.services.record import Recorder, remove_abandoned_folders, work_folder
from tests.patience import eventually

CHUNK = np.zeros((88_200, 2), np.float32)
TAGS = TrackTags(title="T", artist="A", genre="pop", bpm=120.0, key="A minor")


class SlowWriter:
    """Notes when its calls begin and end."""

    def __init__(self) -> None:
        self.log: list[str] = []

    def play(self, mix: Audio) -> Sequence[LadderSegment]:
        self._work("play")
        return []

    def keep(self, mix: Audio, stems: Mapping[str, Audio]) -> None:
        self._work("keep")

    def end(self) -> Sequence[LadderSegment]:
        raise AssertionError("not reached")

    def files(self, *, expected_bpm: float | None = None) -> MediaFiles:
        raise AssertionError("not reached")

    def abort(self) -> None:
        self.log.append("abort")

    def _work(self, name: str) -> None:
        self.log.append(f"{name} begins")
        time.sleep(0.5)
        self.log.append(f"{name} ends")


async def test_the_two_sides_of_a_recording_run_beside_each_other_and_abort_waits_for_both() -> None:
    # given a chunk that is being played and kept
    writer = SlowWriter()
    recorder = Recorder(writer)
    writing = asyncio.create_task(recorder.write(CHUNK, {}))
    await eventually(lambda: sorted(writer.log) == ["keep begins", "play begins"])
    # when that is cancelled in the middle, and the recording is aborted
    writing.cancel()
    await recorder.abort()
    # then both sides were left alone until their calls were over, and nothing may follow
    assert sorted(writer.log[2:4]) == ["keep ends", "play ends"]
    assert writer.log[4:] == ["abort"]
    for again in (recorder.play(CHUNK), recorder.keep(CHUNK, {}), recorder.write(CHUNK, {})):
        with pytest.raises(RuntimeError, match="aborted"):
            await again


@pytest.mark.parametrize("milliseconds", [0, 5, 20, 60])
async def test_real_encoders_survive_a_cancellation(tmp_path: Path, milliseconds: int) -> None:
    folder = tmp_path / "work"
    recorder = Recorder(FfmpegStudio().open(folder, TAGS, []))
    writing = asyncio.create_task(recorder.write(CHUNK, {}))
    await asyncio.sleep(milliseconds / 1000)
    writing.cancel()
    await recorder.abort()
    assert not folder.exists() or not list(folder.iterdir())


def test_only_folders_of_dead_processes_are_removed(tmp_path: Path) -> None:
    dead = tmp_path / f"{2**22 + 1}-job-x"
    dead.mkdir()
    (dead / "master.flac").touch()
    with work_folder(tmp_path, "job") as own:
        assert own.name.startswith(f"{os.getpid()}-job-")
        assert remove_abandoned_folders(tmp_path) == 1
        assert list(tmp_path.iterdir()) == [own]
    assert list(tmp_path.iterdir()) == []
    assert remove_abandoned_folders(tmp_path / "nowhere") == 0
