"""Attention for onnxruntime: keys and values are written into the buffers that they are read from.

Each `past_key.i` must be bound to the same memory as `present_key.i`; so must the values.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from model_export.decoder_graphs.heads import Heads, Rotation, Scales
from model_export.graph_writer import CONTRIB, INT8, INT32, INT64, GraphWriter, Shape


class SharedCaches:
    """`GroupQueryAttention` of onnxruntime: grouped keys and values, rotary positions and mask in one operator.

    Inputs: `last_position` [rows], that of each row's last token of this call; `length`, the longest of them + 1.
    Without a `rotation` the operator leaves queries and keys as they are. With `scales`, one of each layer, keys and
    values are int8, a quarter of the memory; the scales are found beforehand, so that a row is free of its batch mates.
    """

    some_rows = True

    def __init__(self, rotation: Rotation | None = None, scales: Sequence[Scales] = ()) -> None:
        self._rotation = rotation
        self._scales = scales

    def declare(self, writer: GraphWriter, heads: Heads) -> None:
        """Buffers [rows, kv_heads, context, head] per layer."""
        a = heads
        writer.input("last_position", INT32, ["rows"])
        writer.input("length", INT32, [])
        shape: Shape = ["rows", a.kv_heads, a.context, a.head_size]
        element = INT8 if self._scales else writer.element
        for index in range(a.layers):
            for kind in ("key", "value"):
                writer.input(f"past_{kind}.{index}", element, shape)
                writer.output(f"present_{kind}.{index}", element, shape)

    def attend(self, writer: GraphWriter, heads: Heads, layer: int, packed: str) -> str:
        """See Caches."""
        output = f"layers.{layer}.mixed"
        caches = [f"past_key.{layer}", f"past_value.{layer}"]
        tables = zip(("cosines", "sines"), self._rotation or (), strict=False)
        rotary = [writer.weight(name, values) for name, values in tables]
        own_scale = {} if heads.scale is None else {"scale": heads.scale}
        levels, kinds = self._levels(writer, layer)
        absent = [""] * (2 - len(rotary)) if levels else []
        writer.nodes(
            "GroupQueryAttention",
            [packed, "", "", *caches, "last_position", "length", *rotary, *absent, *levels],
            [output, f"present_key.{layer}", f"present_value.{layer}"],
            domain=CONTRIB,
            num_heads=heads.heads,
            kv_num_heads=heads.kv_heads,
            do_rotary=int(bool(rotary)),
            **own_scale,
            **kinds,
        )
        return output

    def _levels(self, writer: GraphWriter, layer: int) -> tuple[list[str], dict[str, Any]]:
        """Inputs of the operator behind the rotation, and its attributes, where keys and values are int8."""
        if not self._scales:
            return [], {}
        named = zip(("key", "value"), self._scales[layer], strict=True)
        scales = [writer.constant(f"layers.{layer}.{kind}.levels", values) for kind, values in named]
        by_channel = dict.fromkeys(("k_quant_type", "v_quant_type"), "PER_CHANNEL")
        return ["", "", "", *scales], {**by_channel, "kv_cache_bit_width": 8}

    def positions(self, writer: GraphWriter, length: str) -> str:
        """[rows, n] of this call; `length` [1] holds n."""
        axis = writer.constant("axis_1", np.array([1]))
        zero, one = writer.constant("zero", np.array(0)), writer.constant("one_step", np.array(1))
        count = writer.node("Squeeze", [length], "position_count")
        steps = writer.node("Range", [zero, count, one], "position_steps")
        last = writer.node("Cast", ["last_position"], "last_position.wide", to=INT64)
        ends = writer.node("Unsqueeze", [last, axis], "last_position.column")
        first = writer.node("Sub", [ends, writer.node("Sub", [length, one], "length_before")], "first_position")
        return writer.node("Add", [first, steps], "positions")

    def normalise(self, writer: GraphWriter, name: str, sources: list[str], weight: str, epsilon: float) -> str:
        """See Caches; the sum and its norm are one operator."""
        if len(sources) == 1:
            return writer.node("RMSNormalization", [*sources, weight], f"{name}.normed", axis=-1, epsilon=epsilon)
        outputs = [f"{name}.normed", "", "", f"{name}.sum"]
        writer.nodes("SkipSimplifiedLayerNormalization", [*sources, weight], outputs, domain=CONTRIB, epsilon=epsilon)
        return outputs[0]
