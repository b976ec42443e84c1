"""`cadenza models add`, `remove` and the list, as one types them."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from adapters.memory.audio_engine import TONES
from bootstrap.cli import models as command
from bootstrap.cli.commands import app
from bootstrap.cli.doctor import added
from bootstrap.cli.home import Home
from domain.generation.models import SOUNDS
from tests.embedded.added import lay_added
from tests.graphql.harness import Api
from tests.model_adding.conftest import entries
from tests.model_adding.hub_server import Hub, Repository
from tests.model_adding.test_hub import FILES, NAME

# A program of its own has to load first, on a machine that may be busy.
PATIENCE = 120


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CADENZA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path / "home"


def cadenza(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["models", *arguments])


def program(*arguments: str) -> subprocess.Popen[str]:
    """The command as a program of its own."""
    line = [sys.executable, "-m", "bootstrap.cli", "models", *arguments]
    return subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)


def test_added_models_are_listed_with_what_is_wrong_with_them(home: Path) -> None:
    lay_added(home / "models" / "my_echo", name="My Echo")
    (lay_added(home / "models" / "torn") / "1" / "weights.onnx").unlink()

    shown = cadenza().output

    assert "│ my-echo │ My Echo " in shown
    assert " │ CC-BY-NC-4.0 │ no             │ 0.0 MB │ sound" in shown
    assert "│ 1/weights.onnx is missing │" in shown
    assert "No API is known here." in shown


async def test_what_the_api_offers_is_listed_with_its_terms_and_what_was_added(
    api: Api, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given an API whose Triton has a model that was added here, without commercial use
    monkeypatch.setenv("CADENZA_API_URL", api.base_url)
    lay_added(home / "models" / "my_echo")
    echo = replace(TONES, id="my-echo", served="my_echo", licence="CC-BY-NC-4.0", commercial_use=False)
    api.world.audio.served = (TONES, echo)

    shown = (await asyncio.to_thread(cadenza)).output

    rows = [[cell.strip() for cell in line.strip("│").split("│")] for line in shown.splitlines()]
    assert ["composer", "Composer", "600 s", "yes", SOUNDS, "yes", "yes", ""] in rows
    assert ["tones", "Tones", "120 s", "yes", "apache-2.0", "yes", "yes", ""] in rows
    assert ["my-echo", "Tones", "120 s", "yes", "CC-BY-NC-4.0", "no", "no", "yes"] in rows


def test_the_doctor_names_those_that_cannot_be_served(home: Path) -> None:
    lay_added(home / "models" / "my_echo")
    assert added(Home(home)) == []
    (home / "models" / "my_echo" / "1" / "weights.onnx").unlink()

    (check,) = added(Home(home))

    assert (check.name, check.ok, check.detail) == ("my-echo", False, "1/weights.onnx is missing")
    assert check.remedy == "add it again with --replace, or run `cadenza models remove my-echo`"


def test_the_folder_of_added_models_can_be_another(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CADENZA_MODELS_FOLDER", str(tmp_path / "elsewhere"))
    lay_added(tmp_path / "elsewhere" / "my_echo")

    assert "my-echo" in cadenza().output
    assert cadenza("remove", "my-echo").output == "my-echo is gone.\n"
    assert entries(tmp_path / "elsewhere") == []


def test_only_what_was_added_can_be_removed(home: Path) -> None:
    refused = cadenza("remove", "composer")
    assert (refused.exit_code, refused.output) == (
        1,
        f"There is no added model 'composer'. None was added in {home / 'models'}.\n",
    )
    lay_added(home / "models" / "my_echo")
    assert "Added are my-echo in" in cadenza("remove", "my_echo").output
    assert entries(home / "models") == ["my_echo"]


def test_without_the_extra_the_command_that_installs_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "EXPORT_PACKAGES", ("torch", "no_such_package"))

    refused = cadenza("add", "somebody/something")

    assert (refused.exit_code, refused.output) == (
        1,
        f"Adding a model needs no_such_package: run `{sys.executable} -m pip install -e '.[export]'` first.\n",
    )


def test_a_form_that_is_none_is_refused() -> None:
    refused = cadenza("add", "x", "--form", "float64")

    assert (refused.exit_code, refused.output) == (1, "There is no form 'float64': choose int8 or float32.\n")


@pytest.mark.timeout(300)
def test_what_goes_wrong_is_one_sentence_and_nothing_is_there(hub: Hub, home: Path) -> None:
    with program("add", "nobody/nothing") as adding:
        out, err = adding.communicate(timeout=PATIENCE)

    assert (adding.returncode, out) == (1, "")
    assert err == (
        f"There is no model nobody/nothing at {hub.url}; if it is a private one, give an access token in HF_TOKEN.\n"
    )
    assert entries(home / "models") == []


@pytest.mark.timeout(300)
def test_who_stops_it_keeps_what_was_downloaded(hub: Hub, home: Path) -> None:
    # Given a hub that stops sending in the middle of the weights
    hub.models[NAME] = Repository(FILES, stalls=True)

    with program("add", NAME) as adding:
        part = Path()
        deadline = time.monotonic() + PATIENCE
        while not part.name and time.monotonic() < deadline:
            part = next((home / "models").glob(".downloads/*/model.safetensors.part"), part)
            time.sleep(0.05)

        # When Ctrl-C is typed, which the whole group hears
        os.killpg(adding.pid, signal.SIGINT)
        _, err = adding.communicate(timeout=PATIENCE)

    # Then it says so, and there is no model
    assert (adding.returncode, err) == (
        130,
        "Stopped: nothing was added. What was downloaded is kept for the next attempt.\n",
    )
    assert entries(home / "models") == [".downloads"]
    assert part.is_file()
