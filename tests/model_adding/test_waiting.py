"""What whoever adds a model is told by a stack that runs already, until it is served or cannot be."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from bootstrap.cli import serving
from bootstrap.cli.serving import await_gone, await_served, state_of
from deploy.embedded import AddedModel, remove_added, served_states
from deploy.embedded.added_models import read_added
from tests.embedded.added import BROKEN, lay_added
from tests.embedded.conftest import live_stack


async def told(root: Path, model: AddedModel) -> tuple[bool, str]:
    """Whether it is served, and the last words on it."""
    said = io.StringIO()
    return await await_served(root, model, Console(file=said, width=200)), said.getvalue().rstrip("\n")


async def test_a_stack_that_runs_tells_what_becomes_of_a_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    added, root = tmp_path / "added", tmp_path / "root"
    added.mkdir()
    async with live_stack(root, added=added):
        # when a sound model comes, and one that Triton cannot load
        for name, program in (("my_echo", None), ("torn", BROKEN)):
            lay_added(tmp_path / name, program).rename(added / name)
        sound, torn = read_added(added / "my_echo"), read_added(added / "torn")
        # then the one is there to be used, and the other is not, with the reason
        assert await told(root, sound) == (True, 'It is served: cadenza generate "calm piano" --model my-echo')
        refused, words = await told(root, torn)
        assert not refused
        assert words.startswith("The added model torn is left out: Triton could not load it (")
        assert "its graph is torn" in words
        states = await served_states(root)
        assert (state_of(sound, states), state_of(torn, states)[:25]) == ("served", "Triton could not load it ")
        # and one that lacks a file is refused before anything is waited for
        (added / "torn" / "1" / "weights.onnx").unlink()
        assert "1/weights.onnx is missing" in (await told(root, read_added(added / "torn")))[1]
        # when a model is taken away, then that is over when it is told
        remove_added(sound)
        assert await await_gone(root, "my_echo") == ""
        # when one lies where the stack does not look, then nobody waits for it for long
        monkeypatch.setattr(serving, "NOTICE_SECONDS", 1.0)
        assert await told(root, read_added(lay_added(tmp_path / "elsewhere" / "my_echo"))) == (
            False,
            "The stack that runs does not notice it: end `cadenza up` with Ctrl-C, and start it again.",
        )
