"""`cadenza models`: what the API offers, building the files of our own models, adding others and taking them away."""

import asyncio
import os
import subprocess
import sys
from importlib.util import find_spec
from math import isfinite
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Column, Table

from bootstrap.cli import documents
from bootstrap.cli.client import CadenzaClient
from bootstrap.cli.home import Home
from bootstrap.cli.serving import SOUND, await_gone, await_served, newcomer, state_of, versions
from bootstrap.cli.stack import EXTERNAL
from bootstrap.cli.terminal import Url, console, known_api, run
from deploy.embedded import AddedModel, ServedStates, added_models, read_running, remove_added, served_states

# What makes each model's files.
EXPORTED_MODELS = {
    "note_transcription": "model_export.note_transcription",
    "score_tiny": "model_export.score",
    "text_embedding": "model_export.text_embedding",
}
EXPORT_PACKAGES = ("torch", "transformers", "huggingface_hub", "onnx", "onnxscript", "safetensors")
COMMERCIAL_USE = {True: "yes", False: "no", None: "unknown"}

app = typer.Typer(help="The music models: list, build, add or remove them.", invoke_without_command=True)


@app.callback()
def list_models(context: typer.Context, url: Url = None) -> None:
    """List the models that were added here, and those that the running API offers."""
    if context.invoked_subcommand is not None:
        return
    home = Home.default()
    added = added_models(home.models_folder())
    if added:
        _show_added(added, asyncio.run(served_states(home.root)))
    run(_show_offered(known_api(url), {model.id for model in added}))


@app.command("build")
def build_models(
    name: Annotated[str, typer.Argument(help="Which model; the others have no exported files.")] = "text_embedding",
    profile: Annotated[str, typer.Option(help="How score_tiny is to be served: cpu, onnx-gpu or tensorrt.")] = "cpu",
    checkpoint: Annotated[Path | None, typer.Option(help="The folder that score_tiny is made of.")] = None,
) -> None:
    """Make a model's shipped files anew from their sources; needs the `export` extra (PyTorch)."""
    if name not in EXPORTED_MODELS:
        _fail(f"{name!r} is not built from a checkpoint. Choose one of: {', '.join(EXPORTED_MODELS)}.")
    _need_export_extra("Building models")
    command = [sys.executable, "-m", EXPORTED_MODELS[name], "build"]
    if name == "score_tiny":
        command += ["--profile", profile, *(() if checkpoint is None else ("--model", str(checkpoint)))]
    raise typer.Exit(subprocess.run(command, check=False).returncode)


@app.command("add")
def add_model(
    source: Annotated[str, typer.Argument(help="A checkpoint's folder, or owner/name on the hub.")],
    model: Annotated[str, typer.Option("--id", help="What it is called; by default after the source.")] = "",
    revision: Annotated[str, typer.Option(help="A branch, tag or commit on the hub.")] = "",
    name: Annotated[str, typer.Option(help="The name that is shown.")] = "",
    longest_seconds: Annotated[float, typer.Option(help="Of a song, 1 to 300.", min=1, max=300)] = 300.0,
    memory_mib: Annotated[
        int | None, typer.Option(help="For songs in flight; by default after what is free.", min=1)
    ] = None,
    form: Annotated[str, typer.Option(help="int8, or float32, which is slower; int8 where it is close enough.")] = "",
    profile: Annotated[str, typer.Option(help="Where it is served: cpu, or on a GPU onnx-gpu or tensorrt.")] = "cpu",
    replace: Annotated[bool, typer.Option("--replace", help="In the place of one with the same id.")] = False,
) -> None:
    """Add a MusicGen checkpoint, so that Triton serves it; needs the `export` extra (PyTorch)."""
    if form not in ("", "int8", "float32"):
        _fail(f"There is no form {form!r}: choose int8 or float32.")
    if not isfinite(longest_seconds):
        _fail("--longest-seconds must be a number from 1 to 300.")
    _need_export_extra("Adding a model")
    home = Home.default()
    models = home.models_folder()
    before = versions(models)
    options = {"--id": model, "--revision": revision, "--name": name, "--form": form}
    command = [sys.executable, "-m", "model_export.adding", f"--models={models}"]
    command += [
        f"--longest-seconds={longest_seconds}",
        f"--profile={profile}",
        *(f"{option}={said}" for option, said in options.items() if said),
    ]
    command += [] if memory_mib is None else [f"--memory-mib={memory_mib}"]
    command += ["--replace"] if replace else []
    status = _until_over([*command, "--", source])
    came = newcomer(models, before) if status == 0 else None
    if came is not None and not _is_served(home, came):
        status = 1
    raise typer.Exit(status)


