"""Checkpoints that several tests read. Who changes one copies it."""

from pathlib import Path

import pytest

from tests.musicgen.checkpoints import checkpoint


@pytest.fixture(scope="session")
def mono(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return checkpoint(tmp_path_factory.mktemp("musicgen") / "mono")
