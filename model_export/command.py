"""Command line of a model whose file is committed: `build` makes it anew, `--check` verifies what is there."""

import argparse
import importlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path


def main(package: str, repository: Path, check: Callable[[Path], Sequence[str]]) -> int:
    """0 when built and checked, 1 when the check found a problem.

    `package` has a module `build` whose `build(folder)` returns a manifest with a `summary`; `check` lists problems.
    """
    chosen = _arguments(package, repository)
    if chosen.action == "build":
        # Loaded by name: what building needs is an optional extra, and --check must work without it.
        made = importlib.import_module(f"{package}.build").build(chosen.folder)
        sys.stdout.write(f"{made.summary}\n")
    problems = check(chosen.folder) if chosen.check else []
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    return 1 if problems else 0


def _arguments(package: str, repository: Path) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=f"python -m {package}")
    parser.add_argument("action", nargs="?", choices=["build"])
    parser.add_argument("--check", action="store_true", help="verify digests and parity with onnxruntime only")
    parser.add_argument("--folder", type=Path, default=repository)
    chosen = parser.parse_args()
    if not (chosen.action or chosen.check):
        parser.error("say build, --check or both")
    return chosen
