"""Command line: `python -m model_export.adding SOURCE --models FOLDER`; `cadenza models add` calls it."""

import argparse
import importlib
import signal
import sys
import threading
from functools import partial
from pathlib import Path
from types import FrameType

from rich.console import Console

from model_export.adding.adding import MakeGraphs, Wish, add
from model_export.adding.errors import AddingError
from model_export.adding.telling import Teller
from model_export.profiles import CPU

STOPPED = 130


def main() -> int:
    """0 when the model is there, 1 with one sentence when not, 130 when somebody stopped it."""
    chosen = _arguments()
    wish = Wish(
        source=chosen.source,
        id=chosen.id,
        revision=chosen.revision,
        name=chosen.name,
        longest_seconds=chosen.longest_seconds,
        memory_mib=chosen.memory_mib,
        form=chosen.form,
        replace=chosen.replace,
        profile=chosen.profile,
    )
    interrupted = threading.Event()
    signal.signal(signal.SIGINT, partial(_interrupt, interrupted))
    try:
        add(wish, chosen.models.absolute(), partial(_load, wish.profile), Teller(Console()))
    except (AddingError, KeyboardInterrupt) as error:
        # A library in the way may have made another failure of it.
        if not interrupted.is_set():
            sys.stderr.write(f"{error}\n")
            return 1
        sys.stderr.write("Stopped: nothing was added. What was downloaded is kept for the next attempt.\n")
        return STOPPED
    return 0


def _interrupt(interrupted: threading.Event, number: int, frame: FrameType | None) -> None:
    interrupted.set()
    raise KeyboardInterrupt


def _load(profile: str) -> MakeGraphs:
    """By name: torch takes seconds to load, and what a person mistyped should not."""
    return partial(importlib.import_module("model_export.adding.exporting").make_graphs, profile=profile)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m model_export.adding", description=__doc__)
    parser.add_argument("source", help="a checkpoint's folder, or owner/name on the hub")
    parser.add_argument("--models", type=Path, required=True, metavar="FOLDER", help="of added models")
    parser.add_argument("--id", default="", help="for people; by default after the source")
    parser.add_argument("--revision", default="", help="branch, tag or commit on the hub")
    parser.add_argument("--name", default="", help="as it is shown")
    parser.add_argument("--longest-seconds", type=float, default=Wish.longest_seconds, help="of a song, 300 at most")
    parser.add_argument("--memory-mib", type=int, help="for songs in flight; by default after what is free")
    parser.add_argument("--form", choices=("int8", "float32"), default="", help="by default the faster that is close")
    parser.add_argument("--profile", default=CPU, help="where it is served: cpu, onnx-gpu or tensorrt")
    parser.add_argument("--replace", action="store_true", help="put it in the place of one with the same id")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
