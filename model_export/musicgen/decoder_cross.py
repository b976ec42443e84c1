"""Keys and values of a text for every layer's cross-attention, once for a request, as a graph of its own."""

from pathlib import Path
from typing import Final

import numpy as np

from model_export.graph_writer import FLOAT, INT64, GraphWriter
from model_export.musicgen import decoder_weights
from model_export.musicgen.checkpoint import Checkpoint
from triton_models.step_graph.code_books import BIAS, FAR_BELOW

NAME: Final = "musicgen_cross"


def write(checkpoint: Checkpoint, target: Path, writer: GraphWriter) -> Path:
    """Write the graph.

    Inputs: `states` [rows, text, width] of the text encoder, float32, and `mask` [rows, text], 1 where a token is and
    0 where there is none. A row of zeros is one without a text. Outputs are the step graph's inputs: `cross_key.i`
    [rows, heads, head, text], scaled, `cross_value.i` [rows, heads, text, head], `cross_bias` [rows, 1, 1, text].
    """
    d = checkpoint.config.decoder
    writer.input("states", FLOAT, ["rows", "text", checkpoint.config.text.hidden])
    writer.input("mask", INT64, ["rows", "text"])
    states = projected(writer, checkpoint)
    split = writer.constant("heads.split", np.array([0, 0, d.heads, d.head_size]))
    for index in range(d.layers):
        w = decoder_weights.cross_attention(checkpoint, index)
        weights = {"key": w["k_proj.weight"] * np.float32(d.head_size**-0.5), "value": w["v_proj.weight"]}
        for kind, order in (("key", [0, 2, 3, 1]), ("value", [0, 2, 1, 3])):
            matrix = writer.weight(f"layers.{index}.{kind}", weights[kind].T)
            flat = writer.node("MatMul", [states, matrix], f"layers.{index}.{kind}.flat")
            parts = writer.node("Reshape", [flat, split], f"layers.{index}.{kind}.split")
            writer.node("Transpose", [parts], f"cross_{kind}.{index}", perm=order)
        writer.output(f"cross_key.{index}", writer.element, ["rows", d.heads, d.head_size, "text"])
        writer.output(f"cross_value.{index}", writer.element, ["rows", d.heads, "text", d.head_size])
    _bias(writer)
    return writer.save(target, NAME)


def projected(writer: GraphWriter, checkpoint: Checkpoint) -> str:
    """In the decoder's width, and zero where no token is."""
    states = writer.node("Cast", ["states"], "states.narrow", to=writer.element)
    if checkpoint.config.decoder.projected:
        w = decoder_weights.read(checkpoint, "enc_to_dec_proj.")
        states = writer.node("MatMul", [states, writer.weight("projection", w["weight"].T)], "states.turned")
        states = writer.node("Add", [states, writer.weight("projection.shift", w["bias"])], "states.projected")
    shown = writer.node("Cast", ["mask"], "mask.narrow", to=writer.element)
    column = writer.node("Unsqueeze", [shown, writer.constant("axis_2", np.array([2]))], "mask.column")
    return writer.node("Mul", [states, column], "states.shown")


def _bias(writer: GraphWriter) -> None:
    hidden = writer.node("Equal", ["mask", writer.constant("no_token", np.array(0))], "mask.hidden")
    low, nothing = writer.weight("far_below", np.array(FAR_BELOW)), writer.weight("nothing", np.array(0.0))
    flat = writer.node("Where", [hidden, low, nothing], "bias.flat")
    axes = writer.constant("axes_1_2", np.array([1, 2]))
    writer.node("Unsqueeze", [flat, axes], BIAS)
    writer.output(BIAS, writer.element, ["rows", 1, 1, "text"])
