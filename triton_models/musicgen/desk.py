"""Many songs at once: one thread draws codes, one reads texts, and one makes samples that each listener hears.

The runner's thread never waits for samples or texts: a codec that is slower only makes songs arrive later.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Final, Protocol

import numpy as np

from triton_models.code_books.delay_pattern import Codes
from triton_models.codec_stream.decoding import Floats
from triton_models.generation_core.errands import Errands
from triton_models.generation_core.errors import QueueFullError, RequestCancelledError, SchedulerClosedError
from triton_models.generation_core.events import Ended, Event
from triton_models.generation_core.runner import Runner
from triton_models.musicgen.instrument import Instrument
from triton_models.musicgen.joins import best_join
from triton_models.musicgen.result_cache import KeptSong, ResultCache
from triton_models.musicgen.songs import Wish, request_of
from triton_models.musicgen.sound import Sound
from triton_models.musicgen.window_plan import WindowSizes
from triton_models.musicgen.windowed_song import WindowedSong

MOST_SONGS: Final = 64


class Listener(Protocol):
    """Who waits for a song. All is called by the desk's thread, and after `finished` or `failed` nothing more."""

    def is_gone(self) -> bool:
        """Whether nobody wants the song any more."""
        ...

    def hear(self, samples: Floats, start: int) -> None:
        """The next samples [channels, n], from `start` on; before 0 they are of what the song goes on with."""
        ...

    def finished(self) -> None:
        """All was heard."""
        ...

    def failed(self, error: Exception) -> None:
        """There will be no more; a cancelled song ends with RequestCancelledError."""
        ...


@dataclass
class _Order:
    """One song under way; `request` is that of the window which is drawn now."""

    name: str
    listener: Listener
    key: bytes
    request: str = ""
    dropped: bool = False


@dataclass(frozen=True)
class _Drawing:
    """What of a song is there while it is drawn."""

    order: _Order
    song: WindowedSong
    sound: Sound


