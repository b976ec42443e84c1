"""The text encoder that a checkpoint names, whatever its kind: its graph, its sizes and its tokenizer."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from tokenizers import Tokenizer
from transformers import MusicgenForConditionalGeneration

from model_export.musicgen.checkpoint import read_checkpoint
from model_export.musicgen.text_encoder import GRAPH, most_tokens, write_text_encoder
from model_export.musicgen.text_parity import check_text_encoder
from model_export.sessions import session
from model_export.stages import ParityLostError, Status
from tests.musicgen.checkpoints import BERT, GATED_T5, T5, checkpoint

KINDS: Mapping[str, tuple[Mapping[str, Any], int]] = {"t5": (T5, 512), "gated": (GATED_T5, 512), "bert": (BERT, 63)}


@pytest.mark.parametrize("kind", KINDS)
def test_states_are_those_of_the_published_encoder(tmp_path: Path, kind: str) -> None:
    # Given a checkpoint that names an encoder, when its graph is written,
    torch.set_num_threads(1)
    config, most = KINDS[kind]
    source, folder = checkpoint(tmp_path / "checkpoint", config), tmp_path / "graphs"
    folder.mkdir()
    read = read_checkpoint(source)
    status, detail = write_text_encoder(read, folder)
    assert (status, detail["most_tokens"]) == (Status.PASSED, most)
    assert json.loads((folder / "text_encoder.json").read_text()) == {"hidden": 24, "most_tokens": most}

    # then it keeps its tolerance, and a smaller one it would not keep is refused,
    checked, measured = check_text_encoder(read, folder)
    assert (checked, 0.0 < measured["largest_difference"] < 1e-4) == (Status.PASSED, True)
    with pytest.raises(ParityLostError, match="the text encoder's states differ by"):
        check_text_encoder(read, folder, tolerance=0.0)

    # and a text that the tokenizer beside it has split is read as the whole model reads it.
    runner = session(folder / GRAPH)
    ids = np.array([Tokenizer.from_file(str(folder / "tokenizer.json")).encode("slow piano with drums").ids])
    model = MusicgenForConditionalGeneration.from_pretrained(source, use_safetensors=True).eval()
    with torch.no_grad():
        wanted = model.text_encoder(torch.from_numpy(ids)).last_hidden_state.numpy()
    assert np.abs(states(runner, ids, np.ones_like(ids)) - wanted).max() < 1e-4
    batch_mates_and_padding_do_not_matter(runner, ids)


def states(runner: onnxruntime.InferenceSession, ids: Any, mask: Any) -> Any:
    return runner.run(["states"], {"input_ids": ids, "attention_mask": mask})[0]


def batch_mates_and_padding_do_not_matter(runner: onnxruntime.InferenceSession, ids: Any) -> None:
    tokens = ids.shape[1]
    padded = np.zeros((3, tokens + 5), np.int64)
    padded[1, :tokens], padded[0], padded[2, :2] = ids[0], 7, 9
    mask = (padded > 0).astype(np.int64)
    alone, among = states(runner, ids, np.ones_like(ids))[0], states(runner, padded, mask)[1, :tokens]
    assert np.abs(alone - among).max() < 1e-5


def test_positions_may_begin_behind_the_number_of_the_padding() -> None:
    assert most_tokens({"max_position_embeddings": 514, "pad_token_id": 1}) == 512
    assert most_tokens({"max_position_embeddings": 300, "pad_token_id": None}) == 299
    assert most_tokens({}) == 512
