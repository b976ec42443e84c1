"""Models of the hub: only what is needed comes, a broken download goes on, and each refusal is one sentence."""

import json
from pathlib import Path

import pytest

from model_export.adding.errors import AddingError
from tests.model_adding.conftest import Adding, entries
from tests.model_adding.hub_server import COMMIT, Hub, Repository

# More than huggingface_hub keeps in memory before it writes, so that a part of it is on the disk when it breaks.
CHUNK = 10 << 20
WEIGHTS = b"weights " * (CHUNK // 8 + 200_000)
FILES = {
    ".gitattributes": b"*.bin",
    "README.md": b"---\nlicense: cc-by-nc-4.0\n---\n",
    "config.json": b'{"model_type": "musicgen"}',
    "generation_config.json": b"{}",
    "model.safetensors": WEIGHTS,
    "onnx/model.safetensors": b"other",
    "preprocessor_config.json": b"{}",
    "pytorch_model.bin": b"pickled" * 10_000,
    "tokenizer.json": b"{}",
}
NAME = "somebody/MusicGen_tiny"


@pytest.fixture
def model(hub: Hub) -> Repository:
    hub.models[NAME] = Repository(FILES)
    return hub.models[NAME]


def fetched(hub: Hub) -> list[str]:
    """Names of the files that were asked for, in order."""
    return [path.rsplit("/", 1)[1] for path, _, _ in hub.asked if "/resolve/" in path]


def test_only_what_is_needed_comes_and_nothing_of_it_stays(
    hub: Hub, model: Repository, adding: Adding, models: Path
) -> None:
    told = adding(NAME)

    assert fetched(hub) == [
        "config.json",
        "generation_config.json",
        "preprocessor_config.json",
        "tokenizer.json",
        "README.md",
        "model.safetensors",
    ]
    assert entries(models) == [".downloads", "musicgen_tiny"]
    assert entries(models / ".downloads") == []
    assert "somebody/MusicGen_tiny at 111111111111: 0.01 GB in 6 files" in told
    assert "musicgen-tiny (MusicGen Tiny) is in" in told
    assert "licence CC-BY-NC-4.0, no commercial use" in told
    assert "It was added from somebody/MusicGen_tiny." in (models / "musicgen_tiny" / "config.pbtxt").read_text()


def test_weights_in_several_files_come_with_their_index(hub: Hub, adding: Adding, models: Path) -> None:
    shards = {f"model-0000{number}-of-00002.safetensors": b"shard" for number in (1, 2)}
    index = json.dumps({"weight_map": {"a": "model-00001-of-00002.safetensors"}}).encode()
    small = {name: content for name, content in FILES.items() if name != "model.safetensors"}
    hub.models[NAME] = Repository({**small, **shards, "model.safetensors.index.json": index})

    with pytest.raises(AddingError):
        # The twin of the export knows weights in one file only.
        adding(NAME)

    assert fetched(hub)[5:] == ["model.safetensors.index.json", *shards]


def test_a_connection_that_breaks_is_mended_on_the_way(
    hub: Hub, model: Repository, adding: Adding, models: Path
) -> None:
    model.breaks = [CHUNK + 1000, 700]

    adding(NAME)

    # 10 MiB are on the disk when it breaks, and what came behind them is asked for again.
    assert hub.content_ranges() == ["", f"bytes={CHUNK}-", f"bytes={CHUNK}-"]
    assert entries(models) == [".downloads", "musicgen_tiny"]


def test_a_download_that_ended_is_gone_on_with_by_the_next_command(
    hub: Hub, model: Repository, adding: Adding, models: Path
) -> None:
    # Given a hub that breaks off and then has nothing to say
    model.breaks, model.falls = [CHUNK + 1000], True
    with pytest.raises(AddingError, match=f"^{hub.url} answered with 503 for {NAME}: give the same command again"):
        adding(NAME)
    assert entries(models) == [".downloads"]
    (kept,) = (models / ".downloads").iterdir()
    assert kept.name == f"somebody--MusicGen_tiny@{COMMIT}"
    assert (kept / "model.safetensors.part").stat().st_size == CHUNK

    # When it is back
    model.down = False
    hub.asked.clear()
    told = adding(NAME)

    # Then only the rest is asked for, and what came in two parts is right
    assert fetched(hub) == ["model.safetensors"]
    assert hub.content_ranges() == [f"bytes={CHUNK}-"]
    assert "0.01 of 0.01 GB are here from before" in told
    assert entries(models) == [".downloads", "musicgen_tiny"]


def test_what_was_damaged_on_its_way_is_not_kept(hub: Hub, model: Repository, adding: Adding, models: Path) -> None:
    model.damaged = True

    with pytest.raises(AddingError) as refusal:
        adding(NAME)

    assert str(refusal.value) == (
        "model.safetensors was damaged on its way and has been removed: give the same command again."
    )
    (kept,) = (models / ".downloads").iterdir()
    assert "model.safetensors" not in " ".join(entries(kept))
    model.damaged = False
    adding(NAME)
    assert "musicgen_tiny" in entries(models)


def test_what_can_never_be_exported_is_not_kept(hub: Hub, adding: Adding, models: Path) -> None:
    hub.models[NAME] = Repository({**FILES, "model.safetensors": b"torn"})

    with pytest.raises(AddingError, match=r"^model\.safetensors: is cut off; bring it anew$"):
        adding(NAME)

    assert entries(models) == [".downloads"]
    assert entries(models / ".downloads") == []


def test_a_revision_is_what_is_asked_for(hub: Hub, model: Repository, adding: Adding) -> None:
    model.branches = ("main", "v2")

    adding(NAME, revision="v2")

    assert hub.asked[0][0] == f"/api/models/{NAME}/revision/v2"
    with pytest.raises(AddingError, match=f"^{NAME} has no revision v3: leave --revision out for its main branch"):
        adding(NAME, revision="v3", replace=True)


def test_the_token_goes_to_the_hub_and_nowhere_else(
    hub: Hub, model: Repository, adding: Adding, monkeypatch: pytest.MonkeyPatch
) -> None:
    model.token = "hf_mine"
    with pytest.raises(AddingError, match=f"^{hub.url} does not let this access token have {NAME} \\(401\\): look at"):
        adding(NAME)
    monkeypatch.setenv("HF_TOKEN", "hf_mine")
    hub.asked.clear()

    adding(NAME)

    tokens = {path.split("/")[1]: token for path, _, token in hub.asked}
    assert tokens == {"api": "Bearer hf_mine", "somebody": "Bearer hf_mine", "cdn": ""}


def test_what_has_terms_says_where_to_accept_them(hub: Hub, model: Repository, adding: Adding) -> None:
    model.gated = True

    with pytest.raises(AddingError) as refusal:
        adding(NAME)

    assert str(refusal.value) == (
        f"{NAME} is only for those who accept its terms: do so at {hub.url}/{NAME}, and give an access token of yours "
        "in HF_TOKEN."
    )


@pytest.mark.parametrize("token", ["", "hf_mine"])
def test_a_model_that_is_not_there(hub: Hub, adding: Adding, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if token:
        monkeypatch.setenv("HF_TOKEN", token)

    with pytest.raises(AddingError) as refusal:
        adding("nobody/nothing")

    assert str(refusal.value) == (
        f"There is no model nobody/nothing at {hub.url}; if it is a private one, give an access token in HF_TOKEN."
    )


def test_a_hub_that_cannot_be_reached(adding: Adding, models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")

    with pytest.raises(
        AddingError, match=r"^http://127\.0\.0\.1:9 cannot be reached \(.*refused.*\): look at the netw"
    ):
        adding(NAME)

    assert entries(models) == []


@pytest.mark.parametrize(
    ("without", "words"),
    [
        ("model.safetensors", f"{NAME} has no model.safetensors, only pytorch_model.bin, and pickled weights may run"),
        ("config.json", f"{NAME} has no config.json: it is no model in the format of transformers."),
    ],
)
def test_a_model_in_another_format_is_refused_before_anything_comes(
    hub: Hub, adding: Adding, without: str, words: str
) -> None:
    hub.models[NAME] = Repository({name: content for name, content in FILES.items() if name != without})

    with pytest.raises(AddingError) as refusal:
        adding(NAME)

    assert str(refusal.value).startswith(words)
    assert fetched(hub) == []


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (
            b'{"model_type": "llama"}',
            f"{NAME} is a model of the kind 'llama', only 'musicgen' and 'musicgen_melody' can be added.",
        ),
        (b"[]", f"config.json of {NAME} is no JSON object: it cannot be read."),
    ],
)
def test_a_model_of_another_kind_is_refused_before_its_weights_come(
    hub: Hub, adding: Adding, config: bytes, words: str
) -> None:
    hub.models[NAME] = Repository({**FILES, "config.json": config})

    with pytest.raises(AddingError) as refusal:
        adding(NAME)

    assert str(refusal.value) == words
    assert fetched(hub) == ["config.json"]


def test_a_disk_that_is_too_small_is_found_before_anything_comes(hub: Hub, adding: Adding) -> None:
    # Given a model of which each of six files is larger than any disk
    hub.models[NAME] = Repository(FILES, announced=10**18)

    with pytest.raises(
        AddingError, match=r"^6000000000\.00 GB of .* are still to come, and .* GB are free in .*: free so"
    ):
        adding(NAME)

    assert fetched(hub) == []
