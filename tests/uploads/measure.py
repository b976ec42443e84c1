"""Decodes all files of a folder, one after the other, and says what came of each and what it took, as lines of JSON.

It is a small process of its own, so that what its children took is not hidden behind what pytest takes.
"""

import asyncio
import json
import resource
import sys
import time
from pathlib import Path

from adapters.media.intake.decoder import SandboxedDecoder
from domain.kit.audio.unusable_audio import UnusableAudio


async def measure(path: Path, samples: Path, max_seconds: float) -> dict[str, object]:
    """`peak_mebibytes` is the most that any child has taken so far."""
    started = time.monotonic()
    code, message = "", ""
    try:
        await SandboxedDecoder().decode(path, samples, max_seconds)
    except UnusableAudio as error:
        code, message = error.code, error.message
    return {
        "name": path.name,
        "code": code,
        "message": message,
        "seconds": round(time.monotonic() - started, 2),
        "peak_mebibytes": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10,
    }


def main(folder: Path, max_seconds: float) -> None:
    for path in sorted(folder.iterdir()):
        outcome = asyncio.run(measure(path, folder.parent / "samples", max_seconds))
        sys.stdout.write(json.dumps(outcome) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
