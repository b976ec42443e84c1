"""Command line: `corpus`, `tokenizer`, `train`, `evaluate` and `sample`. Needs the `export` extra (torch)."""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from model_export.profiles import PROFILES
from model_export.score import commands, output_commands
from model_export.score.evaluation.run import Extent, Judged
from model_export.score.runs import Limits
from model_export.score.sizes import SIZES
from triton_models.score_writer.windows import PLAIN, Taste

DATA = Path("out/score/corpus")


def seeds(text: str) -> range:
    """`A:B`, A included, B not."""
    first, separator, end = text.partition(":")
    if not (separator and first.isdigit() and end.isdigit() and int(first) < int(end)):
        raise argparse.ArgumentTypeError("say two ascending numbers such as 0:10000")
    return range(int(first), int(end))


def arguments() -> argparse.Namespace:
    """What is to be done, and where."""
    parser = argparse.ArgumentParser(prog="python -m model_export.score")
    actions = parser.add_subparsers(dest="action", required=True)
    corpus = actions.add_parser("corpus", help="compose, read, clean, split and embed pieces")
    corpus.add_argument("--compose", type=seeds, metavar="A:B", help="pieces of the composer, A included, B not")
    corpus.add_argument("--midi", type=Path, action="append", default=[], metavar="FOLDER", help="may be repeated")
    corpus.add_argument("--drums-alone", action="store_true", help="keep MIDI files with nothing but drums")
    corpus.add_argument("--processes", type=int, default=1)
    tokens = actions.add_parser("tokenizer", help="learn merges from a corpus")
    train = actions.add_parser("train", help="train, or go on with a training that was stopped")
    train.add_argument("--size", choices=[name for name in SIZES if name != "test"], default="tiny")
    train.add_argument("--out", type=Path, metavar="FOLDER", help="of the checkpoint; out/score/SIZE by default")
    train.add_argument(
        "--start", type=Path, metavar="FOLDER", help="of a checkpoint of this size, to go on from its weights"
    )
    train.add_argument("--rate", type=float, help="the highest learning rate, where the size's own is too high")
    train.add_argument("--steps", type=int, help="a run that can be repeated bit for bit")
    train.add_argument("--minutes", type=float, help="a run that makes the most of its time")
    train.add_argument("--rows", type=int, help="windows in a step, where the size's own number is too many")
    train.add_argument("--seed", type=int, default=0)
    train.add_argument("--threads", type=int, default=2)
    train.add_argument("--float32", action="store_true", help="no bfloat16")
    evaluate = actions.add_parser("evaluate", help="measure a checkpoint beside the composer and the corpus")
    evaluate.add_argument("--briefs", type=int, default=64, help="how many held-out briefs are answered")
    evaluate.add_argument("--seeds", type=int, default=2, help="pieces for each of them")
    evaluate.add_argument("--out", type=Path, metavar="FILE", help="evaluation.json in the model's folder by default")
    evaluate.add_argument("--graph", type=Path, metavar="FILE", help="the served graph writes in its place")
    sample = actions.add_parser("sample", help="write one song")
    sample.add_argument("--text", default="", help="the song in words")
    sample.add_argument("--genre")
    sample.add_argument("--bpm", type=float, help="beats a minute")
    sample.add_argument("--seed", type=int, default=0)
    sample.add_argument("--out", type=Path, default=Path("out/score/song.json"), metavar="FILE")
    build = actions.add_parser("build", help="make the files that Triton serves from a checkpoint")
    build.add_argument("--model", type=Path, default=output_commands.CHECKPOINT, metavar="FOLDER")
    build.add_argument("--out", type=Path, default=output_commands.SERVED, metavar="FOLDER", help="of Triton's model")
    build.add_argument("--profile", choices=PROFILES, default="cpu", help="where it is served")
    for action, bars in ((evaluate, 64), (sample, 32)):
        _add_sampling(action, bars)
    for action in (corpus, tokens, train, evaluate):
        action.add_argument("--data", type=Path, default=DATA, metavar="FOLDER", help=f"of the corpus; {DATA}")
    return parser.parse_args()


def _add_sampling(action: argparse.ArgumentParser, bars: int) -> None:
    action.add_argument("--model", type=Path, default=Path("out/score/tiny"), metavar="FOLDER")
    action.add_argument("--bars", type=int, default=bars, help="length of a song, at most")
    action.add_argument("--temperature", type=float, default=PLAIN.temperature)
    action.add_argument("--top-p", type=float, default=PLAIN.top_p)
    action.add_argument("--guidance", type=float, default=PLAIN.guidance)
    action.add_argument("--threads", type=int, default=2)


def train(chosen: argparse.Namespace) -> None:
    """Train as the options say."""
    size = SIZES[chosen.size]
    recipe = replace(size.recipe, rows=chosen.rows or size.recipe.rows, rate=chosen.rate or size.recipe.rate)
    size = replace(size, recipe=recipe)
    commands.train(
        chosen.data,
        chosen.out or Path("out/score") / size.name,
        size,
        Limits(chosen.steps or size.recipe.steps, chosen.minutes),
        seed=chosen.seed,
        threads=chosen.threads,
        half=not chosen.float32,
        start=chosen.start,
    )


def main() -> int:
    """0 when it was done, 1 with the reason when files could not be built."""
    chosen = arguments()
    match chosen.action:
        case "corpus":
            kept = chosen.drums_alone
            commands.build_corpus(
                chosen.data, chosen.compose, chosen.midi, drums_alone=kept, processes=chosen.processes
            )
        case "tokenizer":
            commands.train_tokenizer(chosen.data)
        case "train":
            train(chosen)
        case "evaluate":
            extent = Extent(chosen.briefs, chosen.seeds, chosen.bars)
            output_commands.evaluate(
                Judged(chosen.model, chosen.graph),
                chosen.data,
                extent,
                _taste(chosen),
                threads=chosen.threads,
                out=chosen.out,
            )
        case "sample":
            request = output_commands.request_of(chosen.text, chosen.genre, chosen.bpm, _taste(chosen), chosen.seed)
            output_commands.sample(chosen.model, request, chosen.bars, chosen.out, threads=chosen.threads)
        case "build":
            return output_commands.build(chosen.model, chosen.out, chosen.profile)
    return 0


def _taste(chosen: argparse.Namespace) -> Taste:
    return Taste(chosen.temperature, chosen.top_p, chosen.guidance)


if __name__ == "__main__":
    sys.exit(main())
