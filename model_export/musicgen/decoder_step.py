"""The decoder as a step graph: some frames of some rows in, the logits of every book behind each row's last one out.

Rows are just rows: guidance is two of them, with and without a text. The delay pattern is the caller's.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Protocol

import numpy as np

from model_export.decoder_graphs.heads import Heads
from model_export.decoder_graphs.products import Product
from model_export.graph_writer import FLOAT, INT64, GraphWriter
from model_export.musicgen import decoder_weights
from model_export.musicgen.checkpoint import Checkpoint
from model_export.musicgen.config import DecoderConfig
from model_export.musicgen.decoder_weights import DECODER, Matrix
from triton_models.step_graph.code_books import TOLD
from triton_models.step_graph.prefixes import PREFIX

NAME: Final = "musicgen_step"
HEAD_STEP: Final = 8
TANH: Final = ("gelu_new", "gelu_pytorch_tanh")


class Caches(Protocol):
    """Self-attention of one layer, with the keys and values of the positions before (model_export.decoder_graphs)."""

    @property
    def some_rows(self) -> bool:
        """Whether a part of the graph may be computed for some of the rows only, even for none."""
        ...

    def declare(self, writer: GraphWriter, heads: Heads) -> None:
        """Inputs and outputs that hold keys and values, and what all layers share."""
        ...

    def positions(self, writer: GraphWriter, length: str) -> str:
        """[rows, n] of this call; `length` [1] holds n."""
        ...

    def attend(self, writer: GraphWriter, heads: Heads, layer: int, packed: str) -> str:
        """From queries, keys and values side by side [rows, n, …] to what the heads make of them [rows, n, …]."""
        ...


def write(checkpoint: Checkpoint, target: Path, caches: Caches, product: Product, writer: GraphWriter) -> Path:
    """Write the graph of one form.

    Inputs: `codes` [rows, books, n] with the start token where a book has none, those of `caches`, and what the cross
    graph made of each row's text; where the runtime allows it, of those rows only that `told` [texts] names. A graph of
    the melody kind has none of that; there `prefix` [rows, n, hidden] is added to the embeddings: what the prefix graph
    made, with the code behind the start token, or zeros. Outputs, in float32: `logits` [rows, books, vocabulary] and
    the `hidden` states [rows, hidden] that they are made of, which cost nothing unless they are asked for.
    """
    d = checkpoint.config.decoder
    writer.input("codes", INT64, ["rows", d.books, "n"])
    caches.declare(writer, attention(d))
    if checkpoint.config.melody is None:
        _declare_cross(writer, d, caches.some_rows)
    else:
        writer.input(PREFIX, writer.element, ["rows", "n", d.hidden])
    stream, added = _embedded(writer, checkpoint, caches), ""
    for index in range(d.layers):
        stream, added = _layer(writer, checkpoint, caches, product, index, (stream, added))
    norm = decoder_weights.read(checkpoint, f"{DECODER}layer_norm.")
    normed, _ = _normalised(writer, "norm", (stream, added), (norm["weight"], norm["bias"]), d.norm_epsilon)
    last = writer.node("Gather", [normed, writer.constant("last", np.array(-1))], "last.normed", axis=1)
    writer.node("Cast", [last], "hidden", to=FLOAT)
    writer.output("hidden", FLOAT, ["rows", d.hidden])
    flat = product(writer, "head", last, decoder_weights.heads(checkpoint))
    shape = writer.constant("logits.shape", np.array([0, d.books, d.vocabulary]))
    writer.node("Cast", [writer.node("Reshape", [flat, shape], "logits.narrow")], "logits", to=FLOAT)
    writer.output("logits", FLOAT, ["rows", d.books, d.vocabulary])
    return writer.save(target, NAME)


def attention(d: DecoderConfig) -> Heads:
    """Caches may have any length, so that short songs need not pay for long ones."""
    return Heads(d.layers, d.heads, d.heads, cached(d.head_size), "context", d.head_size**-0.5)


def cached(head_size: int) -> int:
    """Keys and values are filled up with zeros, which change nothing, to what the operator takes."""
    return head_size + -head_size % HEAD_STEP


def _filled(weight: Matrix, d: DecoderConfig) -> Matrix:
    """[heads * head, in] to [heads * cached, in]."""
    parts = weight.reshape(d.heads, d.head_size, -1)
    more = np.pad(parts, ((0, 0), (0, cached(d.head_size) - d.head_size), (0, 0)))
    return more.reshape(-1, weight.shape[1])


def _declare_cross(writer: GraphWriter, d: DecoderConfig, some_rows: bool) -> None:
    texts = "texts" if some_rows else "rows"
    if some_rows:
        writer.input(TOLD, INT64, [texts])
        writer.node("Unsqueeze", [TOLD, writer.constant("axis_1", np.array([1]))], "told.column")
    writer.input("cross_bias", writer.element, [texts, 1, 1, "text"])
    for index in range(d.layers):
        writer.input(f"cross_key.{index}", writer.element, [texts, d.heads, d.head_size, "text"])
        writer.input(f"cross_value.{index}", writer.element, [texts, d.heads, "text", d.head_size])


def _embedded(writer: GraphWriter, checkpoint: Checkpoint, caches: Caches) -> str:
    """The sum of the books' embeddings and of the positions' sinusoids."""
    d, tables = checkpoint.config.decoder, decoder_weights.embeddings(checkpoint)
    first = np.arange(d.books)[:, None] * (len(tables) // d.books)
    places = writer.node("Add", ["codes", writer.constant("books.first", first)], "codes.places")
    table = writer.weight("table", tables)
    found = writer.node("Gather", [table, places], "codes.found")
    # Not ReduceSum, whose order of adding depends on the number of rows: a row must not notice the others.
    parts = [f"books.{book}" for book in range(d.books)]
    writer.nodes("Split", [found], parts, axis=1, num_outputs=d.books)
    total = writer.node("Sum", parts, "books.sum")
    frames = writer.node("Squeeze", [total, writer.constant("axis_1", np.array([1]))], "frames")
    if checkpoint.config.melody is not None:
        frames = writer.node("Add", [frames, PREFIX], "frames.led")
    writer.node("Shape", ["codes"], "frame_count", start=2, end=3)
    sinusoids = writer.weight("positions.table", decoder_weights.positions(d.hidden, d.max_positions))
    here = writer.node("Gather", [sinusoids, caches.positions(writer, "frame_count")], "positions.found")
    return writer.node("Add", [frames, here], "embedded")


def _hear(
    writer: GraphWriter,
    d: DecoderConfig,
    w: Mapping[str, Matrix],
    product: Product,
    index: int,
    sources: tuple[str, str],
    some_rows: bool,
) -> tuple[str, str]:
    """What a layer adds of the text: the residual stream, and what is to be added to it next."""
    name = f"layers.{index}"
    weights = w["encoder_attn_layer_norm.weight"], w["encoder_attn_layer_norm.bias"]
    if some_rows:
        stream = writer.node("Add", sources, f"{name}.self_attn.added")
        sources = (writer.node("Gather", [stream, TOLD], f"{name}.told", axis=0), "")
    normed, heard = _normalised(writer, f"{name}.encoder_attn", sources, weights, d.norm_epsilon)
    query = product(writer, f"{name}.cross_query", normed, w["encoder_attn.q_proj.weight"])
    mixed = _cross(writer, d, name, index, query)
    added = product(writer, f"{name}.cross_out", mixed, w["encoder_attn.out_proj.weight"])
    if not some_rows:
        return heard, added
    # Who is told nothing would only add zeros.
    heard = writer.node("Add", [heard, added], f"{name}.encoder_attn.added")
    return writer.node("ScatterND", [stream, "told.column", heard], f"{name}.heard"), ""


def _layer(
    writer: GraphWriter, checkpoint: Checkpoint, caches: Caches, product: Product, index: int, sources: tuple[str, str]
) -> tuple[str, str]:
    """The residual stream, and what is to be added to it next."""
    d, w, name = checkpoint.config.decoder, decoder_weights.layer(checkpoint, index), f"layers.{index}"

    def norm(kind: str, sources: tuple[str, str]) -> tuple[str, str]:
        weights = w[f"{kind}_layer_norm.weight"], w[f"{kind}_layer_norm.bias"]
        return _normalised(writer, f"{name}.{kind}", sources, weights, d.norm_epsilon)

    normed, stream = norm("self_attn", sources)
    stack = np.concatenate([_filled(w[f"self_attn.{letter}_proj.weight"], d) for letter in "qkv"])
    mixed = caches.attend(writer, attention(d), index, product(writer, f"{name}.qkv", normed, stack))
    added = product(writer, f"{name}.out", mixed, _filled(w["self_attn.out_proj.weight"].T, d).T)
    if checkpoint.config.melody is None:
        stream, added = _hear(writer, d, w, product, index, (stream, added), caches.some_rows)
    normed, stream = norm("final", (stream, added))
    wide = product(writer, f"{name}.fc1", normed, w["fc1.weight"])
    return stream, product(writer, f"{name}.fc2", _active(writer, d.activation, wide), w["fc2.weight"])


def _cross(writer: GraphWriter, d: DecoderConfig, name: str, index: int, query: str) -> str:
    """Attention over the text, whose keys lie transposed and scaled already."""
    split = writer.constant("heads.split", np.array([0, 0, d.heads, d.head_size]))
    parts = writer.node("Reshape", [query, split], f"{name}.cross.split")
    turned = writer.node("Transpose", [parts], f"{name}.cross.turned", perm=[0, 2, 1, 3])
    raw = writer.node("MatMul", [turned, f"cross_key.{index}"], f"{name}.cross.raw")
    scores = writer.node("Add", [raw, "cross_bias"], f"{name}.cross.scores")
    shares = writer.node("Softmax", [scores], f"{name}.cross.shares", axis=-1)
    mixed = writer.node("MatMul", [shares, f"cross_value.{index}"], f"{name}.cross.mixed")
    back = writer.node("Transpose", [mixed], f"{name}.cross.back", perm=[0, 2, 1, 3])
    flat = writer.constant("heads.flat", np.array([0, 0, d.hidden]))
    return writer.node("Reshape", [back, flat], f"{name}.cross.flat")


def _normalised(
    writer: GraphWriter, name: str, sources: tuple[str, str], weights: tuple[Matrix, Matrix], epsilon: float
) -> tuple[str, str]:
    """Layer norm of the sum of the stream and what is added to it, and the sum."""
    stream, added = sources
    total = writer.node("Add", [stream, added], f"{name}.sum") if added else stream
    named = [writer.weight(f"{name}.{kind}", values) for kind, values in zip(("scale", "shift"), weights, strict=True)]
    return writer.node("LayerNormalization", [total, *named], f"{name}.normed", axis=-1, epsilon=epsilon), total


def _active(writer: GraphWriter, activation: str, source: str) -> str:
    if activation == "relu":
        return writer.node("Relu", [source], f"{source}.active")
    if activation in ("silu", "swish"):
        return writer.node("Mul", [source, writer.node("Sigmoid", [source], f"{source}.slope")], f"{source}.active")
    kind = "tanh" if activation in TANH else "none"
    return writer.node("Gelu", [source], f"{source}.active", approximate=kind)
