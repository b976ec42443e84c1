"""Command line: `python -m model_export.soundfont subset --source FONT.sf3 --out SMALL.sf3`."""

import argparse
import hashlib
import sys
from pathlib import Path

from model_export.soundfont.errors import SoundFontError
from model_export.soundfont.presets import CADENZA_FOLDS, CADENZA_PRESETS
from model_export.soundfont.subset import Changes, subset_soundfont


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0 with the digests of source and result on standard output, 1 with one line of reason."""
    options = _parser().parse_args(arguments)
    try:
        folds = () if options.keep_all_layers else CADENZA_FOLDS
        _subset(options.source, options.out, Changes(folds, bake=not options.keep_modulators))
    except (OSError, SoundFontError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m model_export.soundfont")
    commands = parser.add_subparsers(required=True)
    subset = commands.add_parser("subset", help="keep only the presets that the composer plays")
    subset.add_argument("--source", type=Path, required=True)
    subset.add_argument("--out", type=Path, required=True)
    subset.add_argument("--keep-modulators", action="store_true", help="leave them to the player")
    subset.add_argument(
        "--keep-all-layers", action="store_true", help="keep the velocity layers that presets.py folds away"
    )
    return parser


def _subset(source: Path, out: Path, changes: Changes) -> None:
    data = source.read_bytes()
    result = subset_soundfont(data, CADENZA_PRESETS, changes)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(result)
    for path, body in ((source, data), (out, result)):
        sys.stdout.write(f"{hashlib.sha256(body).hexdigest()}  {len(body)} bytes  {path.name}\n")


if __name__ == "__main__":
    sys.exit(main())
