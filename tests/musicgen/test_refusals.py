"""What is no checkpoint is refused with one sentence that says what is wrong; pickles are never opened."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from model_export.musicgen.checkpoint import read_checkpoint
from model_export.musicgen.errors import (
    CheckpointInvalidError,
    ConfigInvalidError,
    ModelNotSupportedError,
    PickledWeightsError,
    WeightNotFiniteError,
    WeightsMismatchError,
    WeightsUnreadableError,
)
from tests.musicgen.checkpoints import change_weights, configure, shard

Change = Callable[[Path], None]
QUERY = "decoder.model.decoder.layers.1.self_attn.q_proj.weight"
WHOLE, INDEX = "model.safetensors", "model.safetensors.index.json"


def truncate(folder: Path) -> None:
    os.truncate(folder / WHOLE, 5000)


def pickled(folder: Path) -> None:
    (folder / WHOLE).unlink()
    (folder / "pytorch_model.bin").write_bytes(b"cos\nsystem\n(S'exit 1'\ntR.")


def together(*changes: Change) -> Change:
    def change(folder: Path) -> None:
        for part in changes:
            part(folder)

    return change


def write(name: str, text: str) -> Change:
    def change(folder: Path) -> None:
        (folder / name).write_text(text)

    return change


def field(path: str, value: object) -> Change:
    return lambda folder: configure(folder, path, value)


def removed(name: str) -> Change:
    return lambda folder: (folder / name).unlink()


def weights(change: Callable[[dict[str, torch.Tensor]], dict[str, torch.Tensor]]) -> Change:
    return lambda folder: change_weights(folder, change)


def without(name: str) -> Change:
    return weights(lambda found: {key: values for key, values in found.items() if key != name})


def indexed(place: str) -> Change:
    """Say that one weight lies elsewhere."""

    def change(folder: Path) -> None:
        shard(folder)
        index = json.loads((folder / INDEX).read_text())
        index["weight_map"][QUERY] = place
        (folder / INDEX).write_text(json.dumps(index))

    return change


def linked_outside(folder: Path) -> None:
    outside = folder.parent / "outside.safetensors"
    (folder / WHOLE).rename(outside)
    (folder / WHOLE).symlink_to(outside)


def nested(depth: int) -> dict[str, object]:
    """Objects in objects, as deep as json still reads."""
    made: dict[str, object] = {}
    for _ in range(depth):
        made = {"a": made}
    return made


def listed(depth: int) -> list[object]:
    made: list[object] = []
    for _ in range(depth):
        made = [made]
    return made


WRONG: dict[str, tuple[type[CheckpointInvalidError], Change]] = {
    "config.json: there is none in": (ConfigInvalidError, removed("config.json")),
    "config.json: is no JSON:": (ConfigInvalidError, write("config.json", "{")),
    "config.json: is no JSON: .*recursion": (ConfigInvalidError, write("config.json", '{"a":' * 100_000)),
    "config.json: has objects in more than 16 others": (ConfigInvalidError, field("nested", nested(900))),
    "config.json: has objects in more than 16": (ConfigInvalidError, field("decoder.lists", listed(900))),
    "config.json: is no JSON object": (ConfigInvalidError, write("config.json", "[]")),
    "config.json: has more than 1048576 bytes": (ConfigInvalidError, write("config.json", " " * (1 << 20) + "{}")),
    "model_type is 'llama', only 'musicgen' and 'musicgen_melody' can": (
        ModelNotSupportedError,
        field("model_type", "llama"),
    ),
    "preprocessor_config.json: there is none in": (ConfigInvalidError, field("model_type", "musicgen_melody")),
    "audio_encoder.model_type is 'dac'": (ModelNotSupportedError, field("audio_encoder.model_type", "dac")),
    "text_encoder is no object": (ConfigInvalidError, field("text_encoder", None)),
    "transformers refuses it: .*no_such": (ConfigInvalidError, field("text_encoder.model_type", "no_such")),
    "transformers refuses it: .*hidden_size": (ConfigInvalidError, field("decoder.hidden_size", "wide")),
    "transformers cannot build it": (ConfigInvalidError, field("text_encoder.model_type", "encodec")),
    "auto_map asks for code": (ConfigInvalidError, field("text_encoder.auto_map", {"AutoConfig": "evil.Config"})),
    "quantization_config: the weights are quantised": (ConfigInvalidError, field("quantization_config", {"bits": 4})),
    "decoder.num_hidden_layers is 1000000000": (ConfigInvalidError, field("decoder.num_hidden_layers", 10**9)),
    "text_encoder.d_model is 1000000000": (ConfigInvalidError, field("text_encoder.d_model", 10**9)),
    "target_bandwidths is 1e\\+300": (ConfigInvalidError, field("audio_encoder.target_bandwidths", [1e300])),
    "the codec has 1000000 code books": (ConfigInvalidError, field("audio_encoder.target_bandwidths", [300_000.0])),
    "upsampling_ratios has 300 entries": (ConfigInvalidError, field("audio_encoder.upsampling_ratios", [2] * 300)),
    "hidden_size is 32, .* multiple of the 5 heads": (ConfigInvalidError, field("decoder.num_attention_heads", 5)),
    "activation_function is 'mish'": (ConfigInvalidError, field("decoder.activation_function", "mish")),
    "num_codebooks is 5 for 2 channels": (
        ConfigInvalidError,
        together(field("decoder.num_codebooks", 5), field("decoder.audio_channels", 2)),
    ),
    "the decoder writes 8 a channel": (ConfigInvalidError, field("decoder.num_codebooks", 8)),
    "states of 24, the decoder 32, and there is no projection": (
        ConfigInvalidError,
        field("decoder.cross_attention_hidden_size", 24),
    ),
    "at least 1": (ConfigInvalidError, field("decoder.ffn_dim", 0)),
    "writes 65 different codes, the codec knows 64": (ConfigInvalidError, field("decoder.vocab_size", 65)),
    "begin with the token 7": (
        ConfigInvalidError,
        write("generation_config.json", '{"decoder_start_token_id": 7}'),
    ),
    "generation_config.json: is no JSON": (ConfigInvalidError, write("generation_config.json", "")),
    "tokenizer.json: there is none": (ConfigInvalidError, removed("tokenizer.json")),
    "pytorch_model.bin: pickled weights .* never loaded; .*save_pretrained": (PickledWeightsError, pickled),
    "model.safetensors: there is none in": (WeightsUnreadableError, removed(WHOLE)),
    "model.safetensors: is cut off": (WeightsUnreadableError, truncate),
    "model.safetensors: is cut off or no": (WeightsUnreadableError, write(WHOLE, "no weights")),
    f"{QUERY} is stored as I8": (
        WeightsUnreadableError,
        weights(lambda found: {**found, QUERY: found[QUERY].to(torch.int8)}),
    ),
    'index.json: names ".*outside.safetensors", which is no': (
        WeightsUnreadableError,
        indexed("../outside.safetensors"),
    ),
    'names "/etc/passwd"': (WeightsUnreadableError, indexed("/etc/passwd")),
    'names "pytorch_model.bin"': (WeightsUnreadableError, indexed("pytorch_model.bin")),
    "model-9.safetensors: .*it is not there": (WeightsUnreadableError, indexed("model-9.safetensors")),
    f"has no {QUERY}, which": (WeightsUnreadableError, indexed("model-00001-of-00003.safetensors")),
    "has no weight_map": (WeightsUnreadableError, together(shard, write(INDEX, "{}"))),
    'names "model.safetensors", which is no safetensors file in the folder': (WeightsUnreadableError, linked_outside),
    f"1 missing: {QUERY}; is it": (WeightsMismatchError, without(QUERY)),
    "2 unexpected: adapter.a, adapter.b;": (
        WeightsMismatchError,
        weights(lambda found: {**found, "adapter.a": torch.zeros(1), "adapter.b": torch.zeros(1)}),
    ),
    "4 of another shape: decoder.lm_heads.0.weight is \\[64, 32\\], not \\[60, 32\\], .*, …": (
        WeightsMismatchError,
        together(
            field("decoder.vocab_size", 60),
            write("generation_config.json", '{"decoder_start_token_id": 60}'),
            weights(lambda found: {name: v[:61] if "embed_tokens" in name else v for name, v in found.items()}),
        ),
    ),
}


@pytest.mark.parametrize("sentence", WRONG)
def test_what_is_wrong_is_said(mono: Path, tmp_path: Path, sentence: str) -> None:
    folder = shutil.copytree(mono, tmp_path / "checkpoint")
    kind, spoil = WRONG[sentence]
    spoil(folder)
    with pytest.raises(CheckpointInvalidError, match=sentence) as refused:
        read_checkpoint(folder)
    assert type(refused.value) is kind
    assert "\n" not in str(refused.value)


def test_a_weight_that_is_no_number_is_found_when_it_is_read(mono: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(mono, tmp_path / "checkpoint")
    change_weights(folder, lambda found: {**found, QUERY: found[QUERY].clone().fill_(float("nan"))})
    read = read_checkpoint(folder)
    with pytest.raises(WeightNotFiniteError, match=f"{QUERY}: 1024 of its values") as refused:
        read.tensors("decoder.")
    assert refused.value.name == QUERY
    assert len(read.tensors("text_encoder.")) == 20