@app.command("remove")
def remove_model(model: Annotated[str, typer.Argument(help="The id of one that was added.")]) -> None:
    """Take an added model away, and its files."""
    home = Home.default()
    found = {known.id: known for known in added_models(home.models_folder())}
    if model not in found:
        others = f"Added are {', '.join(found)}" if found else "None was added"
        _fail(f"There is no added model {model!r}. {others} in {home.models_folder()}.")
    remove_added(found[model])
    later = asyncio.run(await_gone(home.root, found[model].served_name))
    console.print(f"{model} is gone{later}.", highlight=False, soft_wrap=True)


def _show_added(added: list[AddedModel], states: ServedStates | None) -> None:
    table = Table("id", "name", "licence", "commercial use", "size", "state", title="Added here", title_justify="left")
    for model in added:
        use, size = COMMERCIAL_USE[model.commercial_use], f"{model.bytes / 1e6:.1f} MB"
        state = escape(state_of(model, states))
        if state not in SOUND:
            state = f"[red]{state}[/red]"
        table.add_row(model.id, escape(model.name), escape(model.licence), use, size, state)
    console.print(table)


async def _show_offered(address: str, added: set[str]) -> None:
    answer = await CadenzaClient(address).execute(documents.MODELS)
    rest = ("name", "longest song", "ready", "licence", "commercial use", "allowed here", "added")
    # What people type must not be cut.
    table = Table(Column("id", no_wrap=True), *rest)
    for model in answer["models"]:
        table.add_row(*_offered(model), "yes" if model["id"] in added else "")
    console.print(table)


def _offered(model: dict[str, Any]) -> tuple[str, ...]:
    ready, allowed = ("yes" if model[field] else "no" for field in ("isReady", "isAllowed"))
    use, longest = COMMERCIAL_USE[model["commercialUse"]], f"{model['maxDurationSeconds']:g} s"
    return model["id"], escape(model["name"]), longest, ready, escape(model["licence"]), use, allowed


def _is_served(home: Home, model: AddedModel) -> bool:
    """Tells when the new model is served; False when the stack that runs cannot."""
    if foreign := os.environ.get(EXTERNAL["triton"]):
        folder = home.models_folder()
        sentence = f"Triton at {foreign} is not started here: link the model's folder in {folder} into its repository."
    elif read_running(home.root) is None:
        sentence = "`cadenza up` serves it."
    else:
        return asyncio.run(await_served(home.root, model, console))
    console.print(escape(sentence), highlight=False, soft_wrap=True)
    return True


def _need_export_extra(what: str) -> None:
    missing = [name for name in EXPORT_PACKAGES if find_spec(name) is None]
    if missing:
        _fail(f"{what} needs {', '.join(missing)}: run `{sys.executable} -m pip install -e '.[export]'` first.")


def _until_over(command: list[str]) -> int:
    """Ctrl-C reaches the command as well, which then tidies up."""
    with subprocess.Popen(command) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue


def _fail(sentence: str) -> None:
    console.print(f"[red]{escape(sentence)}[/red]", highlight=False, soft_wrap=True)
    raise typer.Exit(1)
