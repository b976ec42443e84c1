"""A checkpoint is read with its sizes, its licence and its weights, whoever wrote the files."""

from pathlib import Path

import pytest
import torch
from transformers import MusicgenForConditionalGeneration, MusicgenMelodyForConditionalGeneration

from model_export.musicgen.checkpoint import read_checkpoint
from model_export.musicgen.config import DecoderConfig
from model_export.musicgen.licence import CommercialUse, Licence, licence_of, read_licence
from tests.musicgen.checkpoints import ALL_KINDS, MELODIES, VOCABULARY, change_weights, checkpoint, shard, stereo


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_every_weight_is_what_transformers_reads(tmp_path: Path, kind: str) -> None:
    folder = ALL_KINDS[kind](tmp_path)
    model = MusicgenMelodyForConditionalGeneration if kind in MELODIES else MusicgenForConditionalGeneration
    theirs = model.from_pretrained(folder, use_safetensors=True).state_dict()
    found = read_checkpoint(folder).tensors("")
    assert sorted(found) == sorted(theirs)
    assert all(torch.equal(found[name], values) for name, values in theirs.items())


def test_sizes_are_told_in_our_own_terms(tmp_path: Path) -> None:
    read = read_checkpoint(stereo(tmp_path))
    assert read.config.decoder == DecoderConfig(
        layers=2,
        heads=4,
        hidden=32,
        ffn=64,
        books=8,
        vocabulary=VOCABULARY,
        audio_channels=2,
        max_positions=320,
        activation="gelu",
        projected=True,
    )
    assert (read.config.decoder.head_size, read.config.decoder.start_token) == (8, VOCABULARY)
    codec = read.config.codec
    assert (codec.sampling_rate, codec.ratios, codec.hop, codec.books) == (400, (4, 2), 8, 4)
    assert (read.config.text.model_type, read.config.text.hidden) == ("t5", 24)
    assert read.config.generation["guidance_scale"] == 3.0
    assert read.licence == Licence("CC-BY-NC-4.0", CommercialUse.NO)
    assert read.tokenizer() == tmp_path / "tokenizer.json"


def test_weights_in_several_files_are_the_same_weights(tmp_path: Path) -> None:
    folder = checkpoint(tmp_path)
    whole = read_checkpoint(folder).tensors("decoder.")
    shard(folder)
    parts = read_checkpoint(folder)
    assert [file.name for file in parts.files.files] == [f"model-0000{n}-of-00003.safetensors" for n in (1, 2, 3)]
    assert all(torch.equal(values, whole[name]) for name, values in parts.tensors("decoder.").items())


def test_what_older_versions_wrote_is_read_under_todays_names(tmp_path: Path) -> None:
    folder = checkpoint(tmp_path)
    today = read_checkpoint(folder).tensors("")

    def older(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        named = {"parametrizations.weight.original0": "weight_g", "parametrizations.weight.original1": "weight_v"}
        made = {}
        for name, values in weights.items():
            for new, old in named.items():
                name = name.replace(new, old)
            made[name] = values.half()
        table = made.pop("text_encoder.shared.weight")
        positions = torch.zeros(320, 32)
        return {
            **made,
            "text_encoder.encoder.embed_tokens.weight": table,
            "decoder.model.decoder.embed_positions.weights": positions,
        }

    change_weights(folder, older)
    found = read_checkpoint(folder).tensors("")
    assert sorted(found) == sorted(today)
    assert all(torch.equal(found[name], values.half().float()) for name, values in today.items())


def test_the_hubs_own_cache_may_be_named(tmp_path: Path) -> None:
    blobs, snapshot = tmp_path / "blobs", tmp_path / "snapshots" / "c0ffee"
    blobs.mkdir()
    checkpoint(snapshot)
    for file in list(snapshot.iterdir()):
        file.rename(blobs / file.name)
        file.symlink_to(f"../../blobs/{file.name}")
    assert len(read_checkpoint(snapshot).tensors("decoder.")) == 42


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        ("---\nlicense: apache-2.0\n---\n", Licence("Apache-2.0", CommercialUse.YES)),
        ('---\ntags: [a]\nlicense: "mit"  # ours\n---\n', Licence("MIT", CommercialUse.YES)),
        ("---\nlicense:\n- cc-by-nc-sa-4.0\n---\n", Licence("CC-BY-NC-SA-4.0", CommercialUse.NO)),
        ("---\nlicense: [cc-by-4.0, mit]\n---\n", Licence("CC-BY-4.0", CommercialUse.YES)),
        ("---\nlicense: other\nlicense_name: my-words\n---\n", Licence("my-words", CommercialUse.UNKNOWN)),
        ("---\nlicense: other\n---\n", Licence("other", CommercialUse.UNKNOWN)),
        ("---\nlicense:\n---\n", Licence(None, CommercialUse.UNKNOWN)),
        ("---\nlicense: mit\n", Licence(None, CommercialUse.UNKNOWN)),
        ("# License: mit\n", Licence(None, CommercialUse.UNKNOWN)),
        ("", Licence(None, CommercialUse.UNKNOWN)),
    ],
)
def test_a_licence_is_what_the_front_matter_names(tmp_path: Path, text: str, licence: Licence) -> None:
    (tmp_path / "README.md").write_text(text)
    assert read_licence(tmp_path) == licence


def test_without_a_readme_nothing_is_known_of_the_licence(tmp_path: Path) -> None:
    assert read_licence(tmp_path) == Licence(None, CommercialUse.UNKNOWN)
    assert licence_of("cc-by-nc-nd-3.0") == Licence("cc-by-nc-nd-3.0", CommercialUse.NO)
