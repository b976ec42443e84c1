"""Attention for TensorRT's plans that are served: standard operators, and keys and values are written where they lie.

`TensorScatter` becomes TensorRT's own update of caches, for which each `present_key.i` must be bound to the same memory
as `past_key.i`, and the length of the caches is fixed when a plan is built. So must the values.
"""

import numpy as np

from model_export.decoder_graphs.heads import Heads
from model_export.decoder_graphs.standard_caches import StandardCaches
from model_export.graph_writer import INT32, INT64, GraphWriter, Shape


class UpdatedCaches(StandardCaches):
    """Inputs: `last_position` [rows], that of each row's last token of this call; caches as SharedCaches has them.

    Without a `rotation` there is one input more, `positions` [rows, n], consecutive in each row.
    """

    def declare(self, writer: GraphWriter, heads: Heads) -> None:
        """Also makes what all layers share: where to write, the rotation and the mask."""
        a = heads
        writer.input("last_position", INT32, ["rows"])
        shape: Shape = ["rows", a.kv_heads, a.context, a.head_size]
        for index in range(a.layers):
            for kind in ("key", "value"):
                writer.input(f"past_{kind}.{index}", writer.element, shape)
                writer.output(f"present_{kind}.{index}", writer.element, shape)
        if self._rotation is None:
            writer.input("positions", INT64, ["rows", "n"])
        self._places(writer)
        self._turns(writer)
        self._masks(writer, a.heads // a.kv_heads)

    def attend(self, writer: GraphWriter, heads: Heads, layer: int, packed: str) -> str:
        """See Caches."""
        name = f"layers.{layer}"
        query, key, value = self._split(writer, heads, name, packed)
        for kind, new in (("key", key), ("value", value)):
            into = [f"past_{kind}.{layer}", new, "first_position"]
            writer.node("TensorScatter", into, f"present_{kind}.{layer}", axis=2)
        scores = self._scores(writer, name, query, f"present_key.{layer}", "seen_mask")
        shares = writer.node("Softmax", [scores], f"{name}.shares", axis=-1)
        mixed = writer.node("MatMul", [shares, f"present_value.{layer}"], f"{name}.mixed.grouped")
        return self._flat(writer, heads, name, mixed)

    def _places(self, writer: GraphWriter) -> None:
        """`first_position` [rows], and `positions` where they are not given; `new_length` [1] holds n."""
        source = "tokens" if self._rotation is not None else "positions"
        writer.node("Shape", [source], "new_length", start=1, end=2)
        one = writer.constant("one", np.array([1]))
        last = writer.node("Cast", ["last_position"], "last_position.wide", to=INT64)
        before = writer.node("Sub", ["new_length", one], "new_before")
        writer.node("Sub", [last, before], "first_position")
        if self._rotation is not None:
            zero, step = writer.constant("zero", np.array(0)), writer.constant("one_step", np.array(1))
            count = writer.node("Squeeze", ["new_length", writer.constant("axis_0", np.array([0]))], "new_count")
            steps = writer.node("Range", [zero, count, step], "new_steps")
            column = writer.node(
                "Unsqueeze", ["first_position", writer.constant("axis_1", np.array([1]))], "first_column"
            )
            writer.node("Add", [column, steps], "positions")

    def _masks(self, writer: GraphWriter, group: int) -> None:
        """`seen_mask` [rows, 1, group * n, context] hides what each position must not see: all behind it."""
        writer.node("Shape", ["past_key.0"], "past_length", start=2, end=3)
        zero, one = writer.constant("zero", np.array(0)), writer.constant("one_step", np.array(1))
        count = writer.node("Squeeze", ["past_length", writer.constant("axis_0", np.array([0]))], "past_count")
        places = writer.node("Range", [zero, count, one], "past_places")
        column = writer.node("Unsqueeze", ["positions", writer.constant("axis_2", np.array([2]))], "position_column")
        seen = writer.node("LessOrEqual", [places, column], "seen")
        times = writer.constant("group_times", np.array([1, 1, group, 1]))
        writer.node("Tile", [self._mask(writer, seen, "seen", [1]), times], "seen_mask")
