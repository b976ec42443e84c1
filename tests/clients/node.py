"""Running a script of this folder in Node.js, beside the event loop that serves the API."""

import asyncio
import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
LOCK_KEPT_BY_NPM = Path("node_modules") / ".package-lock.json"


async def run(script: str, *arguments: str) -> list[Any]:
    """The lines of JSON that it prints."""
    process = await asyncio.create_subprocess_exec(
        "node", script, *arguments, cwd=FOLDER, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(60):
            out, err = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    assert process.returncode == 0, err.decode()
    return [json.loads(line) for line in out.splitlines()]
