"""How a checkpoint of the melody kind hears a melody: what its `preprocessor_config.json` says, and its own sizes."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from model_export.musicgen.errors import ConfigInvalidError
from model_export.musicgen.fields import check_fields, read_object

PREPROCESSOR: Final = "preprocessor_config.json"
# A chroma begins at C, and its filters are turned by whole classes only where there are twelve of them.
OCTAVE: Final = 12


@dataclass(frozen=True)
class MelodyConfig:
    """`length` frames of `chroma` pitch classes stand before the text and the codes, whatever the melody lasts.

    A frame is the power of `fft` samples at `sampling_rate` Hz, every `hop` samples; a melody is cut at `seconds`.
    `projected` says whether frames pass through a matrix into the decoder's width.
    """

    chroma: int
    length: int
    projected: bool
    sampling_rate: int
    fft: int
    hop: int
    seconds: int


def read_melody(folder: Path, theirs: Any) -> MelodyConfig:
    """`theirs` is transformers' configuration of the whole model; raises ConfigInvalidError."""
    file = folder / PREPROCESSOR
    told = read_object(file)
    check_fields(file, told)
    # transformers does not write this one down.
    told.setdefault("num_chroma", OCTAVE)
    numbers = {name: told.get(name) for name in ("sampling_rate", "n_fft", "hop_length", "chunk_length", "num_chroma")}
    for name, value in numbers.items():
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise ConfigInvalidError(file, f"{name} is {value!r}, it must be a whole number of at least 1")
    found = MelodyConfig(
        chroma=int(theirs.num_chroma),
        length=int(theirs.chroma_length),
        projected=theirs.num_chroma != theirs.decoder.hidden_size,
        sampling_rate=int(told["sampling_rate"]),
        fft=int(told["n_fft"]),
        hop=int(told["hop_length"]),
        seconds=int(told["chunk_length"]),
    )
    for problem in _problems(found, int(told["num_chroma"]), theirs):
        raise ConfigInvalidError(file, problem)
    return found


def _problems(found: MelodyConfig, classes: int, theirs: Any) -> Iterator[str]:
    """What does not go together."""
    if not found.chroma == classes == OCTAVE:
        yield f"num_chroma is {classes}, and {found.chroma} in config.json: only {OCTAVE} in both can be exported"
    if found.fft % 2:
        yield f"n_fft is {found.fft}, it must be even"
    if found.sampling_rate != theirs.audio_encoder.sampling_rate:
        rate = theirs.audio_encoder.sampling_rate
        yield f"sampling_rate is {found.sampling_rate} and the codec's is {rate}: they must be the same"
    if not 1 <= found.length < theirs.decoder.max_position_embeddings:
        most = theirs.decoder.max_position_embeddings
        yield f"chroma_length in config.json is {found.length}, it must be at least 1, with room in {most} positions"
