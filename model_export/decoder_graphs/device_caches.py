"""Attention for onnxruntime on a GPU: as SharedCaches, but nothing of the graph is left to the CPU.

CUDA graphs allow no copies between the two. So positions are given, all rows have a text, and what has no kernel of its
own on CUDA for sure is written in plain operators. Keys and values are float16 there: the operator knows no float32.
"""

from model_export.decoder_graphs.heads import Heads, Rotation
from model_export.decoder_graphs.shared_caches import SharedCaches
from model_export.decoder_graphs.standard_caches import plain_rms_norm
from model_export.graph_writer import INT64, GraphWriter


class DeviceCaches(SharedCaches):
    """Without a `rotation` there is one input more, `positions` [rows, n], consecutive in each row."""

    some_rows = False

    def __init__(self, rotation: Rotation | None = None) -> None:
        super().__init__(rotation)
        self._rotated = rotation is not None

    def declare(self, writer: GraphWriter, heads: Heads) -> None:
        """See SharedCaches."""
        super().declare(writer, heads)
        if not self._rotated:
            writer.input("positions", INT64, ["rows", "n"])

    def positions(self, writer: GraphWriter, length: str) -> str:
        """[rows, n] of this call, which the caller gives."""
        return "positions"

    def normalise(self, writer: GraphWriter, name: str, sources: list[str], weight: str, epsilon: float) -> str:
        """See Caches."""
        if len(sources) == 1:
            return plain_rms_norm(writer, name, sources[0], weight, epsilon)
        return super().normalise(writer, name, sources, weight, epsilon)
