"""The decoder as a step graph: some tokens of some rows in, the logits behind each row's last token out.

What differs between the runtimes is attention and caches; each way is a `Caches` of model_export.decoder_graphs.
"""

from pathlib import Path
from typing import Protocol

import numpy as np

from model_export.decoder_graphs.heads import Heads
from model_export.decoder_graphs.products import Matrix, Product
from model_export.graph_writer import FLOAT, INT64, GraphWriter
from model_export.score.export.checkpoint import TEXT, Checkpoint


class Caches(Protocol):
    """Attention of one layer, with the keys and values of the positions before."""

    def declare(self, writer: GraphWriter, heads: Heads) -> None:
        """Inputs and outputs that hold keys and values, and what all layers share."""
        ...

    def attend(self, writer: GraphWriter, heads: Heads, layer: int, packed: str) -> str:
        """From queries, keys and values side by side [rows, n, …] to what the heads make of them [rows, n, …]."""
        ...

    def normalise(self, writer: GraphWriter, name: str, sources: list[str], weight: str, epsilon: float) -> str:
        """RMS norm of the sum of `sources`; the sum itself is called `<name>.sum` where there are two."""
        ...


def write(checkpoint: Checkpoint, target: Path, caches: Caches, product: Product, writer: GraphWriter) -> Path:
    """Write the graph of one form. Inputs: `tokens` [rows, n], `text` [rows, text] if any, those of `caches`."""
    a, w = checkpoint.architecture, checkpoint.weights
    writer.input("tokens", INT64, ["rows", "n"])
    if a.text:
        writer.input("text", FLOAT, ["rows", a.text])
    caches.declare(writer, a.attention)
    stream, added = _embedded(writer, checkpoint), ""
    for index in range(a.layers):
        name = f"layers.{index}"
        own = f"model.{name}"
        sources = [stream, added] if added else [stream]
        weight = writer.weight(f"{name}.attention_norm", w[f"{own}.input_layernorm.weight"])
        normed = caches.normalise(writer, f"{name}.attention_norm", sources, weight, a.norm_epsilon)
        stream = f"{name}.attention_norm.sum" if added else stream
        packed = product(writer, f"{name}.qkv", normed, _stacked(checkpoint, own, "self_attn", "qkv"))
        mixed = caches.attend(writer, a.attention, index, packed)
        added = product(writer, f"{name}.out", mixed, w[f"{own}.self_attn.o_proj.weight"])
        weight = writer.weight(f"{name}.mlp_norm", w[f"{own}.post_attention_layernorm.weight"])
        normed = caches.normalise(writer, f"{name}.mlp_norm", [stream, added], weight, a.norm_epsilon)
        stream = f"{name}.mlp_norm.sum"
        gated = _gated(writer, name, product(writer, f"{name}.gate_up", normed, _gate_up(checkpoint, own)))
        added = product(writer, f"{name}.down", gated, w[f"{own}.mlp.down_proj.weight"])
    weight = writer.weight("norm", w["model.norm.weight"])
    normed = caches.normalise(writer, "norm", [stream, added], weight, a.norm_epsilon)
    last = writer.node("Gather", [normed, writer.constant("last", np.array(-1))], "norm.last", axis=1)
    logits = product(writer, "head", last, w["model.embed_tokens.weight"])
    writer.node("Cast", [logits], "logits", to=FLOAT)
    writer.output("logits", FLOAT, ["rows", a.vocabulary])
    return writer.save(target, "step")


def _embedded(writer: GraphWriter, checkpoint: Checkpoint) -> str:
    """Rows of the table; where a row's text stands, its projected embedding is added."""
    a, w = checkpoint.architecture, checkpoint.weights
    table = writer.weight("table", w["model.embed_tokens.weight"])
    found = writer.node("Gather", [table, "tokens"], "found")
    if not a.text:
        return found
    narrow = writer.node("Cast", ["text"], "text.narrow", to=writer.element)
    projected = writer.node("MatMul", [narrow, writer.weight(TEXT, w[TEXT].T)], "text.projected")
    placed = writer.node("Unsqueeze", [projected, writer.constant("axis_1", np.array([1]))], "text.placed")
    here = writer.node("Equal", ["tokens", writer.constant("text.token", np.array(a.text_token))], "text.here")
    mask = writer.node("Unsqueeze", [here, writer.constant("axis_2", np.array([2]))], "text.mask")
    added = writer.node("Where", [mask, placed, writer.weight("nothing", np.array(0.0))], "text.added")
    return writer.node("Add", [found, added], "embedded")


def _gated(writer: GraphWriter, name: str, both: str) -> str:
    """SwiGLU (Shazeer 2020) of gate and up side by side."""
    gate, up = f"{name}.gate", f"{name}.up"
    writer.nodes("Split", [both], [gate, up], axis=-1, num_outputs=2)
    slope = writer.node("Sigmoid", [gate], f"{name}.slope")
    return writer.node("Mul", [writer.node("Mul", [gate, slope], f"{name}.silu"), up], f"{name}.gated")


def _stacked(checkpoint: Checkpoint, layer: str, block: str, letters: str) -> Matrix:
    return np.concatenate([checkpoint.weights[f"{layer}.{block}.{letter}_proj.weight"] for letter in letters])


def _gate_up(checkpoint: Checkpoint, layer: str) -> Matrix:
    return np.concatenate([checkpoint.weights[f"{layer}.mlp.{name}_proj.weight"] for name in ("gate", "up")])
