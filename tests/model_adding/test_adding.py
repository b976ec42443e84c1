"""From a folder to a model in its place: what it is called, what it is given, and that a failure leaves nothing."""

import errno
import fcntl
import io
import json
import re
import threading
from functools import partial
from pathlib import Path

import onnx
import pytest
from rich.console import Console

from deploy.embedded import added_models
from model_export.adding.adding import MakeGraphs, Wish, add
from model_export.adding.errors import AddingError
from model_export.adding.laying import BUILDING, LOCK, alone, place
from model_export.adding.naming import slug
from model_export.adding.telling import Teller
from model_export.artefacts import Artefact, file_problem
from tests.model_adding.conftest import Adding, entries
from tests.model_adding.exports import make_graphs, small_checkpoint
from triton_models.added_names import LEAVING


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    return small_checkpoint(tmp_path / "My Songs_v2")


def test_a_model_is_laid_as_the_embedded_stack_wants_it(adding: Adding, checkpoint: Path, models: Path) -> None:
    told = adding(checkpoint, memory_mib=700)

    (model,) = added_models(models)
    assert (model.id, model.served_name, model.problem) == ("my-songs-v2", "my_songs_v2", "")
    assert (model.name, model.licence, model.commercial_use) == ("My Songs V2", "CC-BY-NC-4.0", False)
    assert entries(models) == ["my_songs_v2"]
    assert entries(models / "my_songs_v2") == ["1", "config.pbtxt"]
    assert entries(models / "my_songs_v2" / "1") == [
        "codec.json",
        "export.json",
        "model.py",
        "musicgen_cross.float32.onnx",
        "musicgen_step.int8.onnx",
        "text_encoder.float32.onnx",
        "tokenizer.json",
    ]
    # and what was done is told
    assert "reading the checkpoint: 0.1 s\n" in told
    assert "compiling for TensorRT: skipped: there is none\n" in told
    assert "700 MiB for songs in flight, 1 with guidance at once; one takes 589 MiB (2 rows of 30 s)" in told
    assert f"my-songs-v2 (My Songs V2) is in {models / 'my_songs_v2'}; licence CC-BY-NC-4.0, no commercial use" in told


def test_what_is_asked_for_is_done(adding: Adding, checkpoint: Path, models: Path) -> None:
    adding(checkpoint, id="other", name='"Ours"', form="float32", longest_seconds=10.0, memory_mib=300)

    config = (models / "other" / "config.pbtxt").read_text()
    assert 'key: "form" value { string_value: "float32" }' in config
    assert 'key: "memory_bytes" value { string_value: "314572800" }' in config
    assert 'key: "longest_seconds" value { string_value: "10.0" }' in config
    assert (models / "other" / "1" / "musicgen_step.float32.onnx").is_file()
    assert not (models / "other" / "1" / "musicgen_step.int8.onnx").exists()
    (model,) = added_models(models)
    assert (model.id, model.name) == ("other", '"Ours"')


def test_where_no_int8_is_close_enough_float32_is_served_unless_int8_was_asked_for(
    checkpoint: Path, models: Path
) -> None:
    told = io.StringIO()
    drifting, teller = partial(make_graphs, int8=False), Teller(Console(file=told, width=200))

    with pytest.raises(AddingError, match=r"^No int8 form of this checkpoint is close enough to it: leave --form out"):
        add(Wish(str(checkpoint), form="int8"), models, lambda: drifting, teller)
    assert added_models(models) == []

    add(Wish(str(checkpoint)), models, lambda: drifting, teller)
    assert 'key: "form" value { string_value: "float32" }' in (models / "my_songs_v2" / "config.pbtxt").read_text()
    assert (models / "my_songs_v2" / "1" / "musicgen_step.float32.onnx").is_file()
    assert "no int8 form of it is close enough, so it is served in float32" in told.getvalue()


