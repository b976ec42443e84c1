"""What stands before the codes of a checkpoint of the melody kind, once for a request, as a graph of its own."""

from pathlib import Path
from typing import Final

from model_export.graph_writer import FLOAT, INT64, GraphWriter
from model_export.musicgen import decoder_weights
from model_export.musicgen.checkpoint import Checkpoint
from model_export.musicgen.decoder_cross import projected
from model_export.musicgen.melody_config import MelodyConfig
from triton_models.step_graph.prefixes import PREFIX

NAME: Final = "musicgen_prefix"


def write(checkpoint: Checkpoint, melody: MelodyConfig, target: Path, writer: GraphWriter) -> Path:
    """Write the graph.

    Inputs: `states` [rows, text, width] of the text encoder and `chroma` [rows, length, classes] of the melody, both
    float32, and `mask` [rows, text], 1 where a token is heard and 0 where it only takes its place. Output: `prefix`
    [rows, length + text, hidden], which the step graph takes in as it takes in the embeddings of codes.
    """
    writer.input("states", FLOAT, ["rows", "text", checkpoint.config.text.hidden])
    writer.input("mask", INT64, ["rows", "text"])
    writer.input("chroma", FLOAT, ["rows", melody.length, melody.chroma])
    heard = writer.node("Cast", ["chroma"], "chroma.narrow", to=writer.element)
    if melody.projected:
        w = decoder_weights.read(checkpoint, "audio_enc_to_dec_proj.")
        heard = writer.node("MatMul", [heard, writer.weight("melody", w["weight"].T)], "chroma.turned")
        heard = writer.node("Add", [heard, writer.weight("melody.shift", w["bias"])], "chroma.projected")
    writer.node("Concat", [heard, projected(writer, checkpoint)], PREFIX, axis=1)
    writer.output(PREFIX, writer.element, ["rows", "prefix", checkpoint.config.decoder.hidden])
    return writer.save(target, NAME)
