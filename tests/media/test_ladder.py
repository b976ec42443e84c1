"""The rungs of the ladder, encoded in step by a few threads."""

import threading

import numpy as np
import pytest

from adapters.media.crew import Crew
from adapters.media.ladder import LadderEncoder
from domain.kit.audio.media import LADDER, LadderSegment
from tests.media.decoding import decoded
from tests.media.music import Piece, chunks, played


def test_all_rungs_have_the_same_pieces_and_differ_in_their_size() -> None:
    audio = played(Piece(bpm=97, seconds=7.3))
    noise = np.random.default_rng(1).standard_normal(audio.shape).astype(np.float32)
    audio = (audio * 0.5 + noise * 0.1).astype(np.float32)

    segments = ladder(audio)

    assert [segment.name for segment in segments[:3]] == ["init.mp4", "seg-00000.m4s", "seg-00001.m4s"]
    assert all(list(segment.rungs) == [rung.name for rung in LADDER] for segment in segments)
    assert sum(segment.frames for segment in segments) == len(audio)
    sizes = [sum(len(segment.rungs[rung.name].data) for segment in segments) for rung in LADDER]
    for rung, size in zip(LADDER, sizes, strict=True):
        assert 8 * size / 7.3 == pytest.approx(rung.bit_rate, rel=0.2)
    for rung in LADDER:
        whole = decoded(b"".join(segment.rungs[rung.name].data for segment in segments))
        assert 0 <= len(whole) - len(audio) < 1_024


def ladder(audio: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> list[LadderSegment]:
    crew, encoder = Crew(), LadderEncoder()
    made = [segment for chunk in chunks(audio) for segment in encoder.aligned(crew.run(encoder.writing(chunk)))]
    made += encoder.aligned(crew.run(encoder.finishing()))
    crew.close()
    return made


def test_rungs_that_were_cut_differently_are_refused() -> None:
    audio = played(Piece(seconds=2.0))
    encoder = LadderEncoder()
    first, second, third = (call() for call in encoder.writing(audio))

    with pytest.raises(ValueError):
        encoder.aligned([first, second, third[:-1]])
    encoder.discard()


def test_a_crew_tells_the_first_error_after_all_work_is_over() -> None:
    crew, over = Crew(2), threading.Event()

    def fail() -> None:
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        crew.run([fail, over.set])
    assert over.is_set()
    assert crew.run([lambda: 1, lambda: 2]) == [1, 2]
    crew.close()
