"""The commands of `cadenza`. Each says in one sentence what is wrong, if something is."""

import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from bootstrap.cli import admins, credits, edits, jobs, keys, mail, models, partners, webhooks
from bootstrap.cli.doctor import examine
from bootstrap.cli.home import Home
from bootstrap.cli.songs import kind_of, make_song, section_of, show_quote
from bootstrap.cli.stack import RunningStack, running_stack, until_interrupted
from bootstrap.cli.terminal import Url, console, plainly, run, signed_in
from bootstrap.cli.uploads import upload_file
from deploy.embedded import read_running, without_password

DEFAULT_PROMPT = "Dreamy lofi hip hop in A minor, 82 bpm, warm rhodes, upright bass, no flute"
SAMPLE_QUERY = "{ vocabulary { genres } models { id name isReady } }"

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Cadenza: describe a song and watch it being made.")
app.add_typer(jobs.app, name="jobs")
app.add_typer(admins.app, name="admins")
app.add_typer(keys.app, name="keys")
app.add_typer(mail.app, name="mail")
app.add_typer(credits.app, name="credits")
app.add_typer(webhooks.app, name="webhooks")
app.add_typer(partners.app, name="partner")
app.add_typer(models.app, name="models")
for change in (edits.extend, edits.repaint, edits.layer, edits.vary):
    app.command()(change)


@app.command()
def up() -> None:
    """Start everything and keep it running until Ctrl-C."""

    async def main() -> None:
        async with running_stack(Home.default(), console) as running:
            _print_endpoints(running)
            await until_interrupted(running.stack)
            console.print("stopping …")

    run(main())


@app.command()
def demo(
    prompt: Annotated[str, typer.Option(envvar="PROMPT", help="What to make.")] = DEFAULT_PROMPT,
    duration: Annotated[float, typer.Option(envvar="DURATION", help="Seconds.")] = 30.0,
    out: Annotated[Path, typer.Option(help="Where the files go.")] = Path("out"),
) -> None:
    """Start what is not running, make a song, and show what came out."""

    async def main(url: str) -> None:
        client = await signed_in(url)
        console.print(f"[bold]{prompt or DEFAULT_PROMPT}[/bold]")
        song = await make_song(client, {"prompt": prompt or DEFAULT_PROMPT, "durationSeconds": duration}, out, console)
        playable = "" if song.seconds_to_playable is None else f"playable after {song.seconds_to_playable:.1f} s, "
        console.print(f"{playable}finished after {song.seconds_to_finished:.1f} s")

    _with_api(main)


@app.command()
def generate(
    prompt: Annotated[str, typer.Argument(help="What to make, in your own words.")],
    duration: Annotated[float, typer.Option(help="Seconds, 5 to 600.")] = 60.0,
    quote: Annotated[bool, typer.Option("--quote", help="Only say what it would cost and take.")] = False,
    seed: Annotated[int | None, typer.Option(help="Makes the song repeatable.")] = None,
    genre: Annotated[str | None, typer.Option(help="A genre; wins over the prompt.")] = None,
    bpm: Annotated[float | None, typer.Option(help="Beats per minute, 30 to 240.")] = None,
    key: Annotated[str | None, typer.Option(help="A key such as 'A minor'.")] = None,
    instrumental: Annotated[bool | None, typer.Option(help="Without singing.")] = None,
    model: Annotated[str | None, typer.Option(help="One that `cadenza models` lists.")] = None,
    section: Annotated[
        list[str] | None, typer.Option(help="A part of the song, in order: its seconds and what it is, '8 only drums'.")
    ] = None,
    melody: Annotated[str | None, typer.Option(help="A version whose melody to follow.")] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="A .flac, .mp3, .mid, .cho or .json file.")
    ] = None,
    url: Url = None,
) -> None:
    """Make a song with the API that runs, or start one for it."""
    if output is not None:
        plainly(lambda: kind_of(output))
    wish = {
        "prompt": prompt,
        "durationSeconds": duration,
        "seed": seed,
        "genre": genre,
        "bpm": bpm,
        "keyScale": key,
        "instrumental": instrumental,
        "modelId": model,
        "melodyVersionId": melody,
        "sections": plainly(lambda: [section_of(text) for text in section]) if section else None,
    }

    async def main(address: str) -> None:
        client = await signed_in(address)
        given = {name: value for name, value in wish.items() if value is not None}
        if quote:
            await show_quote(client, given, console)
            return
        await make_song(client, given, Path("out"), console, output)

    _with_api(main, url)


