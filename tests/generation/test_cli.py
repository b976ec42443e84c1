"""`cadenza generate`, `extend`, `repaint`, `layer` and `vary` as one types them, against the API."""

import asyncio
from pathlib import Path

import pytest
from strawberry.relay.utils import to_base64
from typer.testing import CliRunner, Result

from adapters.memory.audio_engine import TONES
from bootstrap.cli.commands import app
from domain.accounts.services.api_keys import ApiKeyService
from domain.kit.caller import Scope
from domain.kit.ids import new_id
from tests.graphql.harness import Api


@pytest.fixture
async def version(api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A version of the person whose key the command has: 16 seconds long."""
    ada = await api.person()
    _, key = await api.world.get(ApiKeyService).create(ada.caller, "Terminal", list(Scope))
    monkeypatch.setenv("CADENZA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CADENZA_API_URL", api.base_url)
    monkeypatch.setenv("CADENZA_API_KEY", key)
    monkeypatch.setenv("COLUMNS", "200")
    await api.world.ask(ada.caller, duration_seconds=16.0)
    await api.world.work_off()
    (record,) = await api.world.documents("versions")
    return to_base64("Version", record["_id"])


async def cadenza(*arguments: str) -> Result:
    """Runs a command beside the API, which lives in this event loop."""
    return await asyncio.to_thread(CliRunner().invoke, app, arguments)


def last_line(result: Result) -> str:
    """Ahead of it the API beside the command may have written its log."""
    return result.output.splitlines()[-1]


@pytest.mark.parametrize(
    ("command", "rest", "credits"),
    [
        ("extend", ["--seconds", "8"], 5),
        ("repaint", ["4", "8", "darker"], 4),
        ("layer", ["violin"], 4),
        ("vary", ["with strings", "--amount", "0.3"], 4),
    ],
)
async def test_a_change_can_be_priced(api: Api, version: str, command: str, rest: list[str], credits: int) -> None:
    before = await api.world.documents("jobs")
    shown = await cadenza(command, version, *rest, "--quote")
    assert shown.exit_code == 0, shown.output
    assert f"{credits} credits of 496" in shown.output
    assert await api.world.documents("jobs") == before


async def test_what_cannot_be_done_is_said_in_one_sentence(api: Api, version: str) -> None:
    refused = await cadenza("repaint", version, "4", "20")
    assert (refused.exit_code, last_line(refused)) == (1, "The song ends at 16 seconds, before 20.")
    nothing = to_base64("Version", new_id())
    missing = await cadenza("vary", nothing)
    assert missing.exit_code == 1
    assert last_line(missing).startswith("There is no version with the id ")
    odd = await cadenza("vary", version, "-o", "song.xyz")
    assert odd.exit_code == 1
    assert "write to a file that ends with" in odd.output
    assert len(await api.world.documents("jobs")) == 1


async def test_a_song_of_parts_can_be_priced_for_a_model_that_takes_them(api: Api, version: str) -> None:
    api.world.audio.served = (TONES,)
    parts = ["--section", "12 only drums", "--section", "30"]
    shown = await cadenza("generate", "warm jazz", "--model", "tones", *parts, "--quote")
    assert shown.exit_code == 0, shown.output
    assert "17 credits of 496" in shown.output
    # and another model says why it does not
    refused = await cadenza("generate", "warm jazz", *parts, "--quote")
    assert refused.exit_code == 1
    assert last_line(refused).startswith("Score Tiny finds the form by itself.")


async def test_a_model_of_sound_can_go_on_with_a_version(api: Api, version: str) -> None:
    api.world.audio.served = (TONES,)
    shown = await cadenza("extend", version, "--seconds", "12", "--model", "tones", "--quote")
    assert shown.exit_code == 0, shown.output
    assert "8 credits of 496" in shown.output
    refused = await cadenza("generate", "warm jazz", "--model", "tones", "--melody", version, "--quote")
    assert (refused.exit_code, last_line(refused).partition(".")[0]) == (1, "Tones hears no melodies")


async def test_a_part_begins_with_its_seconds(version: str) -> None:
    refused = await cadenza("generate", "warm jazz", "--section", "only drums")
    assert (refused.exit_code, last_line(refused)) == (
        1,
        "'only drums' is no section. Begin with its seconds, such as '8 only drums'.",
    )
