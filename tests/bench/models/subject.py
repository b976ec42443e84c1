"""What is measured: a random checkpoint of the shipped model's shape, its int8 graph, and its requests."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from model_export.decoder_graphs import products
from model_export.decoder_graphs.shared_caches import SharedCaches
from model_export.graph_writer import GraphWriter
from model_export.score.export import checkpoint, decoder, speed
from model_export.score.export.rotation import tables
from model_export.speed import fastest
from triton_models.generation_core.events import Chunk
from triton_models.generation_core.request import Boundaries, Request, Row, Sampling
from triton_models.generation_core.scheduler import Limits, Scheduler
from triton_models.step_graph.model import StepGraphModel, StepGraphSettings, open_step_graph

VOCABULARY, CONTEXT = 2048, 2048
PROMPT, TOKENS = 48, 160
# As many positions as a bar of the corpus has tokens, about.
BAR = 32
SAMPLING = Sampling(temperature=1.0, top_k=50, top_p=0.95)
SLOTS = 16
LIMITS = Limits(most_waiting=1_000)


def make_checkpoint(folder: Path) -> LlamaForCausalLM:
    """4.95 million random weights."""
    torch.manual_seed(0)
    sizes = LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=256,
        intermediate_size=704,
        num_hidden_layers=6,
        num_attention_heads=8,
        num_key_value_heads=4,
        max_position_embeddings=CONTEXT,
        tie_word_embeddings=True,
        eos_token_id=None,
        bos_token_id=None,
    )
    model = LlamaForCausalLM(sizes).eval()
    model.save_pretrained(folder)
    return model


def make_graphs(folder: Path) -> dict[str, Path]:
    """The two ways of int8, and float32."""
    source = checkpoint.load(folder)
    ways = {"int8 by row": products.row_int8, "int8 by block": products.block_int8, "float32": products.floating}
    made = {name: folder / f"{index}.onnx" for index, name in enumerate(ways)}
    for name, file in made.items():
        decoder.write(source, file, SharedCaches(tables(source.architecture)), ways[name], GraphWriter(np.float32))
    return made


def choose(graphs: dict[str, Path], folder: Path) -> tuple[str, dict[str, dict[str, float]]]:
    """The faster way of int8 here and now, and the milliseconds of every form."""
    took = speed.step_milliseconds(graphs, checkpoint.load(folder).architecture)
    return fastest({name: times for name, times in took.items() if name.startswith("int8")}), took


def opened(graph: Path, threads: int) -> StepGraphModel:
    return open_step_graph(graph, StepGraphSettings(SLOTS, threads))


def request(number: int, tokens: int = TOKENS) -> Request:
    prompt = np.random.default_rng(number).integers(0, VOCABULARY, (PROMPT, 1))
    bars = Boundaries(every=BAR)
    return Request(str(number), Row(prompt), tokens, seed=number, sampling=SAMPLING, boundaries=bars)


def serve(scheduler: Scheduler, requests: Iterable[Request]) -> dict[str, list[int]]:
    """All tokens by request, everything submitted at once."""
    made: dict[str, list[int]] = {}
    for each in requests:
        scheduler.submit(each)
    while not scheduler.idle:
        for event in scheduler.step():
            if isinstance(event, Chunk):
                made.setdefault(event.request_id, []).extend(event.tokens[:, 0].tolist())
    return made
