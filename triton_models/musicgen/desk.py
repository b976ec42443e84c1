"""Many songs at once: one thread draws codes, another makes samples of them, and each listener hears its own song.

The runner's thread never waits for samples: a codec that is slower only makes songs arrive later.
"""

from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Final, Protocol

from triton_models.code_books.delay_pattern import Codes, DelayPattern
from triton_models.code_books.frames import FrameReader
from triton_models.codec_stream.channels import rows_of
from triton_models.codec_stream.decoding import DecodeStream, DecodingGraphs, Floats
from triton_models.codec_stream.shape import CodecShape
from triton_models.generation_core.errands import Errands
from triton_models.generation_core.errors import RequestCancelledError
from triton_models.generation_core.events import Ended, Event
from triton_models.generation_core.runner import Runner
from triton_models.musicgen.songs import Wish, request_of

FIRST_SECONDS: Final = 0.5
LONGEST_SECONDS: Final = 4.0


class Listener(Protocol):
    """Who waits for a song. All is called by the desk's thread, and after `finished` or `failed` nothing more."""

    def is_gone(self) -> bool:
        """Whether nobody wants the song any more."""
        ...

    def hear(self, samples: Floats) -> None:
        """The next samples [channels, n]."""
        ...

    def finished(self) -> None:
        """All was heard."""
        ...

    def failed(self, error: Exception) -> None:
        """There will be no more; a cancelled song ends with RequestCancelledError."""
        ...


@dataclass
class _Order:
    """One song under way; `width` is that of the next window of the codec, in frames."""

    name: str
    listener: Listener
    reader: FrameReader
    stream: DecodeStream
    width: int
    dropped: bool = False


@dataclass(frozen=True)
class Instrument:
    """What songs are made with: the pattern of their codes, and a codec whose rows are their channels."""

    pattern: DelayPattern
    shape: CodecShape
    codec: DecodingGraphs

    def frames(self, seconds: float) -> int:
        """As many as last that long, one at least."""
        return max(1, round(seconds * self.shape.sampling_rate / self.shape.hop))


class Desk:
    """Takes songs from any thread. The runner may only be the desk's."""

    def __init__(self, runner: Runner, instrument: Instrument) -> None:
        self._runner = runner
        self._instrument = instrument
        self._every = instrument.frames(FIRST_SECONDS)
        self._narrowest = max(self._every, instrument.shape.latents.fewest)
        self._widest = max(self._narrowest, instrument.frames(LONGEST_SECONDS))
        self._orders: dict[str, _Order] = {}
        self._numbers = count()
        self._errands = Errands("musicgen-desk", self._look, lambda: bool(self._orders))

    def submit(self, wish: Wish, listener: Listener) -> None:
        """Raises what `Runner.submit` raises; otherwise the listener is told how it ends."""
        pattern, shape = self._instrument.pattern, self._instrument.shape
        name = f"song {next(self._numbers)}"
        stream = DecodeStream(shape, self._instrument.codec, pattern.channels)
        order = _Order(name, listener, FrameReader(pattern), stream, self._narrowest)
        request = request_of(name, wish, pattern, self._every)
        # Known before its first event can come.
        self._errands.put(partial(self._orders.__setitem__, name, order))
        try:
            self._runner.submit(request, lambda event: self._errands.put(partial(self._hear, order, event)))
        except Exception:
            self._errands.put(partial(self._orders.__delitem__, name))
            raise

    def close(self) -> None:
        """Every song ends with SchedulerClosedError, and the runner is closed."""
        self._runner.close()
        self._errands.close()

    def _look(self) -> None:
        """A song that nobody wants is dropped after the step that runs now."""
        for order in self._orders.values():
            if not order.dropped and order.listener.is_gone():
                order.dropped = True
                self._runner.cancel(order.name)

    def _hear(self, order: _Order, event: Event) -> None:
        """Of a song that has failed, what the runner goes on telling is dropped."""
        if order.name not in self._orders:
            return
        if isinstance(event, Ended):
            self._end(order, event)
        elif not order.dropped:
            try:
                self._play(order, order.reader.take(event.tokens))
            except Exception as error:
                # Whatever went wrong with one song, its listener hears of it and the others go on.
                self._runner.cancel(order.name)
                self._leave(order, error)

    def _end(self, order: _Order, event: Ended) -> None:
        error: Exception | None = event.error
        if error is None and order.dropped:
            error = RequestCancelledError("the request was cancelled")
        if error is None:
            try:
                order.stream.finish()
                self._tell(order)
            except Exception as failure:
                error = failure
        self._leave(order, error)

    def _play(self, order: _Order, frames: Codes) -> None:
        if frames.shape[1]:
            order.stream.take(rows_of(frames, self._instrument.pattern.channels))
            self._tell(order)

    def _tell(self, order: _Order) -> None:
        """All samples that can be had; windows grow, as who has heard a while can wait a while."""
        while (made := order.stream.next(order.width)) is not None:
            order.width = min(2 * order.width, self._widest)
            if made.shape[2]:
                order.listener.hear(made[:, 0])

    def _leave(self, order: _Order, error: Exception | None) -> None:
        del self._orders[order.name]
        if error is None:
            order.listener.finished()
        else:
            order.listener.failed(error)
