"""The embedded stack sells with the test gateway, on programs of their own."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bootstrap.cli.commands import app


@pytest.mark.e2e
async def test_a_stack_of_this_machine_sells_for_nothing(
    api_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CADENZA_HOME", str(tmp_path / "person"))
    monkeypatch.setenv("COLUMNS", "200")
    bought = await asyncio.to_thread(
        CliRunner().invoke, app, ["credits", "buy", "pack-1000", "--pay", "--url", api_url]
    )
    assert bought.exit_code == 0, bought.output
    assert f"{api_url}/payments/test/checkout/" in bought.output
    assert "paid: 1,500 credits are available" in bought.output