@pytest.mark.parametrize(
    ("melody", "before", "mebibytes"),
    # Two rows of 1504 positions and 64 words, in float16; with melodies of 235 frames words are positions too
    [(False, "cross.float16", 295), (True, "prefix.float32", 339)],
)
def test_for_a_gpu_its_own_graph_is_kept_and_the_configuration_names_the_device(
    checkpoint: Path, models: Path, melody: bool, before: str, mebibytes: int
) -> None:
    told, exported = io.StringIO(), partial(make_graphs, melody=melody)

    wish = Wish(str(checkpoint), profile="onnx-gpu", memory_mib=1024)
    add(wish, models, lambda: exported, Teller(Console(file=told, width=300)))

    assert f"1024 MiB for songs in flight, 3 with guidance at once; one takes {mebibytes} MiB" in told.getvalue()
    folder = models / "my_songs_v2"
    config = (folder / "config.pbtxt").read_text()
    for key, value in {"form": "float16", "device": "cuda:0", "slots": "128"}.items():
        assert f'key: "{key}" value {{ string_value: "{value}" }}' in config
    assert sorted(file.name for file in (folder / "1").glob("musicgen*")) == sorted(
        ["musicgen_device.float16.onnx", f"musicgen_{before}.onnx"]
    )


def test_without_a_gpu_nothing_is_exported_before_somebody_says_how_much_it_has(
    checkpoint: Path, models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a machine without the driver's program
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    begun = list[bool]()

    def exported() -> MakeGraphs:
        begun.append(True)
        return make_graphs

    with pytest.raises(AddingError, match=r"^No GPU answers here, .* say with --memory-mib how much of it"):
        add(Wish(str(checkpoint), profile="onnx-gpu"), models, exported, Teller(Console(quiet=True)))
    assert (begun, models.exists()) == ([], False)


def test_for_plans_caches_have_one_length_and_the_way_to_build_them_is_told(
    checkpoint: Path, models: Path, adding: Adding
) -> None:
    told = adding(checkpoint, profile="tensorrt", memory_mib=1024)

    # Two rows of 1504 positions, which are 1536 in whole lines, and 128 words, in float16
    assert "1024 MiB for songs in flight, 3 with guidance at once; one takes 313 MiB" in told
    folder = models / "my_songs_v2"
    config = (folder / "config.pbtxt").read_text()
    for key, value in {"form": "tensorrt", "device": "cuda:0", "slots": "128", "most_words": "128"}.items():
        assert f'key: "{key}" value {{ string_value: "{value}" }}' in config
    names = ["musicgen_cross.float16.onnx", "musicgen_tensorrt.float16.onnx"]
    assert sorted(file.name for file in (folder / "1").glob("musicgen*")) == names
    lengths = {name: shape for file in names for name, shape in shapes_of(folder / "1" / file).items()}
    assert lengths["past_key.0"] == lengths["present_key.0"] == ["rows", 16, 1536, 64]
    assert (lengths["cross_bias"], lengths["states"]) == (["rows", 1, 1, 128], ["rows", 128, 768])
    made = json.loads((folder / "1" / "export.json").read_text())
    for recorded in (Artefact(**row) for row in made["artefacts"] if row["path"] in names):
        assert file_problem(folder / "1", recorded) is None
    command = f"python -m model_export.tensorrt build {folder}/1 --out {folder}/1/plans"
    assert f"{command} --only musicgen_tensorrt.float16 --only musicgen_cross.float16" in " ".join(told.split())


def shapes_of(file: Path) -> dict[str, list[int | str]]:
    """Of all inputs and outputs."""
    graph = onnx.load(file).graph
    return {
        node.name: [size.dim_param or size.dim_value for size in node.type.tensor_type.shape.dim]
        for node in [*graph.input, *graph.output]
    }


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({"profile": "gpu"}, "There is no profile 'gpu': choose cpu, onnx-gpu or tensorrt."),
        ({"profile": "tensorrt", "form": "int8"}, "On a GPU models are served in float16: leave --form out"),
        ({"profile": "onnx-gpu", "form": "int8"}, "On a GPU models are served in float16: leave --form out"),
    ],
)
def test_profiles_that_cannot_be_are_refused(
    checkpoint: Path, models: Path, adding: Adding, wish: dict[str, str], sentence: str
) -> None:
    with pytest.raises(AddingError, match=f"^{sentence}"):
        adding(checkpoint, **wish)
    assert not models.exists()


