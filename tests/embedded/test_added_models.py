"""Models that were added are served beside our own; a broken one is left out with a sentence, and all else starts."""

import asyncio
import os
import shutil
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path

import grpc.aio
import pytest

from deploy.embedded import EventKind, added_models, remove_added, served_states
from deploy.embedded.added_models import read_added
from deploy.embedded.procfs import command_line, session_members
from deploy.embedded.triton_client import TritonClient
from tests.embedded.added import BROKEN, HANGING, lay_added
from tests.embedded.conftest import LiveStack, live_stack
from tests.patience import eventually

OWN = {"affine": "READY", "echo": "READY"}


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


async def test_a_stack_starts_without_the_broken_ones_and_stays_up(tmp_path: Path) -> None:
    # Given a sound model, one that Triton cannot load, one that lacks a file and one that hangs while it loads
    for name, program in (("my_echo", None), ("torn", BROKEN), ("gone", None), ("stuck", HANGING)):
        lay_added(tmp_path / "added" / name, program)
    (tmp_path / "added" / "gone" / "1" / "weights.onnx").unlink()

    # When a stack is started with them
    async with live_stack(tmp_path / "root", added=tmp_path / "added") as live:
        states = await states_of(live)
        await asyncio.sleep(7)

    # Then the sound one is served, each other has one sentence, and Triton is not taken for unhealthy afterwards
    assert states == {**OWN, "my_echo": "READY", "torn": "UNAVAILABLE", "stuck": "LOADING"}
    gone, torn, stuck = (event.detail for event in live.events if event.kind is EventKind.WARNING)
    assert gone.startswith("The added model gone is left out: 1/weights.onnx is missing; add it again")
    assert torn.startswith("The added model torn is left out: Triton could not load it (")
    assert "its graph is torn" in torn
    assert stuck.startswith("The added model stuck is still loading after 10 s: all else is served, and it will be as")
    assert EventKind.RESTARTING not in {event.kind for event in live.events if event.name == "triton"}


async def test_a_running_stack_follows_its_folder(tmp_path: Path) -> None:
    added = tmp_path / "added"
    async with live_stack(tmp_path / "root", added=added) as live:
        # When a model comes, then it is served
        added.mkdir()
        lay_added(tmp_path / "my_echo").rename(added / "my_echo")
        await eventually(lambda: has_told(live, "The added model my-echo is served, version 1,"), within=20)
        assert (await states_of(live))["my_echo"] == "READY"

        # When another version takes its place, then that is
        newer = lay_added(tmp_path / "my_echo")
        (newer / "1").rename(newer / "2")
        (added / "my_echo").rename(tmp_path / "older")
        newer.rename(added / "my_echo")
        await eventually(lambda: has_told(live, "The added model my-echo is served, version 2,"), within=20)

        # When Triton dies, then the next one serves it as well
        before = live.status("triton").restarts
        os.kill(live.pid("triton"), signal.SIGKILL)
        await eventually(lambda: live.is_ready_again("triton", before), within=20)
        assert (await states_of(live))["my_echo"] == "READY"

        # When one that hangs is taken away, and the sound one too, then nothing of them is left
        lay_added(added / "stuck", HANGING)
        await eventually(lambda: is_loading(live, "stuck"), within=20)
        await asyncio.sleep(2)
        for name in ("stuck", "my_echo"):
            remove_added(read_added(added / name))
        for name in ("stuck", "my_echo"):
            told = f"The model {name} was taken away and is not served any more"
            await eventually(partial(has_told, live, told), within=20)
        assert await states_of(live) == OWN
        await asyncio.sleep(5)
        assert live.status("triton").restarts == before + 1


async def test_a_folder_that_vanishes_while_triton_reads_it_holds_up_nobody(tmp_path: Path) -> None:
    added = tmp_path / "added"
    added.mkdir()
    async with live_stack(tmp_path / "root", added=added) as live:
        # Given a model of which Triton has just started the process
        lay_added(tmp_path / "my_echo").rename(added / "my_echo")
        await eventually(lambda: has_process(live, "my_echo"), within=20)

        # When its folder goes
        remove_added(read_added(added / "my_echo"))

        # Then it is loaded and unloaded like others, and so is the next one
        told = "The model my_echo was taken away and is not served any more"
        await eventually(lambda: has_told(live, told), within=20)
        lay_added(tmp_path / "my_echo").rename(added / "my_echo")
        await eventually(lambda: has_told(live, "The added model my-echo is served, version 1,"), within=20)
        assert {event.detail for event in live.events if event.kind is EventKind.WARNING} == set()
        assert live.status("triton").restarts == 0


async def test_nobody_loads_a_model_without_the_key(live: LiveStack) -> None:
    client = TritonClient(live.endpoints.triton_url)
    try:
        with pytest.raises(grpc.aio.AioRpcError, match="This protocol is restricted"):
            await client.load("echo")
    finally:
        await client.close()
    assert (await states_of(live))["echo"] == "READY"


async def states_of(live: LiveStack) -> dict[str, str]:
    """By model, as the commands see them."""
    found = await served_states(live.root)
    assert found is not None
    return {row.name: row.state for row in found.rows}


async def is_loading(live: LiveStack, model: str) -> bool:
    return (await states_of(live)).get(model) == "LOADING"


def has_process(live: LiveStack, model: str) -> bool:
    members = session_members(live.pid("triton"))
    return any(f"{model}_0_0" in command_line(member.pid) for member in members)


def has_told(live: LiveStack, words: str) -> bool:
    return any(event.detail.startswith(words) for event in live.events)
