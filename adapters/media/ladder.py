"""The same audio as AAC at every rung of the ladder, cut at the same samples. Knows no storage."""

from collections.abc import Callable, Sequence
from functools import partial

from adapters.media.hls import SegmentEncoder
from domain.kit.audio.media import LADDER, Audio, LadderSegment, MediaSegment, Rung

Encoding = Callable[[], list[MediaSegment]]


class LadderEncoder:
    """One encoder for each rung, fed in step: frame size, delay and cuts do not depend on the bit rate.

    It hands out its work as calls, one for each rung, which may run at once; `aligned` puts their results together.
    """

    def __init__(self, rungs: Sequence[Rung] = LADDER) -> None:
        self._encoders = {rung.name: SegmentEncoder(rung.bit_rate) for rung in rungs}

    def writing(self, audio: Audio) -> list[Encoding]:
        """Encodes [frames, 2] and returns the segments that became complete."""
        return [partial(encoder.write, audio) for encoder in self._encoders.values()]

    def finishing(self) -> list[Encoding]:
        """Returns what is left."""
        return [encoder.finish for encoder in self._encoders.values()]

    def aligned(self, made: Sequence[Sequence[MediaSegment]]) -> list[LadderSegment]:
        """The results of all rungs, piece by piece. Raises ValueError when they were not cut alike."""
        aligned = [LadderSegment(dict(zip(self._encoders, pieces, strict=True))) for pieces in zip(*made, strict=True)]
        for segment in aligned:
            if len({piece.frames for piece in segment.rungs.values()}) > 1:
                raise ValueError(f"The rungs disagree on the length of {segment.name}.")
        return aligned

    def discard(self) -> None:
        for encoder in self._encoders.values():
            encoder.discard()