@pytest.mark.parametrize(
    ("positions", "longest", "window"), [(2048, 300.0, "30.0"), (2048, 12.5, "12.5"), (504, 300.0, "10.0")]
)
def test_a_slot_holds_no_more_than_a_song_or_the_checkpoint_has(
    checkpoint: Path, models: Path, positions: int, longest: float, window: str
) -> None:
    # Of 504 positions 500 are frames, 50 a second
    sized = partial(make_graphs, positions=positions)

    add(Wish(str(checkpoint), longest_seconds=longest), models, lambda: sized, Teller(Console(quiet=True)))

    config = (models / "my_songs_v2" / "config.pbtxt").read_text()
    assert f'key: "longest_seconds" value {{ string_value: "{window}" }}' in config
    assert f'\\"longest_seconds\\": {longest}' in config


@pytest.mark.parametrize(
    ("name", "found"),
    [("musicgen-small", "musicgen-small"), ("My Model__2.0!", "my-model-2-0"), ("-Ä-", ""), ("x" * 99, "x" * 64)],
)
def test_ids_are_slugs(name: str, found: str) -> None:
    assert slug(name) == found


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("composer", "composer is one of Cadenza's own models: choose another id with --id."),
        ("score-tiny", "score-tiny is one of Cadenza's own models: choose another id with --id."),
        ("text-embedding", "text-embedding is one of Cadenza's own models: choose another id with --id."),
        ("renderer", "renderer is one of Cadenza's own models: choose another id with --id."),
        ("Mine", "'Mine' cannot be an id, which has small letters"),
        ("../mine", "'../mine' cannot be an id"),
        ("a--b", "'a--b' cannot be an id"),
        ("x" * 65, "cannot be an id"),
    ],
)
def test_an_id_that_cannot_be_is_refused(
    adding: Adding, checkpoint: Path, models: Path, wanted: str, words: str
) -> None:
    with pytest.raises(AddingError, match=re.escape(words)):
        adding(checkpoint, id=wanted)

    assert not models.exists()


def test_a_source_without_a_name_asks_for_an_id(adding: Adding, tmp_path: Path) -> None:
    with pytest.raises(AddingError, match="choose one with --id"):
        adding(small_checkpoint(tmp_path / "Ü"))


def test_a_snapshot_of_the_hubs_cache_has_the_models_name(adding: Adding, tmp_path: Path, models: Path) -> None:
    snapshots = tmp_path / "models--facebook--musicgen-small" / "snapshots"
    snapshots.mkdir(parents=True)

    adding(small_checkpoint(snapshots / "4c8334b02c6ec4e8664a91979669a501ec497792"))

    (model,) = added_models(models)
    assert (model.id, model.name) == ("musicgen-small", "MusicGen Small")
    assert "It was added from the folder musicgen-small." in (model.folder / "config.pbtxt").read_text()


def test_another_of_the_same_id_only_takes_its_place_when_that_is_said(
    adding: Adding, checkpoint: Path, models: Path
) -> None:
    adding(checkpoint, id="mine", name="First")

    with pytest.raises(AddingError) as refusal:
        adding(checkpoint, id="mine", name="Second")
    assert str(refusal.value) == ("mine is there already: say --replace to put this one in its place, or choose --id.")
    assert [(model.name, model.version) for model in added_models(models)] == [("First", "1")]

    for version in ("2", "3"):
        adding(checkpoint, id="mine", name="Next", replace=True)
        assert [(model.name, model.version) for model in added_models(models)] == [("Next", version)]
    assert entries(models) == ["mine"]
    assert entries(models / "mine") == ["3", "config.pbtxt"]


