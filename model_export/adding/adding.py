"""The way of a checkpoint into the folder of added models, from its source to its name."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from model_export.adding.download import download, only_kept_if_useful
from model_export.adding.errors import AddingError
from model_export.adding.gpu_memory import free_gpu_bytes
from model_export.adding.hub import is_full, look_up
from model_export.adding.laying import alone, building, next_version, place
from model_export.adding.memory import (
    GPU,
    MACHINE,
    MIB,
    ROWS,
    chosen_memory,
    free_bytes,
    most_seconds,
    slot_positions,
    song_bytes,
)
from model_export.adding.naming import check_free, model_id
from model_export.adding.sources import Folder, Source, source_of
from model_export.adding.telling import Teller
from model_export.artefacts import NAME, artefact
from model_export.decoder_graphs.lengths import fix_lengths
from model_export.musicgen.card import Card, read_card
from model_export.musicgen.errors import CheckpointInvalidError
from model_export.musicgen.repository import CPU_STEP, Serving, served_files, write_serving
from model_export.profiles import CPU, GPU_FORM, GPU_FORMS, TENSORRT, ProfileNotServedError, check_served, device
from model_export.stages import ParityLostError, Stage
from triton_models.added_names import served_name
from triton_models.musicgen.checkpoint import PLANNED_CROSS, PLANNED_STEP
from triton_models.musicgen.requests import LONGEST_SECONDS
from triton_models.step_graph.plans.place import build_command, rounded

USE: Final = {True: "commercial use allowed", False: "no commercial use", None: "nobody has said whether commercially"}

MakeGraphs = Callable[[Path, Path, Callable[[Stage], None]], None]


@dataclass(frozen=True)
class Wish:
    """What was asked for. What is empty is chosen: id and name after the source, the memory by what is free, the form
    by what is close enough.
    """

    source: str
    id: str = ""
    revision: str = ""
    name: str = ""
    longest_seconds: float = LONGEST_SECONDS
    memory_mib: int | None = None
    form: str = ""
    replace: bool = False
    profile: str = CPU


def add(wish: Wish, models: Path, make_graphs: Callable[[], MakeGraphs], tell: Teller) -> Path:
    """The folder of the model, which Triton can serve. `make_graphs` loads what exports.

    Raises AddingError, and then `models` has what it had.
    """
    _check_profile(wish)
    source = source_of(wish.source, wish.revision)
    model = model_id(wish.id, source.name)
    check_free(model, models, wish.replace)
    with _in_a_sentence(models), alone(models):
        target = models / served_name(model)
        with _checkpoint(source, models, tell) as checkpoint, building(models) as built:
            graphs = built / next_version(target)
            with tell.exporting():
                make_graphs()(checkpoint, graphs, tell.stage)
            card, serving = _describe(graphs, target.name, source, wish, tell)
            write_serving(graphs, target.name, serving, card)
            place(built, target)
    if wish.profile == TENSORRT:
        tell.say(_to_build(target / graphs.name))
    use = USE[card.licence.commercial_use]
    tell.say(f"{card.id} ({card.name}) is in {target}; licence {card.licence.name}, {use}")
    return target


@contextmanager
def _checkpoint(source: Source, models: Path, tell: Teller) -> Iterator[Path]:
    """The folder to export."""
    if isinstance(source, Folder):
        yield source.path
        return
    listing = look_up(source)
    tell.say(f"{source.repository} at {listing.commit[:12]}: {listing.size / 1e9:.2f} GB in {len(listing.files)} files")
    folder = download(listing, models, tell)
    with only_kept_if_useful(folder, CheckpointInvalidError):
        yield folder


def _describe(graphs: Path, served: str, source: Source, wish: Wish, tell: Teller) -> tuple[Card, Serving]:
    """Leave what is served, and say what it is and what it is given."""
    on_gpu = wish.profile in GPU_FORMS
    form = GPU_FORMS[wish.profile] if on_gpu else _chosen_form(graphs, wish.form, tell)
    made = _only_served(graphs, form)
    # What a slot holds; longer songs are made in windows of that many seconds.
    seconds = min(Serving.longest_seconds, wish.longest_seconds, most_seconds(made))
    serving = Serving(form=form, longest_seconds=seconds, device=device(wish.profile))
    if wish.profile == TENSORRT:
        if made.get("melody") is None:
            serving = replace(serving, most_words=rounded(serving.most_words))
        _fix_lengths(graphs, made, serving)
    song = song_bytes(made, serving)
    free, share = _free(wish), GPU if on_gpu else MACHINE
    memory = chosen_memory(song, wish.memory_mib, free, share)
    tell.say(
        f"{memory.bytes // MIB} MiB for songs in flight, {memory.songs} with guidance at once; one takes "
        f"{-(-song // MIB)} MiB ({ROWS} rows of {seconds:g} s), {free // MIB} MiB are free {share.where}"
    )
    card = read_card(graphs, served, wish.longest_seconds, name=wish.name, source=source.told)
    return card, replace(serving, memory_bytes=memory.bytes, slots=max(Serving.slots, ROWS * share.songs))


def _check_profile(wish: Wish) -> None:
    try:
        check_served(wish.profile)
    except ProfileNotServedError as error:
        raise AddingError(str(error)) from error
    if wish.form and wish.profile != CPU:
        raise AddingError(f"On a GPU models are served in {GPU_FORM}: leave --form out, it is for --profile cpu.")
    if wish.profile != CPU:
        # Whoever has to say how much is free is told before an export that takes long.
        _free(wish)


def _free(wish: Wish) -> int:
    """Bytes where songs in flight are; whoever says how many they get need not have that GPU here."""
    if wish.profile not in GPU_FORMS:
        return free_bytes()
    return wish.memory_mib * MIB if wish.memory_mib is not None else free_gpu_bytes()


def _chosen_form(graphs: Path, wanted: str, tell: Teller) -> str:
    """Int8 where it is close enough to float32, and float32 where it is not or where it was asked for."""
    if (graphs / f"{CPU_STEP}.int8.onnx").exists():
        return wanted or "int8"
    if wanted == "int8":
        raise AddingError("No int8 form of this checkpoint is close enough to it: leave --form out, or choose float32.")
    if not wanted:
        tell.say("no int8 form of it is close enough, so it is served in float32, which is larger and slower")
    return "float32"


def _only_served(graphs: Path, form: str) -> Any:
    """Remove the other forms, also from the manifest, which is returned."""
    made = json.loads((graphs / NAME).read_text())
    kept = served_files([file.name for file in graphs.iterdir()], form)
    for file in graphs.iterdir():
        if file.name not in kept:
            file.unlink()
    made["artefacts"] = [row for row in made["artefacts"] if row["path"] in kept]
    _write(graphs, made)
    return made


def _write(graphs: Path, made: Any) -> None:
    (graphs / NAME).write_text(json.dumps(made, indent=2, ensure_ascii=False) + "\n")


def _fix_lengths(graphs: Path, made: Any, serving: Serving) -> None:
    """Plans are built for caches and texts of these lengths and no others."""
    names = [file.name for file in _planned(graphs)]
    for name in names:
        fix_lengths(graphs / name, slot_positions(made, serving), serving.most_words)
    kept = [row for row in made["artefacts"] if row["path"] not in names]
    made["artefacts"] = kept + [asdict(artefact(graphs, name)) for name in names]
    _write(graphs, made)


def _planned(graphs: Path) -> list[Path]:
    """Graphs that TensorRT runs of a model; the rest runs as for onnx-gpu, also what makes a melody's prefix."""
    files = [graphs / f"{graph}.{GPU_FORM}.onnx" for graph in (PLANNED_STEP, PLANNED_CROSS)]
    return [file for file in files if file.exists()]


def _to_build(graphs: Path) -> str:
    command = build_command(graphs, [file.stem for file in _planned(graphs)])
    return f"it is served when its plans are built, on the GPU that serves it: `{command}`"


@contextmanager
def _in_a_sentence(models: Path) -> Iterator[None]:
    """What others raise, and people can do something about."""
    try:
        yield
    except (CheckpointInvalidError, ParityLostError, ProfileNotServedError) as error:
        raise AddingError(" ".join(str(error).split())) from error
    except OSError as error:
        if is_full(error):
            raise AddingError(
                f"No room is left in {models}: free some, or name another folder in CADENZA_MODELS_FOLDER."
            ) from error
        raise AddingError(f"{error.filename or models}: {error.strerror or error}.") from error