@app.command()
def upload(
    file: Annotated[Path, typer.Argument(help="A WAV, FLAC, MP3, Ogg, Opus, M4A or AAC file.")],
    title: Annotated[str | None, typer.Option(help="The track's title.")] = None,
    url: Url = None,
) -> None:
    """Bring a file of your own and make a track of it."""

    async def main(address: str) -> None:
        await upload_file(await signed_in(address), file, title, console)

    _with_api(main, url)


@app.command()
def schema(
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write it to this file.")] = None,
) -> None:
    """Print the GraphQL schema."""
    command = [sys.executable, "-m", "bootstrap.schema"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if output is None:
        typer.echo(text, nl=False)
    else:
        output.write_text(text)


@app.command()
def api() -> None:
    """Run the API program; settings come from CADENZA_* variables."""
    _become("bootstrap.api")


@app.command()
def worker() -> None:
    """Run the worker program; settings come from CADENZA_* variables."""
    _become("bootstrap.worker")


def _become(program: str) -> None:
    """A program of its own, so that this command stays light; beside `cadenza up` it gets that stack's addresses."""
    home = Home.default()
    running = read_running(home.root)
    environment = {} if running is None else {**running.as_environment(), "CADENZA_AUTH_SECRET": home.auth_secret()}
    os.execve(sys.executable, [sys.executable, "-m", program], {**environment, **os.environ})


@app.command()
def doctor() -> None:
    """Say which dependency is missing, unreachable or too old, and what to do."""
    table = Table("check", "state", "detail", "what to do")
    found = examine(Home.default())
    for check in found:
        table.add_row(check.name, "[green]ok[/green]" if check.ok else "[red]no[/red]", check.detail, check.remedy)
    console.print(table)
    if not all(check.ok for check in found):
        raise typer.Exit(1)


def _with_api(main: Callable[[str], Awaitable[None]], url: str | None = None) -> None:
    """Runs `main` against the API that is given or running, else against a stack that lives as long as it."""

    async def with_stack() -> None:
        started = time.monotonic()
        async with running_stack(Home.default(), console) as running:
            console.print(f"stack ready after {time.monotonic() - started:.1f} s")
            await main(running.programs.api_url)

    async def with_running(address: str) -> None:
        await main(address)

    home = Home.default()
    address = url or (home.api_url() if read_running(home.root) is not None else None)
    run(with_stack() if address is None else with_running(address))


def _print_endpoints(running: RunningStack) -> None:
    table = Table(show_header=False, title="Cadenza is up", title_justify="left")
    table.add_row("GraphQL", f"{running.programs.api_url}/graphql")
    table.add_row("health", f"{running.programs.api_url}/readyz")
    table.add_row("metrics", f"{running.programs.api_url}/metrics")
    table.add_row("metrics of the worker", running.programs.worker_metrics_url)
    for name, value in running.endpoints.as_environment().items():
        if name.endswith(("_URL", "_ENDPOINT")):
            table.add_row(name, without_password(value))
    console.print(table)
    console.print("Try it:", highlight=False)
    body = f'{{"query": "{SAMPLE_QUERY}"}}'
    console.print(
        f"  curl -s {running.programs.api_url}/graphql -H 'Content-Type: application/json' -d '{body}'",
        highlight=False,
        soft_wrap=True,
    )
    console.print('  .venv/bin/cadenza generate "calm piano waltz" --duration 20', highlight=False)
    console.print("Ctrl-C stops everything.", highlight=False)
