"""One song's codes to samples, in windows of the codec that grow: who has heard a while can wait a while."""

import numpy as np

from triton_models.code_books.delay_pattern import Codes
from triton_models.codec_stream.channels import rows_of
from triton_models.codec_stream.decoding import DecodeStream, Floats
from triton_models.musicgen.instrument import Instrument
from triton_models.musicgen.joins import SILENCE, level_db
from triton_models.musicgen.songs import Reference


class Sound:
    """What is heard depends on the codes alone, in every bit, and not on how many came at once."""

    def __init__(self, instrument: Instrument, reference: Reference | None = None) -> None:
        self._instrument = instrument
        self._channels = instrument.pattern.channels
        self._stream = DecodeStream(instrument.shape, instrument.codec, self._channels)
        self._width = instrument.narrowest
        self._loudness = None if reference is None else reference.loudness[:, None]
        self._energy, self._heard = 0.0, 0
        # Samples behind the song's beginning; those of a lead come before it.
        self.at = 0
        if reference is not None:
            self.take(reference.codes.astype(np.int64))
            self._stream.skip(reference.codes.shape[1] - reference.lead)
            self.at = -reference.lead * instrument.shape.hop

    def take(self, codes: Codes) -> None:
        """The next frames [books, n] of the song."""
        if codes.shape[1]:
            self._stream.take(rows_of(codes, self._channels))

    def finish(self) -> None:
        """There are no more frames; raises SongTooShortError."""
        self._stream.finish()

    def next(self) -> Floats | None:
        """The next samples [channels, n], None while there are too few frames or when all was given."""
        while (made := self._stream.next(self._width)) is not None:
            self._width = min(2 * self._width, self._instrument.widest)
            if made.shape[2]:
                samples = self._scaled(made)
                self._energy += float(np.square(samples, dtype=np.float64).sum())
                self._heard += samples.size
                self.at += samples.shape[1]
                return samples
        return None

    def preview(self, codes: Codes) -> Floats:
        """Samples [channels, n] of what was not given yet, if these frames [books, n] ended the song."""
        fork, parts = self._stream.fork(), list[Floats]()
        fork.take(rows_of(codes, self._channels))
        fork.finish()
        while (made := fork.next(self._instrument.widest)) is not None:
            parts.append(self._scaled(made))
        return np.concatenate(parts, axis=1)

    def level(self, otherwise: Floats) -> float:
        """In dB of full scale, of all that was given so far; that of other samples if nothing was."""
        if not self._heard:
            return level_db(otherwise)
        return float(20.0 * np.log10(np.sqrt(self._energy / self._heard) + SILENCE))

    def _scaled(self, made: Floats) -> Floats:
        samples = made[:, 0]
        return samples if self._loudness is None else samples * self._loudness
