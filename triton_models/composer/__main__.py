"""Command line: writes composed pieces as JSON lines, by seed or for briefs, each with its brief in words."""

import argparse
import gzip
import json
import sys
from collections.abc import Iterable
from pathlib import Path

from triton_models.composer.brief import SCHEMA, Brief, BriefError, parse_brief
from triton_models.composer.brief_sampling import sample_brief
from triton_models.composer.brief_words import prompt_of
from triton_models.composer.composer import compose
from triton_models.composer.instruments import INSTRUMENTS, KITS
from triton_models.score.document import to_json


def seeds(text: str) -> range:
    """`A:B`, A included, B not."""
    first, separator, end = text.partition(":")
    if not (separator and first.isdigit() and end.isdigit() and int(first) < int(end)):
        raise argparse.ArgumentTypeError("say two ascending numbers such as 0:1000")
    return range(int(first), int(end))


def document_of(brief: Brief) -> dict[str, object]:
    """The cadenza.brief/1 form of a brief; what is left open is null."""
    key = None if brief.key is None else {"tonic": brief.key.tonic, "mode": brief.key.mode}
    return {
        "schema": SCHEMA,
        "genre": brief.genre,
        "duration_seconds": brief.duration_seconds,
        "seed": brief.seed,
        "mood": brief.mood,
        "bpm": brief.bpm,
        "key": key,
        "meter": brief.meter,
        "instruments": list(brief.instruments),
        "excluded_instruments": list(brief.excluded_instruments),
        "energy": brief.energy,
        "sections": None if brief.sections is None else list(brief.sections),
        "title": brief.title,
        "instrumental": brief.instrumental,
    }


def line_of(brief: Brief) -> str | None:
    """`{"brief", "prompt", "score"}` as one line, or None when the brief's exclusions leave nothing to play."""
    try:
        score = compose(brief)
    except BriefError:
        return None
    head = json.dumps({"brief": document_of(brief), "prompt": prompt_of(brief)}, ensure_ascii=False)
    return f'{head[:-1]}, "score": {to_json(score)}}}\n'


def write(briefs: Iterable[Brief], target: Path) -> int:
    """Write the pieces of the briefs, equal bytes for equal briefs; returns how many pieces there are."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    written = 0
    with part.open("wb") as raw, gzip.GzipFile("", "wb", compresslevel=3, fileobj=raw, mtime=0) as packed:
        for line in filter(None, map(line_of, briefs)):
            packed.write(line.encode())
            written += 1
    part.replace(target)
    return written


def instruments() -> dict[str, dict[str, object]]:
    """What each name of an instrument stands for: General MIDI programs, or kits; the plain drums are any kit."""
    return {
        name: {"programs": list(entry.programs or KITS), "is_drum": entry.is_drum}
        for name, entry in INSTRUMENTS.items()
    }


def main() -> int:
    """0 when written, 1 when a brief is not valid; a piece that cannot be composed is left out and told."""
    parser = argparse.ArgumentParser(prog="python -m triton_models.composer")
    wanted = parser.add_mutually_exclusive_group(required=True)
    wanted.add_argument("--seeds", type=seeds, metavar="A:B", help="sampled briefs, A included, B not")
    wanted.add_argument("--briefs", type=Path, metavar="FILE", help="cadenza.brief/1 documents, one a line")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    chosen = parser.parse_args()
    name = f"pieces-{chosen.seeds.start:08d}-{chosen.seeds.stop:08d}" if chosen.seeds else "pieces-briefs"
    try:
        briefs = list(map(sample_brief, chosen.seeds or ())) or _read(chosen.briefs)
    except BriefError as wrong:
        sys.stderr.write(f"{wrong}\n")
        return 1
    written = write(briefs, chosen.out / f"{name}.jsonl.gz")
    (chosen.out / "instruments.json").write_text(json.dumps(instruments(), indent=1) + "\n")
    sys.stdout.write(f"{written} pieces, {len(briefs) - written} left out\n")
    return 0


def _read(path: Path) -> list[Brief]:
    return [parse_brief(line) for line in path.read_text().splitlines() if line]


if __name__ == "__main__":
    sys.exit(main())
