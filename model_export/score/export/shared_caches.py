"""Attention for onnxruntime: keys and values are written into the buffers that they are read from.

Each `past_key.i` must be bound to the same memory as `present_key.i`; so must the values.
"""

from model_export.graph_writer import CONTRIB, INT32, GraphWriter, Shape
from model_export.score.export.checkpoint import Architecture
from model_export.score.export.rotation import tables


class SharedCaches:
    """`GroupQueryAttention` of onnxruntime: grouped keys and values, rotary positions and mask in one operator.

    Inputs: `last_position` [rows], that of each row's last token of this call; `length`, the longest of them + 1.
    """

    def declare(self, writer: GraphWriter, architecture: Architecture) -> None:
        """Buffers [rows, kv_heads, context, head] per layer."""
        a = architecture
        writer.input("last_position", INT32, ["rows"])
        writer.input("length", INT32, [])
        shape: Shape = ["rows", a.kv_heads, a.context, a.head_size]
        for index in range(a.layers):
            for kind in ("key", "value"):
                writer.input(f"past_{kind}.{index}", writer.element, shape)
                writer.output(f"present_{kind}.{index}", writer.element, shape)

    def attend(self, writer: GraphWriter, architecture: Architecture, layer: int, packed: str) -> str:
        """See Caches."""
        cosines, sines = tables(architecture)
        output = f"layers.{layer}.mixed"
        caches = [f"past_key.{layer}", f"past_value.{layer}"]
        rotary = [writer.weight("cosines", cosines), writer.weight("sines", sines)]
        writer.nodes(
            "GroupQueryAttention",
            [packed, "", "", *caches, "last_position", "length", *rotary],
            [output, f"present_key.{layer}", f"present_value.{layer}"],
            domain=CONTRIB,
            num_heads=architecture.heads,
            kv_num_heads=architecture.kv_heads,
            do_rotary=1,
        )
        return output

    def normalise(self, writer: GraphWriter, name: str, sources: list[str], weight: str, epsilon: float) -> str:
        """See Caches; the sum and its norm are one operator."""
        if len(sources) == 1:
            return writer.node("RMSNormalization", [*sources, weight], f"{name}.normed", axis=-1, epsilon=epsilon)
        outputs = [f"{name}.normed", "", "", f"{name}.sum"]
        writer.nodes("SkipSimplifiedLayerNormalization", [*sources, weight], outputs, domain=CONTRIB, epsilon=epsilon)
        return outputs[0]
