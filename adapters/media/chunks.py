"""Checks on audio that enters the studio. Says what is wrong; repairs nothing."""

from collections.abc import Mapping, Sequence

import numpy as np

from domain.kit.audio.media import Audio


def checked_stem_names(stem_names: Sequence[str]) -> tuple[str, ...]:
    """Raises ValueError for names that repeat or could not be a file name."""
    names = tuple(stem_names)
    if len(set(names)) != len(names):
        raise ValueError(f"The stem names repeat: {', '.join(names)}.")
    for name in names:
        if not name or name.startswith(".") or any(sign in name for sign in "/\\\0"):
            raise ValueError(f"The stem name {name!r} cannot be a file name.")
    return names


def check_chunk(mix: Audio, stems: Mapping[str, Audio], stem_names: Sequence[str]) -> None:
    """Raises ValueError unless the mix and exactly the announced stems are sound audio of one length."""
    _check_audio("The mix", mix)
    if set(stems) != set(stem_names):
        raise ValueError(f"The stems are {_listed(stems)}; announced were {_listed(stem_names)}.")
    for name, audio in stems.items():
        _check_audio(f"The stem {name!r}", audio)
        if len(audio) != len(mix):
            raise ValueError(f"The stem {name!r} has {len(audio)} frames, the mix has {len(mix)}.")


def _listed(names: Sequence[str] | Mapping[str, Audio]) -> str:
    return ", ".join(sorted(names)) or "none"


def _check_audio(what: str, audio: Audio) -> None:
    if audio.ndim != 2 or audio.shape[1] != 2:
        raise ValueError(f"{what} has the shape {audio.shape}; it must be [frames, 2].")
    if audio.dtype != np.float32:
        raise ValueError(f"{what} is {audio.dtype}; it must be float32.")
    if len(audio) == 0:
        raise ValueError(f"{what} is empty.")
    if not bool(np.isfinite(audio).all()):
        raise ValueError(f"{what} holds a value that is not finite.")
