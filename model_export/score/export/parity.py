"""Stage `parity`: the float32 graphs against the reference; what the smaller forms lose against float32."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from model_export.score.export.checkpoint import Architecture
from model_export.score.export.decoding import Logits, Tokens, open_decoder
from model_export.score.export.reference import Reference
from model_export.sessions import session

SEED = 20
ROWS = 2
# Chunks of every kind: a long one, one that goes on behind it, single tokens.
CHUNKS = (17, 9, 1, 1, 6, 1)
COMPANY = 16


@dataclass(frozen=True)
class Loss:
    """Of a form against float32, over texts that float32 made: `kl` is mean nats per token; drifts are shares."""

    kl: float
    perplexity_drift: float
    same_token: float


def prompts(a: Architecture, rows: int, length: int) -> tuple[Tokens, Logits]:
    """Tokens [rows, length], beginning with the text's if the checkpoint takes one, and the texts' embeddings."""
    chance = np.random.default_rng(SEED)
    tokens = chance.integers(0, a.vocabulary, (rows, length))
    vectors = chance.normal(size=(rows, a.text)).astype(np.float32)
    if a.text:
        tokens[:, 0] = a.text_token
    return tokens, vectors


def largest_difference(file: Path, a: Architecture, reference: Reference) -> float:
    """Largest distance of a logit from the reference, with the prompt taken in in chunks."""
    tokens, vectors = prompts(a, ROWS, sum(CHUNKS))
    wanted = reference.logits(tokens, vectors)
    decoder = open_decoder(session(file), a, ROWS, vectors)
    ends = np.cumsum(CHUNKS)
    found = [decoder.take(tokens[:, end - count : end]) for count, end in zip(CHUNKS, ends, strict=True)]
    return float(max(np.abs(logits - wanted[:, end - 1]).max() for logits, end in zip(found, ends, strict=True)))


@dataclass(frozen=True)
class Greedy:
    """Steps at which the graph's likeliest token is the reference's, behind the reference's own tokens.

    `undecided` are the others at which the reference's two best are closer than rounding may move them.
    """

    steps: int
    same: int
    undecided: int


def greedy(
    runner: onnxruntime.InferenceSession, a: Architecture, path: tuple[Tokens, Logits], rounding: float
) -> Greedy:
    """Follow what Reference.greedy made of the same prompt; `rounding` is how close two logits may come."""
    tokens, vectors = prompts(a, ROWS, CHUNKS[0])
    decoder = open_decoder(runner, a, ROWS, vectors)
    logits, same, close = decoder.take(tokens), 0, 0
    for likeliest, lead in zip(path[0].T, path[1].T, strict=True):
        agrees = logits.argmax(axis=1) == likeliest
        same += int(agrees.all())
        close += int(not agrees.all() and (agrees | (lead <= rounding)).all())
        logits = decoder.take(likeliest[:, None])
    return Greedy(path[0].shape[1], same, close)


def texts(runner: onnxruntime.InferenceSession, a: Architecture, rows: int, length: int) -> Tokens:
    """[rows, length] drawn from the float32 graph, so that its perplexity on them means something."""
    tokens, vectors = prompts(a, rows, 2)
    decoder, made, chance = open_decoder(runner, a, rows, vectors), list(tokens.T), np.random.default_rng(SEED)
    logits = decoder.take(tokens)
    while len(made) < length:
        noise = -np.log(-np.log(chance.random(logits.shape)))
        made.append((logits + noise).argmax(axis=1))
        logits = decoder.take(made[-1][:, None])
    return np.stack(made, axis=1)


def log_probabilities(runner: onnxruntime.InferenceSession, a: Architecture, read: Tokens) -> NDArray[np.float64]:
    """[rows, n - 1, vocabulary]: of what may follow each token but the last."""
    _, vectors = prompts(a, len(read), 2)
    decoder = open_decoder(runner, a, len(read), vectors)
    logits = [decoder.take(read[:, place : place + 1]) for place in range(read.shape[1] - 1)]
    found = np.stack(logits, axis=1).astype(np.float64)
    found -= found.max(axis=2, keepdims=True)
    normalised: NDArray[np.float64] = found - np.log(np.exp(found).sum(axis=2, keepdims=True))
    return normalised


def loss(form: Path, read: Tokens, wanted: NDArray[np.float64], a: Architecture) -> Loss:
    """How far a form is from `wanted`, the float32 graph's log probabilities of `read`."""
    found = log_probabilities(session(form), a, read)
    chosen = read[:, 1:, None]
    surprise = [-np.take_along_axis(values, chosen, axis=2).mean() for values in (wanted, found)]
    return Loss(
        kl=float((np.exp(wanted) * (wanted - found)).sum(axis=2).mean()),
        perplexity_drift=float(np.exp(surprise[1] - surprise[0]) - 1.0),
        same_token=float((wanted.argmax(axis=2) == found.argmax(axis=2)).mean()),
    )


def company_difference(file: Path, a: Architecture) -> float:
    """Largest distance of a row's logits alone from those among fifteen others; 0.0 means bit for bit the same."""
    runner = session(file, threads=2)
    tokens, vectors = prompts(a, COMPANY, 12)
    together = open_decoder(runner, a, COMPANY, vectors)
    wanted = [together.take(tokens[:, place : place + 1]) for place in range(tokens.shape[1])]
    worst = 0.0
    for row in range(COMPANY):
        alone = open_decoder(runner, a, 1, vectors[row : row + 1])
        for place, logits in enumerate(wanted):
            found = alone.take(tokens[row : row + 1, place : place + 1])
            worst = max(worst, float(np.abs(found[0] - logits[row]).max()))
    return worst