def test_what_fails_leaves_nothing_and_what_was_there_stays(
    adding: Adding, checkpoint: Path, models: Path, tmp_path: Path
) -> None:
    adding(checkpoint, id="mine")
    torn = small_checkpoint(tmp_path / "torn", b"torn")

    for wish in ({"id": "mine", "replace": True}, {"id": "other"}):
        with pytest.raises(AddingError, match=r"^model\.safetensors: is cut off; bring it anew$"):
            adding(torn, **wish)

    assert entries(models) == ["mine"]
    assert [model.problem for model in added_models(models)] == [""]


def test_too_little_memory_for_one_song_is_refused(adding: Adding, checkpoint: Path, models: Path) -> None:
    with pytest.raises(AddingError) as refusal:
        adding(checkpoint, memory_mib=588)

    assert str(refusal.value) == "One song takes 589 MiB of this model: give at least that many --memory-mib."
    assert entries(models) == []


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("./nowhere", "There is no folder ./nowhere, and it is no model of the hub, whose names are owner/name."),
        ("one", "There is no folder one, and"),
        ("a/b/c", "There is no folder a/b/c, and"),
        ("../up", "There is no folder ../up, and"),
    ],
)
def test_a_source_that_is_none_is_said(adding: Adding, models: Path, source: str, words: str) -> None:
    with pytest.raises(AddingError, match=re.escape(words)):
        adding(source)

    assert not models.exists()


def test_a_folder_has_no_revision(adding: Adding, checkpoint: Path) -> None:
    with pytest.raises(AddingError, match="and --revision is for models of the hub: leave it out"):
        adding(checkpoint, revision="v2")


def test_what_a_killed_addition_left_is_removed_by_the_next(adding: Adding, checkpoint: Path, models: Path) -> None:
    for left in (f"{BUILDING}abc", f"{LEAVING}abc"):
        (models / left / "1").mkdir(parents=True)

    adding(checkpoint)

    assert entries(models) == ["my_songs_v2"]


def test_two_do_not_add_at_once(adding: Adding, checkpoint: Path, models: Path) -> None:
    with alone(models), pytest.raises(AddingError, match=f"^Another model is being added to {models}: wait until"):
        adding(checkpoint)

    adding(checkpoint)
    with (models / LOCK).open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_whoever_reads_the_folder_meanwhile_sees_the_old_or_the_new_one(tmp_path: Path) -> None:
    # Given a reader that never rests
    target, torn, over = tmp_path / "mine", list[str](), threading.Event()

    def built(number: int) -> Path:
        folder = tmp_path / f".built-{number}"
        folder.mkdir()
        for name in ("a", "b"):
            (folder / name).write_text(str(number))
        return folder

    def read() -> None:
        while not over.is_set():
            for model in added_models(tmp_path):
                if model.folder.name != "mine":
                    torn.append(model.folder.name)

    place(built(0), target)
    reader = threading.Thread(target=read)
    reader.start()
    for number in range(1, 100):
        place(built(number), target)
        assert [(target / name).read_text() for name in ("a", "b")] == [str(number)] * 2
    over.set()
    reader.join()

    assert torn == []
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_model_that_cannot_be_replaced_stays(tmp_path: Path) -> None:
    target = tmp_path / "mine"
    target.mkdir()
    (target / "a").write_text("old")

    with pytest.raises(OSError, match="No such file"):
        place(tmp_path / "nowhere", target)

    assert (target / "a").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_disk_that_is_full_is_said_in_a_sentence(checkpoint: Path, models: Path) -> None:
    # Given an export that finds no room
    def without_room(_: Path, target: Path, __: object) -> None:
        target.mkdir()
        (target / "half").write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(AddingError) as refusal:
        add(Wish(str(checkpoint)), models, lambda: without_room, Teller(Console(quiet=True)))

    assert str(refusal.value) == (
        f"No room is left in {models}: free some, or name another folder in CADENZA_MODELS_FOLDER."
    )
    assert entries(models) == []


def test_a_folder_that_cannot_be_made_is_named(adding: Adding, checkpoint: Path, models: Path) -> None:
    models.write_text("a file")

    with pytest.raises(AddingError, match=f"^{models}: File exists"):
        adding(checkpoint)
