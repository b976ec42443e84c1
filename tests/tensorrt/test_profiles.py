"""Sizes that plans are built for: what an export says of its graphs, and what a person asks for."""

import json
from pathlib import Path

import pytest

from model_export.musicgen import manifest
from model_export.tensorrt import profiles
from model_export.tensorrt.errors import NothingToDoError
from model_export.tensorrt.graphs import MUSICGEN, SCORE, Export, Graph, read_export
from model_export.tensorrt.inputs import feeds
from model_export.tensorrt.profiles import Range, codec_ranges, parse, shapes, step_ranges, token_range
from tests.musicgen.test_export import FILES
from tests.tensorrt.exports import describe
from triton_models.codec_stream.shape import CodecShape, Context


def test_a_step_stands_behind_any_position_of_the_context() -> None:
    assert step_ranges(2048, None, None) == {
        "rows": (1, 2, 64),
        "past": (1, 1024, 2048),
        "n": (1, 1, 64),
        "text": (1, 64, 128),
    }
    told = step_ranges(40, Range(2, 4, 8), Range(1, 8, 32))
    assert (told["rows"], told["past"], told["n"]) == ((2, 4, 8), (1, 8, 32), (1, 1, 40))


def test_texts_are_as_long_as_the_encoder_takes_them() -> None:
    assert token_range(512) == (2, 64, 128)
    assert token_range(40) == (2, 40, 40)


def test_windows_of_the_codec_are_as_wide_as_their_contexts() -> None:
    shape = CodecShape(400, 8, 1, 4, 64, 16, 2, "reflect", 3, 2, Context(1, 1, 6, 6), Context(1, 1, 4, 4), False)

    assert codec_ranges(shape) == {"frames": (6, 50, 500), "codes": (11, 55, 505), "samples": (48, 400, 4000)}


def test_only_inputs_with_a_free_axis_have_shapes() -> None:
    ranges = {"rows": Range(1, 2, 4), "n": Range(1, 1, 8), "text": Range(1, 2, 3)}
    inputs: dict[str, list[int | str]] = {"tokens": ["rows", "n"], "scale": [3]}

    assert shapes(inputs, ranges) == {"tokens": ([1, 1], [2, 1], [4, 8])}
    assert profiles.used(inputs, ranges) == {"n": (1, 1, 8), "rows": (1, 2, 4)}
    with pytest.raises(NothingToDoError, match="free axis 'beats'"):
        shapes({"tokens": ["rows", "beats"]}, ranges)


@pytest.mark.parametrize(
    ("told", "message"),
    [("1:2", "no MIN:OPT:MAX"), ("a:b:c", "no MIN:OPT:MAX"), ("0:1:2", "has to rise"), ("1:3:2", "has to rise")],
)
def test_what_is_no_range_is_refused(told: str, message: str) -> None:
    with pytest.raises(NothingToDoError, match=message):
        parse(told)
    assert parse("1:2:64") == (1, 2, 64)


def test_positions_beyond_the_context_are_refused() -> None:
    with pytest.raises(NothingToDoError, match="has 40 positions"):
        step_ranges(40, None, Range(1, 2, 41))


def test_graphs_for_tensorrt_are_found_among_the_files_of_an_export(tmp_path: Path) -> None:
    for name in FILES:
        (tmp_path / name).write_bytes(b"1")
    (tmp_path / "codec.json").unlink()
    (tmp_path / "text_encoder.json").write_text('{"most_tokens": 512}')
    describe(tmp_path, {"schema": manifest.SCHEMA, "decoder": {"max_positions": 2048}})
    only = [name for name in (file.removesuffix(".onnx") for file in FILES) if name.startswith(("musicgen_c", "text"))]

    graphs = read_export(tmp_path).graphs([name for name in only if "." in name and not name.endswith(("s", "json"))])

    assert [graph.name for graph in graphs] == [
        "musicgen_cross.float16",
        "musicgen_cross.float32",
        "text_encoder.float32",
    ]
    assert sorted(graphs[0].digests) == ["musicgen_cross.float16.onnx", "musicgen_cross.float16.weights"]
    assert graphs[0].exact == tmp_path / "musicgen_cross.float32.onnx"
    with pytest.raises(NothingToDoError, match=r"no graph 'musicgen_step.int8'.*musicgen_standard.float32"):
        read_export(tmp_path).graphs(["musicgen_step.int8"])


def test_both_exports_are_known_by_their_schemas(scores: Path) -> None:
    assert manifest.SCHEMA == MUSICGEN
    assert json.loads((scores / "export.json").read_text())["schema"] == SCORE
    assert [graph.name for graph in read_export(scores).graphs()] == ["standard.float16", "standard.float32"]


def test_a_folder_without_graphs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NothingToDoError, match=r"has no export.json"):
        read_export(tmp_path)
    describe(tmp_path, {"schema": MUSICGEN, "decoder": {"max_positions": 8}})
    with pytest.raises(NothingToDoError, match="no graph for TensorRT"):
        read_export(tmp_path).graphs()


def test_inputs_are_of_the_kind_that_is_served(songs: Path) -> None:
    export = read_export(songs)
    (step,) = export.graphs(["musicgen_standard.float32"])
    sizes = {name: profiles.at(axes, step.ranges, 2) for name, axes in step.inputs().items()}

    given = feeds(export, step, sizes)

    assert {name: list(values.shape) for name, values in given.items()} == sizes
    # The last of all codes is the start token's, and no row stands where the model has no position.
    assert (given["codes"].min(), given["codes"].max()) == (0, 64)
    assert (given["positions"][:, 1:] - given["positions"][:, :-1] == 1).all()
    assert given["positions"].min() >= 0
    assert given["positions"].max() < 320
    assert (given["cross_bias"][:, 0, 0, 0] == 0.0).all()
    assert all((values == feeds(export, step, sizes)[name]).all() for name, values in given.items())


@pytest.mark.parametrize("new", [1, 64])
def test_no_position_beyond_those_of_the_model_is_given_where_caches_are_rounded_up(tmp_path: Path, new: int) -> None:
    export = Export(tmp_path, {"schema": MUSICGEN, "decoder": {"max_positions": 200, "vocabulary": 8}})
    graph = Graph("musicgen_tensorrt.float32", tmp_path / "graph.onnx", {}, {})
    sizes = {"codes": [64, 4, new], "positions": [64, new], "last_position": [64], "past_key.0": [64, 2, 256, 8]}

    given = feeds(export, graph, sizes)

    assert given["positions"].min() >= 0
    assert 190 < given["positions"].max() < 200
    assert (given["last_position"] == given["positions"][:, -1]).all()


@pytest.mark.parametrize("new", [1, 64])
def test_nor_of_scores_whose_graph_counts_for_itself(tmp_path: Path, new: int) -> None:
    export = Export(tmp_path, {"schema": SCORE, "architecture": {"context": 200, "vocabulary": 8}})
    graph = Graph("tensorrt.float32", tmp_path / "graph.onnx", {}, {})

    given = feeds(export, graph, {"tokens": [64, new], "last_position": [64], "past_key.0": [64, 2, 256, 8]})

    assert given["last_position"].min() >= new - 1
    assert 190 < given["last_position"].max() < 200
