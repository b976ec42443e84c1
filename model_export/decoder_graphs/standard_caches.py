"""Attention in standard operators, for TensorRT and any other runtime: caches are read, only what is new comes out.

The caller writes `new_key.i` and `new_value.i` at the row's positions of its own buffers.
"""

import numpy as np

from model_export.decoder_graphs.heads import Heads, Rotation
from model_export.graph_writer import FLOAT, INT64, GraphWriter

FAR_BELOW = -1e4  # finite in float16, and e to it is zero in float32


class StandardCaches:
    """Scores against the cache and against the new positions are joined before the softmax; caches are never copied.

    Inputs: `positions` [rows, n], consecutive in each row; caches [rows, kv_heads, past, head].
    """

    some_rows = False

    def __init__(self, rotation: Rotation | None = None) -> None:
        self._rotation = rotation

    def declare(self, writer: GraphWriter, heads: Heads) -> None:
        """Also makes what all layers share: the rotation and the two masks."""
        a = heads
        writer.input("positions", INT64, ["rows", "n"])
        for index in range(a.layers):
            for kind in ("key", "value"):
                writer.input(f"past_{kind}.{index}", writer.element, ["rows", a.kv_heads, "past", a.head_size])
                writer.output(f"new_{kind}.{index}", writer.element, ["rows", a.kv_heads, "n", a.head_size])
        self._turns(writer)
        self._masks(writer, a.heads // a.kv_heads)

    def attend(self, writer: GraphWriter, heads: Heads, layer: int, packed: str) -> str:
        """See Caches."""
        name = f"layers.{layer}"
        grouped, key, value = self._split(writer, heads, name, packed, (f"new_key.{layer}", f"new_value.{layer}"))
        past = self._scores(writer, f"{name}.past", grouped, f"past_key.{layer}", "past_mask")
        new = self._scores(writer, f"{name}.new", grouped, key, "new_mask")
        joined = writer.node("Concat", [past, new], f"{name}.scores", axis=-1)
        shares = writer.node("Softmax", [joined], f"{name}.shares", axis=-1)
        lengths = writer.node("Concat", ["past_length", "new_length"], f"{name}.lengths", axis=0)
        writer.nodes("Split", [shares, lengths], [f"{name}.past.shares", f"{name}.new.shares"], axis=-1)
        mixed_past = writer.node("MatMul", [f"{name}.past.shares", f"past_value.{layer}"], f"{name}.past.mixed")
        mixed_new = writer.node("MatMul", [f"{name}.new.shares", value], f"{name}.new.mixed")
        mixed = writer.node("Add", [mixed_past, mixed_new], f"{name}.mixed.grouped")
        return self._flat(writer, heads, name, mixed)

    def positions(self, writer: GraphWriter, length: str) -> str:
        """[rows, n] of this call, which the caller gives."""
        return "positions"

    def normalise(self, writer: GraphWriter, name: str, sources: list[str], weight: str, epsilon: float) -> str:
        """See Caches."""
        source = sources[0] if len(sources) == 1 else writer.node("Add", sources, f"{name}.sum")
        return plain_rms_norm(writer, name, source, weight, epsilon)

    def _split(
        self,
        writer: GraphWriter,
        heads: Heads,
        name: str,
        packed: str,
        outputs: tuple[str | None, str | None] = (None, None),
    ) -> tuple[str, str, str]:
        """Queries, scaled, and keys and values of these positions [rows, kv_heads, n, head].

        Heads that share keys stand side by side, so that nothing is repeated: [rows, kv_heads, group * n, head].
        """
        a = heads
        sizes = np.array([a.heads, a.kv_heads, a.kv_heads]) * a.head_size
        parts = [f"{name}.{kind}.flat" for kind in ("query", "key", "value")]
        writer.nodes("Split", [packed, writer.constant("qkv_sizes", sizes)], parts, axis=-1)
        query = self._placed(writer, a, parts[0], f"{name}.query", a.heads)
        key = self._placed(writer, a, parts[1], f"{name}.key", a.kv_heads, outputs[0])
        value = self._heads(writer, a, parts[2], f"{name}.value", a.kv_heads, outputs[1])
        shape = writer.constant("grouped_shape", np.array([0, a.kv_heads, -1, a.head_size]))
        grouped = writer.node("Reshape", [query, shape], f"{name}.query.grouped")
        scale = writer.weight("scale", np.array(a.head_size**-0.5 if a.scale is None else a.scale))
        return writer.node("Mul", [grouped, scale], f"{name}.query.scaled"), key, value

    def _turns(self, writer: GraphWriter) -> None:
        """Cosines and sines of the positions, where there is a rotation."""
        for name, values in zip(("cosine", "sine"), self._rotation or (), strict=False):
            found = writer.node("Gather", [writer.weight(f"{name}s", values), "positions"], f"{name}.rows")
            axis = writer.constant("axis_1", np.array([1]))
            writer.node("Unsqueeze", [found, axis], name)

    def _masks(self, writer: GraphWriter, group: int) -> None:
        """`past_mask` [rows, 1, 1, past] hides what is behind a row's end.

        `new_mask` [rows, 1, group * n, n] hides from each new position those that follow it.
        """
        for name, source, axis in (("past_length", "past_key.0", 2), ("new_length", "positions", 1)):
            writer.node("Shape", [source], name, start=axis, end=axis + 1)
        axes = {number: writer.constant(f"axis_{number}", np.array([number])) for number in (0, 1, 2, 3)}
        zero, one = writer.constant("zero", np.array(0)), writer.constant("one_step", np.array(1))
        count = writer.node("Squeeze", ["past_length", axes[0]], "past_count")
        places = writer.node("Range", [zero, count, one], "past_places")
        first = writer.node("Slice", ["positions", axes[0], axes[1], axes[1]], "first_position")
        here = writer.node("Less", [places, first], "past_seen")
        writer.node("Identity", [self._mask(writer, here, "past", [1, 2])], "past_mask")
        before = writer.node("Unsqueeze", ["positions", axes[2]], "new_rows")
        after = writer.node("Unsqueeze", ["positions", axes[1]], "new_columns")
        seen = writer.node("GreaterOrEqual", [before, after], "new_seen")
        times = writer.constant("group_times", np.array([1, 1, group, 1]))
        writer.node("Tile", [self._mask(writer, seen, "new", [1]), times], "new_mask")

    def _mask(self, writer: GraphWriter, seen: str, name: str, axes: list[int]) -> str:
        shown, hidden = writer.weight("shown", np.array(0.0)), writer.weight("unseen", np.array(FAR_BELOW))
        values = writer.node("Where", [seen, shown, hidden], f"{name}_mask.flat")
        places = writer.constant(f"{name}_mask.axes", np.array(axes))
        return writer.node("Unsqueeze", [values, places], f"{name}_mask.placed")

    def _scores(self, writer: GraphWriter, name: str, query: str, key: str, mask: str) -> str:
        turned = writer.node("Transpose", [key], f"{name}.turned", perm=[0, 1, 3, 2])
        scores = writer.node("MatMul", [query, turned], f"{name}.raw")
        return writer.node("Add", [scores, mask], f"{name}.scores")

    def _heads(
        self, writer: GraphWriter, a: Heads, source: str, name: str, heads: int, output: str | None = None
    ) -> str:
        """[rows, n, heads * head] to [rows, heads, n, head]."""
        shape = writer.constant(f"split_{heads}", np.array([0, 0, heads, a.head_size]))
        split = writer.node("Reshape", [source, shape], f"{name}.split")
        return writer.node("Transpose", [split], output or f"{name}.heads", perm=[0, 2, 1, 3])

    def _placed(
        self, writer: GraphWriter, a: Heads, source: str, name: str, heads: int, output: str | None = None
    ) -> str:
        """Heads of queries or keys, turned by their positions where there is a rotation."""
        if self._rotation is None:
            return self._heads(writer, a, source, name, heads, output)
        return self._rotated(writer, self._heads(writer, a, source, name, heads), output)

    def _rotated(self, writer: GraphWriter, source: str, output: str | None = None) -> str:
        """Pairs are (i, i + head / 2), as the published format has them."""
        low, high = f"{source}.low", f"{source}.high"
        writer.nodes("Split", [source], [low, high], axis=-1, num_outputs=2)
        turned = {
            f"{part}.{by}": writer.node("Mul", [f"{source}.{part}", by], f"{source}.{part}.{by}")
            for part in ("low", "high")
            for by in ("cosine", "sine")
        }
        first = writer.node("Sub", [turned["low.cosine"], turned["high.sine"]], f"{source}.first")
        second = writer.node("Add", [turned["high.cosine"], turned["low.sine"]], f"{source}.second")
        return writer.node("Concat", [first, second], output or f"{source}.rotated", axis=-1)

    def _flat(self, writer: GraphWriter, a: Heads, name: str, mixed: str) -> str:
        """[rows, kv_heads, group * n, head] to [rows, n, heads * head]."""
        head = writer.constant("head_tail", np.array([a.head_size]))
        rows = writer.constant("keep_axis", np.array([0]))
        heads = writer.constant("head_count", np.array([a.heads]))
        shape = writer.node("Concat", [rows, heads, "new_length", head], f"{name}.mixed.shape", axis=0)
        split = writer.node("Reshape", [mixed, shape], f"{name}.mixed.split")
        turned = writer.node("Transpose", [split], f"{name}.mixed.turned", perm=[0, 2, 1, 3])
        width = writer.constant("flat_shape", np.array([0, 0, a.heads * a.head_size]))
        return writer.node("Reshape", [turned, width], f"{name}.mixed")


def plain_rms_norm(writer: GraphWriter, name: str, source: str, weight: str, epsilon: float) -> str:
    """RMS norm in standard operators; the mean square in float32, whatever the computation is in."""
    wide = writer.node("Cast", [source], f"{name}.wide", to=FLOAT)
    square = writer.node("Mul", [wide, wide], f"{name}.square")
    axis = writer.constant("last_axis", np.array([-1]))
    mean = writer.node("ReduceMean", [square, axis], f"{name}.mean")
    above = writer.node("Add", [mean, writer.constant("epsilon", np.array(epsilon, np.float32))], f"{name}.above")
    unit = writer.node("Div", [wide, writer.node("Sqrt", [above], f"{name}.root")], f"{name}.unit")
    narrow = writer.node("Cast", [unit], f"{name}.narrow", to=writer.element)
    return writer.node("Mul", [narrow, weight], f"{name}.normed")
