"""EnCodec's four graphs: two that decode and two that encode. Rows are free in all of them.

What decodes is cut behind the LSTM: before the cut, states go in and come out and each frame passes once; behind it,
nothing is remembered, and windows of any songs share a batch.
"""

from pathlib import Path
from typing import Final

import numpy as np

from model_export.graph_writer import FLOAT, INT64, GraphWriter, Shape
from model_export.musicgen.codec_architecture import CodecArchitecture
from model_export.musicgen.codec_layers import CodecLayers, States
from model_export.musicgen.codec_structure import decoder_net, encoder_net
from model_export.musicgen.codec_weights import CodecWeights

LATENTS: Final = "encodec_latents"
SAMPLES: Final = "encodec_samples"
FEATURES: Final = "encodec_features"
CODES: Final = "encodec_codes"


def write_latents(a: CodecArchitecture, weights: CodecWeights, target: Path, writer: GraphWriter) -> Path:
    """`codes` [rows, books, frames and their context] to `latents` [rows, width, frames]; states in and out.

    The code behind the last of a book, book_size, stands for no frame at all.
    """
    net, layers = decoder_net(a), CodecLayers(writer, a, weights)
    shape: Shape = ["rows", a.lstm_layers, a.width]
    writer.input("codes", INT64, ["rows", a.books, "codes"])
    given = States(*(writer.input(f"{kind}_before", FLOAT, shape) for kind in States._fields))
    before = States(*(narrow(writer, state) for state in given))
    vectors = writer.node("Transpose", [_looked_up(a, weights, writer)], "vectors", perm=[0, 2, 1])
    first = layers.convolve_inside(net.first, vectors)
    frames = writer.node("Transpose", [first], "frames", perm=[2, 0, 1])
    remembered, behind = layers.remember(net.lstm, frames, before)
    latents = writer.node("Transpose", [remembered], "latents.turned", perm=[1, 2, 0])
    widen(writer, latents, "latents", ["rows", a.width, "frames"])
    for kind, state in behind._asdict().items():
        widen(writer, state, f"{kind}_behind", shape)
    return writer.save(target, LATENTS)


def write_samples(a: CodecArchitecture, weights: CodecWeights, target: Path, writer: GraphWriter) -> Path:
    """`latents` [rows, width, frames] to `samples` [rows, channels, frames * hop], as if nothing were around them."""
    signal = narrow(writer, writer.input("latents", FLOAT, ["rows", a.width, "frames"]))
    made = CodecLayers(writer, a, weights).run(decoder_net(a).rest, signal, begins=False)
    widen(writer, made, "samples", ["rows", a.channels, "samples"])
    return writer.save(target, SAMPLES)


def write_features(a: CodecArchitecture, weights: CodecWeights, target: Path, writer: GraphWriter) -> Path:
    """`samples` [rows, channels, samples] to `features` [rows, width, frames], as if nothing were around them."""
    signal = narrow(writer, writer.input("samples", FLOAT, ["rows", a.channels, "samples"]))
    made = CodecLayers(writer, a, weights).run(encoder_net(a).rest, signal, begins=True)
    widen(writer, made, "features", ["rows", a.width, "frames"])
    return writer.save(target, FEATURES)


def write_codes(a: CodecArchitecture, weights: CodecWeights, target: Path, writer: GraphWriter) -> Path:
    """`features` [rows, width, frames] of whole songs to `codes` [rows, books, frames]."""
    net, layers = encoder_net(a), CodecLayers(writer, a, weights)
    features = narrow(writer, writer.input("features", FLOAT, ["rows", a.width, "frames"]))
    frames = writer.node("Transpose", [features], "frames", perm=[2, 0, 1])
    remembered, _ = layers.remember(net.lstm, frames, None)
    signal = writer.node("Transpose", [remembered], "signal", perm=[1, 2, 0])
    vectors = layers.convolve(net.last, layers.elu(signal))
    placed = writer.node("Transpose", [vectors], "vectors", perm=[0, 2, 1])
    # Neighbouring codes differ by less than float16 can tell.
    wide = writer.node("Cast", [placed], "vectors.wide", to=FLOAT)
    writer.node("Concat", _quantised(a, weights, writer, wide), "codes", axis=1)
    writer.output("codes", INT64, ["rows", a.books, "frames"])
    return writer.save(target, CODES)


def narrow(writer: GraphWriter, source: str) -> str:
    """In the type of the computation; inputs and outputs are float32 whatever that is."""
    return writer.node("Cast", [source], f"{source}.narrow", to=writer.element)


def widen(writer: GraphWriter, source: str, name: str, shape: Shape) -> None:
    """Make an output of it."""
    writer.node("Cast", [source], name, to=FLOAT)
    writer.output(name, FLOAT, shape)


def _looked_up(a: CodecArchitecture, weights: CodecWeights, writer: GraphWriter) -> str:
    """The sum of the books' vectors [rows, codes, hidden]."""
    found = []
    for book in range(a.books):
        table = np.concatenate([weights.table(book), np.zeros((1, a.hidden), np.float32)])
        own = writer.node("Gather", ["codes", writer.constant(f"book.{book}", np.array(book))], f"own.{book}", axis=1)
        found.append(writer.node("Gather", [writer.weight(f"table.{book}", table), own], f"vectors.{book}"))
    return writer.node("Sum", found, "vectors.sum")


def _quantised(a: CodecArchitecture, weights: CodecWeights, writer: GraphWriter, rest: str) -> list[str]:
    """Residual vector quantisation: each book has the code nearest to what those before it left.

    `rest` is [rows, frames, hidden]. Nearest is where 2 x e - |e|^2 is largest, as |x|^2 is the same for all codes; of
    equals it is the first.
    """
    codes, axis = [], writer.constant("axis_1", np.array([1]))
    two = writer.constant("two", np.array(2.0, np.float32))
    for book in range(a.books):
        values = weights.table(book)
        lengths = np.square(values, dtype=np.float64).sum(axis=1).astype(np.float32)
        products = writer.node("MatMul", [rest, writer.constant(f"turned.{book}", values.T)], f"products.{book}")
        doubled = writer.node("Mul", [products, two], f"doubled.{book}")
        nearness = writer.node("Sub", [doubled, writer.constant(f"lengths.{book}", lengths)], f"nearness.{book}")
        code = writer.node("ArgMax", [nearness], f"code.{book}", axis=2, keepdims=0)
        codes.append(writer.node("Unsqueeze", [code, axis], f"codes.{book}"))
        if book + 1 < a.books:
            found = writer.node("Gather", [writer.constant(f"table.{book}", values), code], f"found.{book}")
            rest = writer.node("Sub", [rest, found], f"rest.{book}")
    return codes