class Desk:
    """Takes songs from any thread, at most so many at a time. The runner may only be the desk's.

    A song gives its slots back between its windows, so those that wait take turns with the windows of a long one.
    """

    def __init__(
        self,
        runner: Runner,
        instrument: Instrument,
        sizes: WindowSizes,
        most_songs: int = MOST_SONGS,
        cache: ResultCache | None = None,
    ) -> None:
        self._runner = runner
        self._instrument = instrument
        self._sizes = sizes
        self._most_songs = most_songs
        self._cache = cache or ResultCache(0)
        self._orders: dict[str, _Order] = {}
        self._numbers = count()
        self._taking = threading.Lock()
        self._songs = 0
        self.refused = 0
        self._closed = False
        self._errands = Errands("musicgen-desk", self._look, lambda: bool(self._orders))
        self._readers = Errands("musicgen-reader", lambda: None, lambda: False)

    def submit(self, prepare: Callable[[], Wish], listener: Listener, key: bytes = b"") -> None:
        """`prepare` is called by a thread of its own, so it may take its time; what it raises ends the song. Songs with
        one `key` are equal, so that one that was made is decoded again; without a key the song is drawn.

        Raises QueueFullError or SchedulerClosedError; otherwise the listener is told how it ends.
        """
        order = _Order(f"song {next(self._numbers)}", listener, key)
        with self._taking:
            if self._closed:
                raise SchedulerClosedError("no more requests are taken")
            if self._songs >= self._most_songs:
                self.refused += 1
                raise QueueFullError(self._songs)
            self._songs += 1
            # Before `close` can put anything behind it.
            self._errands.put(partial(self._take, order, prepare))

    def close(self) -> None:
        """Every song ends with SchedulerClosedError, and the runner is closed."""
        with self._taking:
            self._closed = True
        self._readers.close()
        self._runner.close()
        self._errands.put(self._end_all)
        self._errands.close()

    def _look(self) -> None:
        """A song that nobody wants is dropped after the step that runs now."""
        for order in self._orders.values():
            if not order.dropped and order.listener.is_gone():
                order.dropped = True
                self._runner.cancel(order.request)

    def _take(self, order: _Order, prepare: Callable[[], Wish]) -> None:
        self._orders[order.name] = order
        if order.key and (kept := self._cache.find(order.key)) is not None:
            self._go_on(order, partial(self._repeat, order, kept))
            return
        self._readers.put(partial(self._read, order, prepare))

    def _read(self, order: _Order, prepare: Callable[[], Wish]) -> None:
        """In the reader's thread; what nobody waits for any more is not read."""
        wish: Wish | Exception
        try:
            wish = prepare() if not (order.dropped or self._closed) else RequestCancelledError("nobody waits")
        except Exception as error:
            wish = error
        self._errands.put(partial(self._go_on, order, partial(self._begin, order, wish)))

    def _go_on(self, order: _Order, work: Callable[[], None]) -> None:
        """Whatever goes wrong with one song, its listener hears of it and the others go on."""
        if order.name not in self._orders:
            return
        try:
            work()
        except Exception as error:
            self._runner.cancel(order.request)
            self._leave(order, error)

    def _begin(self, order: _Order, wish: Wish | Exception) -> None:
        if isinstance(wish, Exception):
            raise SchedulerClosedError("the scheduler was shut down") if self._closed else wish
        song = WindowedSong(wish, self._sizes, self._instrument.pattern)
        self._draw(_Drawing(order, song, Sound(self._instrument, wish.reference)))

    def _repeat(self, order: _Order, kept: KeptSong) -> None:
        """What was drawn before."""
        sound = Sound(self._instrument, kept.reference)
        sound.take(kept.codes.astype(np.int64))
        self._replay(order, sound, False)

    def _replay(self, order: _Order, sound: Sound, finished: bool) -> None:
        """A window of the codec at a time, so that the others are heard in between."""
        if order.dropped or order.listener.is_gone():
            raise RequestCancelledError("the request was cancelled")
        made = sound.next()
        if made is not None:
            order.listener.hear(made, sound.at - made.shape[1])
        elif finished:
            self._leave(order, None)
            return
        else:
            # Only here, as it was when the song was drawn: the windows are the same, and so is every bit.
            sound.finish()
        again = partial(self._replay, order, sound, finished or made is None)
        self._errands.put(partial(self._go_on, order, again))

    def _draw(self, drawing: _Drawing) -> None:
        """The next window, or the end."""
        order, song, sound = drawing.order, drawing.song, drawing.sound
        if order.dropped:
            raise RequestCancelledError("the request was cancelled")
        begun = song.begin()
        if begun is None:
            sound.finish()
            self._tell(order, sound)
            if order.key:
                self._cache.keep(order.key, KeptSong(song.codes, song.wish.reference))
            self._leave(order, None)
            return
        window, context = begun
        order.request = f"{order.name}, window {window.number}"
        pattern, every = self._instrument.pattern, self._instrument.every
        request = request_of(order.request, song.wish, window, context, pattern, every)
        self._runner.submit(request, partial(self._deliver, drawing))

    def _deliver(self, drawing: _Drawing, event: Event) -> None:
        """In the runner's thread."""
        self._errands.put(partial(self._go_on, drawing.order, partial(self._hear, drawing, event)))

    def _hear(self, drawing: _Drawing, event: Event) -> None:
        if isinstance(event, Ended):
            if event.error is not None:
                raise event.error
            self._join(drawing)
            self._draw(drawing)
        elif not drawing.order.dropped:
            self._play(drawing, drawing.song.take(event.tokens))

    def _join(self, drawing: _Drawing) -> None:
        """Leave the window where it is best left; what is behind is never heard."""
        song, sound = drawing.song, drawing.sound
        tail, kept = song.held.shape[1], 0
        if tail and not drawing.order.dropped:
            samples = sound.preview(song.held)
            kept = best_join(samples, self._instrument.shape.hop, tail, sound.level(samples))
        self._play(drawing, song.join(kept))

    def _play(self, drawing: _Drawing, frames: Codes) -> None:
        drawing.sound.take(frames)
        self._tell(drawing.order, drawing.sound)

    def _tell(self, order: _Order, sound: Sound) -> None:
        """All samples that can be had."""
        while (made := sound.next()) is not None:
            order.listener.hear(made, sound.at - made.shape[1])

    def _leave(self, order: _Order, error: Exception | None) -> None:
        del self._orders[order.name]
        with self._taking:
            self._songs -= 1
        if error is None:
            order.listener.finished()
        else:
            order.listener.failed(error)

    def _end_all(self) -> None:
        for order in list(self._orders.values()):
            self._leave(order, SchedulerClosedError("the scheduler was shut down"))
