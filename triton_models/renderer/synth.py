"""Notes to sound: one track at a time through the SoundFont synthesiser, dry and before any fader."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from tinysoundfont import _tinysoundfont

from triton_models.renderer.audio import CHANNELS, SAMPLE_RATE, Audio, blocks
from triton_models.renderer.schedule import NoteEvent
from triton_models.score.model import Track

_CHANNEL: Final = 0
_MOST_VOICES: Final = 256
# A drum kit hit or a chord stays below full scale; the level is set later, in floating point.
_OUTPUT_GAIN_DB: Final = -6.0
# The synthesiser holds Python's global lock while it renders, so blocks are short for the other threads' sake.
_BLOCK_FRAMES: Final = SAMPLE_RATE // 4


class SoundFontSynth:
    """The process's one loaded SoundFont; rendering is deterministic and safe from several threads.

    Each track plays on a clone, which shares the samples (read-only) and has voices of its own.
    """

    def __init__(self, soundfont: Path) -> None:
        """Load the font; FileNotFoundError without the file, RuntimeError when it is no SoundFont."""
        if not soundfont.is_file():
            raise FileNotFoundError(f"the SoundFont {soundfont} does not exist")
        self._font = _tinysoundfont.SoundFont(str(soundfont))

    def has_preset(self, bank: int, program: int) -> bool:
        return int(self._font.get_preset_index(bank, program)) >= 0

    def play(self, track: Track, events: Sequence[NoteEvent], frames: int) -> Iterator[Audio]:
        """Yield `frames` of the track in blocks of [frames, 2], its pan applied, its volume and reverb not."""
        voices = self._voices(track)
        position = 0
        for start, length in blocks(frames, _BLOCK_FRAMES):
            block: Audio = np.zeros((length, CHANNELS), np.float32)
            position = _render_block(voices, events, position, start, block)
            yield block

    def _voices(self, track: Track) -> Any:
        voices = _tinysoundfont.SoundFont(self._font)
        voices.set_output(_tinysoundfont.OutputMode.StereoInterleaved, SAMPLE_RATE, _OUTPUT_GAIN_DB)
        voices.set_max_voices(_MOST_VOICES)
        voices.channel_set_bank(_CHANNEL, track.bank)
        voices.channel_set_preset_number(_CHANNEL, track.program, track.is_drum)
        voices.channel_set_pan(_CHANNEL, (track.pan + 1.0) / 2.0)
        return voices


def _render_block(voices: Any, events: Sequence[NoteEvent], position: int, start: int, block: Audio) -> int:
    """Fill one block that begins at frame `start`; returns the index of the first event after it."""
    rendered = 0
    while position < len(events) and events[position].frame < start + len(block):
        event = events[position]
        offset = event.frame - start
        if offset > rendered:
            voices.render(block[rendered:offset])
            rendered = offset
        if event.is_attack:
            voices.channel_note_on(_CHANNEL, event.pitch, event.velocity / 127.0)
        else:
            voices.channel_note_off(_CHANNEL, event.pitch)
        position += 1
    if rendered < len(block):
        voices.render(block[rendered:])
    return position
