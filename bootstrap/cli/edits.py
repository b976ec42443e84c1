"""`cadenza extend`, `repaint`, `layer` and `vary`: changes of a version, by the API that runs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from bootstrap.cli import edit_documents
from bootstrap.cli.edit_documents import EditDocuments
from bootstrap.cli.songs import change_song, kind_of, show_edit_quote
from bootstrap.cli.terminal import Url, console, known_api, plainly, run, signed_in

VersionId = Annotated[str, typer.Argument(help="The version's id, as `cadenza generate` shows it at the end.")]
Instruction = Annotated[str | None, typer.Argument(help="What it is to become, in your own words.")]
Quote = Annotated[bool, typer.Option("--quote", help="Only say what it would cost and take.")]
Seed = Annotated[int | None, typer.Option(help="Makes the change repeatable.")]
Current = Annotated[bool, typer.Option("--current", help="Let the track play the new version when it is done.")]
Output = Annotated[Path | None, typer.Option("-o", "--output", help="A .flac, .mp3, .mid, .cho or .json file.")]


def extend(
    version: VersionId,
    instruction: Instruction = None,
    seconds: Annotated[float, typer.Option(help="How much longer.")] = 30.0,
    model: Annotated[str | None, typer.Option(help="One of sound goes on with any version, uploads too.")] = None,
    seed: Seed = None,
    current: Current = False,
    quote: Quote = False,
    output: Output = None,
    url: Url = None,
) -> None:
    """Make a longer version of a song."""
    chosen = {} if model is None else {"modelId": model}
    wish = {"seconds": seconds, **chosen, **_common(version, instruction, seed, current)}
    _change(edit_documents.EXTEND, wish, quote, output, url)


def repaint(
    version: VersionId,
    start: Annotated[float, typer.Argument(metavar="FROM", help="Where to begin, in seconds.")],
    end: Annotated[float, typer.Argument(metavar="TO", help="Where to end, in seconds.")],
    instruction: Instruction = None,
    seed: Seed = None,
    current: Current = False,
    quote: Quote = False,
    output: Output = None,
    url: Url = None,
) -> None:
    """Write some bars of a song anew."""
    wish = {"fromSeconds": start, "toSeconds": end, **_common(version, instruction, seed, current)}
    _change(edit_documents.REPAINT, wish, quote, output, url)


def layer(
    version: VersionId,
    instrument: Annotated[str, typer.Argument(help="An instrument such as 'violin'.")],
    instruction: Instruction = None,
    seed: Seed = None,
    current: Current = False,
    quote: Quote = False,
    output: Output = None,
    url: Url = None,
) -> None:
    """Let one more instrument play along with a song."""
    wish = {"instrument": instrument, **_common(version, instruction, seed, current)}
    _change(edit_documents.LAYER, wish, quote, output, url)


def vary(
    version: VersionId,
    instruction: Instruction = None,
    amount: Annotated[float, typer.Option(help="The share of the bars to write anew, 0.05 to 1.")] = 0.5,
    seed: Seed = None,
    current: Current = False,
    quote: Quote = False,
    output: Output = None,
    url: Url = None,
) -> None:
    """Make another take on a song."""
    wish = {"amount": amount, **_common(version, instruction, seed, current)}
    _change(edit_documents.VARY, wish, quote, output, url)


def _common(version: str, instruction: str | None, seed: int | None, current: bool) -> dict[str, Any]:
    return {"versionId": version, "instruction": instruction, "seed": seed, "makeCurrent": current}


def _change(edit: EditDocuments, wish: Mapping[str, Any], quote: bool, output: Path | None, url: str | None) -> None:
    if output is not None:
        plainly(lambda: kind_of(output))

    async def main(address: str) -> None:
        client = await signed_in(address)
        if quote:
            await show_edit_quote(client, edit, wish, console)
        else:
            await change_song(client, edit, wish, Path("out"), console, output)

    run(main(known_api(url)))
