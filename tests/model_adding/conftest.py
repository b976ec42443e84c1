"""A hub of one's own, a console that is read, and adding with the twin of the export."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from model_export.adding.adding import Wish, add
from model_export.adding.telling import Teller
from tests.graphql.fixtures import api, commands, door, edge, one_edge, schema
from tests.model_adding.exports import make_graphs
from tests.model_adding.hub_server import Hub, open_hub

__all__ = ["api", "commands", "door", "edge", "one_edge", "schema"]

Adding = Callable[..., str]


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """The one that `HF_ENDPOINT` names; nobody is signed in."""
    monkeypatch.delenv("HF_TOKEN", raising=False)
    with open_hub() as opened:
        monkeypatch.setenv("HF_ENDPOINT", opened.url)
        yield opened


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """Where added models are to lie; there is no such folder yet."""
    return tmp_path / "models"


@pytest.fixture
def adding(models: Path) -> Adding:
    """Adds what is wished for, and returns what was told."""

    def adds(source: str | Path, **wish: Any) -> str:
        heard = io.StringIO()
        add(Wish(str(source), **wish), models, lambda: make_graphs, Teller(Console(file=heard, width=300)))
        return heard.getvalue()

    return adds


def entries(folder: Path) -> list[str]:
    """Names of all that lies there, but for the lock."""
    return sorted(path.name for path in folder.iterdir() if path.name != ".lock") if folder.exists() else []
