"""How much memory songs in flight are given: what a song takes, and what this machine has left."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from model_export.adding.errors import AddingError
from model_export.musicgen.manifest import AND_CACHES
from model_export.musicgen.repository import Serving
from model_export.profiles import GPU_FORMS
from triton_models.code_books.delay_pattern import DelayPattern
from triton_models.step_graph.forms import PLAN_FORM
from triton_models.step_graph.plans.place import rounded

MIB: Final = 1 << 20
FLOAT: Final = 4
HALF: Final = 2
# A song with guidance is a row with its text and one without.
ROWS: Final = 2
MEMINFO: Final = Path("/proc/meminfo")
CONTAINER: Final = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Share:
    """Of what is free `where`, songs in flight get this `part`, if fewer than so many `songs` fit. The rest is for
    weights, for other models and what is started later.
    """

    where: str
    songs: int
    part: float


MACHINE: Final = Share("here", 8, 0.25)
GPU: Final = Share("on the GPU", 64, 0.5)


@dataclass(frozen=True)
class SongMemory:
    """What songs in flight are given, in bytes, and for how many with guidance that is enough."""

    bytes: int
    songs: int


def song_bytes(made: Mapping[str, Any], serving: Serving) -> int:
    """Keys and values of one song with guidance, and of its text, as triton_models.step_graph lays them.

    `made` is the manifest of an export. Heads of the song are filled up to a multiple of eight.
    """
    decoder, positions = made["decoder"], slot_positions(made, serving)
    head = decoder["hidden"] // decoder["heads"]
    filled = -(-head // 8) * 8
    # Models that hear melodies have the text among the positions.
    words = serving.most_words if made.get("melody") is None else 0
    number = HALF if serving.form in GPU_FORMS.values() else FLOAT
    element = 1 if serving.form == "int8" and str(made.get("int8_form", "")).endswith(AND_CACHES) else number
    both = 2 * decoder["layers"] * decoder["heads"] * (element * filled * positions + number * head * words)
    return int(ROWS * (both + number * words))


def slot_positions(made: Mapping[str, Any], serving: Serving) -> int:
    """That a slot's caches hold: the longest song of one window, in plans up to a whole number of lines."""
    frames = max(1, round(serving.longest_seconds * made["sampling_rate"] / made["hop"]))
    positions = min(_before(made, serving) + _pattern(made).positions(frames), made["decoder"]["max_positions"])
    return rounded(positions) if serving.form == PLAN_FORM else positions


def most_seconds(made: Mapping[str, Any]) -> float:
    """What the checkpoint has positions for in one window, in tenths."""
    frames: int = made["decoder"]["max_positions"] - _before(made, Serving()) - _pattern(made).longest - 1
    samples = frames * int(made["hop"])
    return math.floor(10 * samples / int(made["sampling_rate"])) / 10


def _before(made: Mapping[str, Any], serving: Serving) -> int:
    """Positions of a melody and the longest text, before the codes."""
    melody = made.get("melody")
    return 0 if melody is None else int(melody["length"]) + serving.most_words


def _pattern(made: Mapping[str, Any]) -> DelayPattern:
    decoder = made["decoder"]
    return DelayPattern(decoder["books"], decoder["audio_channels"], decoder["vocabulary"])


def chosen_memory(song: int, wanted_mib: int | None, free: int, share: Share = MACHINE) -> SongMemory:
    """What was asked for, or else as much as the share's songs or its part of what is free hold, and one in any case.

    Raises AddingError when not even one song fits into what was asked for.
    """
    if wanted_mib is None:
        given = min(share.songs * song, max(song, int(share.part * free)))
        # In whole MiB, as it is told.
        given = -(-given // MIB) * MIB
    else:
        given = wanted_mib * MIB
    if given < song:
        raise AddingError(f"One song takes {-(-song // MIB)} MiB of this model: give at least that many --memory-mib.")
    return SongMemory(given, given // song)


def free_bytes(meminfo: Path = MEMINFO, container: Path = CONTAINER) -> int:
    """What the machine says is available, and in a container no more than is left of its limit."""
    machine = next(
        int(line.split()[1]) << 10 for line in meminfo.read_text().splitlines() if line.startswith("MemAvailable")
    )
    try:
        left = int((container / "memory.max").read_text()) - int((container / "memory.current").read_text())
    except (OSError, ValueError):
        return machine
    return max(0, min(machine, left))
