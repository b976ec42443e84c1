"""What songs in flight are given: never less than one takes, and never all that is free."""

import json
from pathlib import Path

import pytest

from model_export.adding.errors import AddingError
from model_export.adding.gpu_memory import free_gpu_bytes
from model_export.adding.memory import GPU, MIB, chosen_memory, free_bytes, song_bytes
from model_export.musicgen.repository import Serving
from tests.musicgen_serving.conftest import Checkpoints, checkpoints
from tests.musicgen_serving.on_device import on_device
from tests.step_graphs.conftest import interpreter
from triton_models.code_books.delay_pattern import DelayPattern
from triton_models.step_graph.code_books import CodeBookSettings
from triton_models.step_graph.sessions import StepGraphError

__all__ = ["checkpoints"]
SONG = 564 * MIB


@pytest.mark.parametrize(
    ("free", "given", "songs"),
    [
        (64 << 30, 8 * SONG, 8),
        (8 << 30, 2 << 30, 3),
        (2 << 30, SONG, 1),
        (0, SONG, 1),
    ],
)
def test_as_much_is_taken_as_a_machine_can_spare(free: int, given: int, songs: int) -> None:
    memory = chosen_memory(SONG, None, free)

    assert (memory.bytes, memory.songs) == (given, songs)


@pytest.mark.parametrize(("free", "songs"), [(141 << 30, 64), (22 << 30, 19), (1 << 30, 1)])
def test_a_gpu_has_more_songs_in_flight(free: int, songs: int) -> None:
    assert chosen_memory(SONG, None, free, GPU).songs == songs


def test_what_a_gpu_has_left_is_what_its_driver_says(tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    driver = interpreter(tmp_path, f'echo "$@" > {asked}; echo 22731')

    assert free_gpu_bytes(driver) == 22731 * MIB
    assert asked.read_text() == "--query-gpu=memory.free --format=csv,noheader,nounits --id=0\n"


@pytest.mark.parametrize("answer", ["exit 9", "echo no devices were found", "true"])
def test_without_a_gpu_somebody_has_to_say_how_much(tmp_path: Path, answer: str) -> None:
    for driver in (interpreter(tmp_path, answer), str(tmp_path / "nothing")):
        with pytest.raises(AddingError, match=r"No GPU answers here, .* say with --memory-mib how much of it"):
            free_gpu_bytes(driver)


def test_what_is_asked_for_is_given_if_a_song_fits() -> None:
    assert chosen_memory(SONG, 564, 0).songs == 1
    assert chosen_memory(SONG, 5640, 0).bytes == 5640 * MIB
    with pytest.raises(AddingError, match=r"^One song takes 564 MiB of this model: give at least that many"):
        chosen_memory(SONG, 563, 64 << 30)


@pytest.mark.parametrize("kind", ["mono", "stereo", "odd", "melody"])
def test_a_song_takes_what_the_slots_ask_for(checkpoints: Checkpoints, kind: str) -> None:
    # Given the sizes of a checkpoint, for songs of two seconds with 16 words
    served = checkpoints(kind)
    made = json.loads((served.folder / "export.json").read_text())
    made |= {"sampling_rate": served.shape.sampling_rate, "hop": served.shape.hop}
    serving = Serving(longest_seconds=2.0, most_words=16)
    positions = DelayPattern.positions(served.pattern, 2 * served.shape.sampling_rate // served.shape.hop)

    song = song_bytes(made, serving)

    # Then that much opens the model, and a byte less does not
    assert served.open(_settings(positions, song)).slots == 2
    with pytest.raises(StepGraphError, match=f"a guided song takes {song} bytes"):
        served.open(_settings(positions, song - 1))


def test_keys_and_values_in_int8_take_a_quarter(checkpoints: Checkpoints) -> None:
    # Given the sizes of a checkpoint whose chosen int8 has int8 keys and values, and no text beside them
    served = checkpoints("mono")
    made = json.loads((served.folder / "export.json").read_text())
    made |= {"sampling_rate": served.shape.sampling_rate, "hop": served.shape.hop, "melody": {"length": 24}}
    whole = song_bytes({**made, "int8_form": "int8 by row"}, Serving(longest_seconds=2.0))

    assert song_bytes({**made, "int8_form": "int8 by row and caches"}, Serving(longest_seconds=2.0)) * 4 == whole
    assert song_bytes({**made, "int8_form": "int8 by row and caches"}, Serving("float32", longest_seconds=2.0)) == whole


@pytest.mark.parametrize("kind", ["mono", "melody"])
def test_on_a_gpu_a_song_takes_what_the_slots_ask_for_there(checkpoints: Checkpoints, kind: str) -> None:
    # Given the sizes of a checkpoint, for songs of two seconds with 16 words
    served = checkpoints(kind)
    made = json.loads((served.folder / "export.json").read_text())
    made |= {"sampling_rate": served.shape.sampling_rate, "hop": served.shape.hop}
    serving = Serving("float16", longest_seconds=2.0, most_words=16)
    before = 0 if served.melody is None else served.melody.length + 16
    positions = before + served.pattern.positions(2 * served.shape.sampling_rate // served.shape.hop)

    song = song_bytes(made, serving)

    # Then that much opens the model, and a byte less does not
    device = on_device(served)
    assert device.open("float16", _settings(positions, song)).slots == 2
    with pytest.raises(StepGraphError, match=f"a guided song takes {song} bytes"):
        device.open("float16", _settings(positions, song - 1))


def test_on_a_gpu_everything_takes_half(checkpoints: Checkpoints) -> None:
    served = checkpoints("mono")
    made = json.loads((served.folder / "export.json").read_text())
    made |= {"sampling_rate": served.shape.sampling_rate, "hop": served.shape.hop}

    assert song_bytes(made, Serving("float16")) * 2 == song_bytes(made, Serving("float32"))


def _settings(positions: int, memory: int) -> CodeBookSettings:
    return CodeBookSettings(positions, words=16, memory=memory)


def test_a_container_has_what_is_left_of_its_limit(tmp_path: Path) -> None:
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal:       16000000 kB\nMemAvailable:    8000000 kB\n")
    assert free_bytes(meminfo, tmp_path) == 8_000_000 << 10

    (tmp_path / "memory.current").write_text("1000\n")
    (tmp_path / "memory.max").write_text("max\n")
    assert free_bytes(meminfo, tmp_path) == 8_000_000 << 10
    (tmp_path / "memory.max").write_text("5000\n")
    assert free_bytes(meminfo, tmp_path) == 4000
