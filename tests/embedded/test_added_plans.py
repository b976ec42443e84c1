"""A model that TensorRT runs is left out until its plans are built in its own folder, and is served then."""

import json
from pathlib import Path

import grpc.aio
import pytest

from deploy.embedded import EventKind
from deploy.embedded.added_models import read_added
from deploy.embedded.added_serving import AddedServing
from deploy.embedded.triton_repository import TritonFolders
from tests.embedded.added import lay_added
from tests.embedded.conftest import MODELS
from tests.patience import eventually

GRAPHS = ("musicgen_tensorrt.float16", "musicgen_cross.float16")


class Control:
    """A Triton that loads whatever it is asked to, or refuses it with these words."""

    def __init__(self, refusal: str = "") -> None:
        self.loaded: list[str] = []
        self.refusal = refusal

    async def load(self, model: str) -> None:
        self.loaded.append(model)
        if self.refusal:
            none = grpc.aio.Metadata()
            raise grpc.aio.AioRpcError(grpc.StatusCode.INVALID_ARGUMENT, none, none, self.refusal)

    async def unload(self, model: str) -> None:
        self.loaded.remove(model)


class Following:
    """A stack's eye on the folder `added` beside its root."""

    def __init__(self, root: Path) -> None:
        self.told: list[str] = []
        self.control = Control()
        self.folders = TritonFolders(root / "triton")
        self.folders.assemble(MODELS)
        self.serving = AddedServing(root / "added", self.folders, self.control, self._tell)

    def _tell(self, kind: EventKind, sentence: str) -> None:
        if kind is EventKind.WARNING:
            self.told.append(sentence)

    async def look(self) -> list[str]:
        """What was told meanwhile, and all is loaded that was asked for."""
        self.told = []
        self.serving.look()
        await eventually(lambda: self.serving.is_settled, within=5)
        return self.told


@pytest.fixture
def following(tmp_path: Path) -> Following:
    return Following(tmp_path)


@pytest.fixture
def planned(tmp_path: Path) -> Path:
    """A model as `cadenza models add --profile tensorrt` leaves it."""
    folder = lay_added(tmp_path / "added" / "my_song")
    with (folder / "config.pbtxt").open("a") as config:
        config.write('parameters { key: "form" value { string_value: "tensorrt" } }\n')
    manifest = folder / "1" / "export.json"
    made = json.loads(manifest.read_text())
    for graph in GRAPHS:
        (folder / "1" / f"{graph}.onnx").write_bytes(b"graph")
        made["artefacts"].append({"path": f"{graph}.onnx", "sha256": "", "bytes": 5})
    manifest.write_text(json.dumps(made))
    return folder


def build(folder: Path, *graphs: str) -> None:
    """Plans of these, as far as a launcher sees them."""
    plans = folder / "1" / "plans"
    plans.mkdir(exist_ok=True)
    beside = plans / ".plans.json.new"
    beside.write_text(json.dumps({"plans": [{"name": graph} for graph in graphs]}))
    beside.replace(plans / "plans.json")


def command(folder: Path) -> str:
    only = " ".join(f"--only {graph}" for graph in GRAPHS)
    return f"python -m model_export.tensorrt build {folder}/1 --out {folder}/1/plans {only}"


def test_the_command_names_the_folder_of_the_model(planned: Path) -> None:
    model = read_added(planned)

    assert model.problem == f"its plans are not built: run `{command(planned)}` on the GPU that serves it"
    assert model.left_out(model.problem) == (
        f"The added model my_song is left out: {model.problem}, or take it away with `cadenza models remove my-song`."
    )


@pytest.mark.parametrize("text", ["{", "[]", '{"plans": [{}]}', '{"plans": null}'])
def test_plans_that_nobody_can_read_are_none(planned: Path, text: str) -> None:
    build(planned, *GRAPHS)
    assert read_added(planned).problem == ""

    (planned / "1" / "plans" / "plans.json").write_text(text)

    assert read_added(planned).problem.startswith("its plans are not built: run ")


def test_a_model_that_lacks_a_file_is_not_to_be_built(planned: Path) -> None:
    (planned / "1" / "weights.onnx").unlink()

    model = read_added(planned)

    assert (model.problem, model.is_built) == ("1/weights.onnx is missing", True)


async def test_plans_that_are_built_later_are_noticed(following: Following, planned: Path) -> None:
    # Given a model without plans, of which is told once
    assert await following.look() == [read_added(planned).left_out(read_added(planned).problem)]
    assert await following.look() == []

    # When one of its plans is built, then nothing is told anew; and when both are, then it is loaded with them
    build(planned, GRAPHS[0])
    assert await following.look() == []
    assert following.control.loaded == []
    build(planned, *GRAPHS)
    assert await following.look() == []
    assert following.control.loaded == ["my_song"]
    assert (following.folders.repository / "my_song" / "1" / "plans" / "plans.json").is_file()

    # And when they are built anew, then so is what is served
    assert await following.look() == []
    build(planned, *GRAPHS, "another")
    assert await following.look() == []
    assert following.control.loaded == ["my_song", "my_song"]


async def test_what_triton_says_of_a_link_is_told_of_the_folder(following: Following, planned: Path) -> None:
    build(planned, *GRAPHS)
    link = following.folders.repository / "my_song"
    following.control.refusal = f"run `build {link}/1 --out {link}/1/plans`"

    (told,) = await following.look()

    assert f"Triton could not load it (run `build {planned}/1 --out {planned}/1/plans`)" in told


async def test_a_folder_that_cannot_be_linked_is_told_of_and_no_error(following: Following, planned: Path) -> None:
    build(planned, *GRAPHS)
    (following.folders.repository / "my_song").mkdir()

    (told,) = await following.look()

    assert told.startswith("The added model my_song is left out: it cannot be linked (")
    assert following.control.loaded == []
