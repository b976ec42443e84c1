"""The API, and the public clients from npm, installed once as their lock says."""

import subprocess
from pathlib import Path

import pytest

from tests.clients.node import FOLDER, LOCK_KEPT_BY_NPM, NODE, NPM
from tests.graphql.fixtures import api, commands, door, edge, one_edge, schema

__all__ = ["api", "clients", "commands", "door", "edge", "one_edge", "schema"]


@pytest.fixture(scope="session")
def clients() -> Path:
    """The folder with the scripts, after `npm ci` where the lock is newer than what is installed."""
    installed = FOLDER / LOCK_KEPT_BY_NPM
    if not installed.exists() or installed.stat().st_mtime < (FOLDER / "package-lock.json").stat().st_mtime:
        command = [str(NODE), str(NPM), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    return FOLDER
