"""What songs are made with: the pattern of their codes, and a codec whose rows are their channels."""

from dataclasses import dataclass
from typing import Final

from triton_models.code_books.delay_pattern import DelayPattern
from triton_models.codec_stream.decoding import DecodingGraphs
from triton_models.codec_stream.shape import CodecShape

FIRST_SECONDS: Final = 0.5
LONGEST_SECONDS: Final = 4.0


@dataclass(frozen=True)
class Instrument:
    """A model's side of it; whatever is used is used by one thread."""

    pattern: DelayPattern
    shape: CodecShape
    codec: DecodingGraphs

    def frames(self, seconds: float) -> int:
        """As many as last that long, one at least."""
        return max(1, round(seconds * self.shape.sampling_rate / self.shape.hop))

    @property
    def every(self) -> int:
        """Frames after which a stream is cut."""
        return self.frames(FIRST_SECONDS)

    @property
    def narrowest(self) -> int:
        """Frames of the codec's first window."""
        return max(self.every, self.shape.latents.fewest)

    @property
    def widest(self) -> int:
        """Frames of the codec's windows when a while was heard already."""
        return max(self.narrowest, self.frames(LONGEST_SECONDS))
