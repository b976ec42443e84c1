"""Models that were added are served beside our own; a broken one is left out with a sentence, and all else starts."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.embedded import EmbeddedStack, EventKind, StackConfig, StackEvent, added_models
from deploy.embedded.added_models import read_added
from deploy.embedded.triton_client import TritonClient
from deploy.embedded.triton_repository import TritonFolders
from tests.embedded.added import BROKEN, lay_added
from tests.embedded.conftest import MODELS


def test_what_its_card_says_is_read(tmp_path: Path) -> None:
    model = read_added(lay_added(tmp_path / "my_echo"))

    assert (model.id, model.served_name, model.problem) == ("my-echo", "my_echo", "")
    assert (model.name, model.licence, model.commercial_use) == ('My "Echo"', "CC-BY-NC-4.0", False)
    assert model.bytes == sum(file.stat().st_size for file in (tmp_path / "my_echo").rglob("*") if file.is_file())


def test_a_licence_of_which_nothing_is_known_is_neither_yes_nor_no(tmp_path: Path) -> None:
    model = read_added(lay_added(tmp_path / "my_echo", licence={"name": "unknown", "commercial_use": None}))

    assert (model.commercial_use, model.problem) == (None, "")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda folder: (folder / "config.pbtxt").unlink(), "config.pbtxt cannot be read"),
        (lambda folder: (folder / "config.pbtxt").write_text("name: {"), "is not what `cadenza models add` writes"),
        (lambda folder: (folder / "config.pbtxt").write_text('name: "my_echo"'), "is not what `cadenza models add` wr"),
        (lambda folder: (folder / "1" / "model.py").unlink(), "1/model.py is missing"),
        (lambda folder: (folder / "1" / "export.json").unlink(), "export.json cannot be read"),
        (lambda folder: (folder / "1" / "export.json").write_text("[]"), "is not what `cadenza models add` writes"),
        (lambda folder: (folder / "1" / "weights.onnx").unlink(), "1/weights.onnx is missing"),
        (lambda folder: (folder / "1" / "weights.onnx").write_bytes(b"w"), "1/weights.onnx has 1 bytes, 7 were"),
    ],
)
def test_what_is_wrong_with_a_folder_is_said(tmp_path: Path, damage: Callable[[Path], object], words: str) -> None:
    folder = lay_added(tmp_path / "my_echo")
    damage(folder)

    model = read_added(folder)

    assert words in model.problem
    assert model.id == "my-echo"


def test_a_folder_under_another_name_is_not_the_model(tmp_path: Path) -> None:
    shutil.move(lay_added(tmp_path / "my_echo"), tmp_path / "yours")

    (model,) = added_models(tmp_path)

    assert model.problem == "its config.pbtxt is of another model, my_echo"


def test_what_is_being_made_does_not_count_and_there_need_be_no_folder(tmp_path: Path) -> None:
    lay_added(tmp_path / ".adding-my_echo")
    (tmp_path / "a file").write_text("")

    assert added_models(tmp_path) == []
    assert added_models(tmp_path / "nowhere") == []


def test_the_repository_has_the_sound_ones_beside_our_own(tmp_path: Path) -> None:
    # Given a sound model, one that is torn, and one that calls itself as ours does
    added = tmp_path / "added"
    for name in ("my_echo", "torn", "affine"):
        lay_added(added / name)
    (added / "torn" / "1" / "weights.onnx").unlink()
    folders = TritonFolders(tmp_path / "triton")

    found = folders.assemble(MODELS, added)

    assert sorted(path.name for path in folders.repository.iterdir()) == ["affine", "echo", "my_echo"]
    assert (folders.repository / "affine").resolve() == (MODELS / "affine").resolve()
    assert [model.served_name for model in found.added] == ["my_echo"]
    assert found.left_out == (
        "The added model affine is left out: Cadenza has a model of that name of its own; add it again with "
        "`cadenza models add SOURCE --id ANOTHER-NAME`, or take it away with `cadenza models remove affine`.",
        "The added model torn is left out: 1/weights.onnx is missing; add it again with "
        "`cadenza models add SOURCE --id torn --replace`, or take it away with `cadenza models remove torn`.",
    )


async def test_a_stack_starts_without_the_broken_ones_and_stays_up(tmp_path: Path) -> None:
    # Given a sound model, one that Triton cannot load and one that lacks a file
    for name, program in (("my_echo", None), ("torn", BROKEN), ("gone", None)):
        lay_added(tmp_path / "added" / name, program)
    (tmp_path / "added" / "gone" / "1" / "weights.onnx").unlink()
    events: list[StackEvent] = []
    stack = EmbeddedStack(StackConfig(tmp_path / "root", model_root=MODELS, models_folder=tmp_path / "added"))

    # When it is started
    endpoints = await stack.start(events.append)

    # Then the sound one is served, each other has one sentence, and Triton is not taken for unhealthy afterwards
    client = TritonClient(endpoints.triton_url)
    try:
        states = {model.name: model.state for model in await client.model_states()}
        await asyncio.sleep(7)
    finally:
        await client.close()
        await stack.stop()
    assert states == {"affine": "READY", "echo": "READY", "my_echo": "READY", "torn": "UNAVAILABLE"}
    gone, torn = (event.detail for event in events if event.kind is EventKind.WARNING)
    assert gone.startswith("The added model gone is left out: 1/weights.onnx is missing; add it again")
    assert torn.startswith("The added model torn is left out: Triton could not load it (")
    assert "its graph is torn" in torn
    assert EventKind.RESTARTING not in {event.kind for event in events if event.name == "triton"}
