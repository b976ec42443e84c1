"""Stage `parity`: the decoder's graphs against transformers; what the smaller forms lose against float32."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from model_export.musicgen.config import DecoderConfig, MusicGenConfig
from model_export.musicgen.decoder_runs import Codes, Cross, CrossGraph, Logits, PrefixGraph, StepGraph, count_of
from model_export.musicgen.reference import Greedy, Reference
from triton_models.code_books.delay_pattern import DelayPattern, settled

SEED: Final = 20
WORDS: Final = 9
# Chunks of every kind: a long one, one that goes on behind it, single frames.
CHUNKS: Final = (17, 9, 1, 1, 6, 1)
COMPANY: Final = 16
COMPANY_STEPS: Final = 12


@dataclass(frozen=True)
class Texts:
    """Random words [rows, WORDS] and which of them count, 1 or 0: all, some, none, and so on.

    `chroma` [rows, length, classes] are random melodies of checkpoints that hear them, of rows without words none.
    """

    words: Codes
    mask: Codes
    chroma: Logits | None = None

    def alone(self) -> "Texts":
        """The first row, by its words only."""
        return Texts(self.words[:1], self.mask[:1], None if self.chroma is None else no_melody(self.chroma[:1]))


@dataclass(frozen=True)
class Difference:
    """Largest distances from the reference."""

    hidden: float
    logits: float

    @property
    def largest(self) -> float:
        return max(self.hidden, self.logits)


@dataclass(frozen=True)
class Followed:
    """Steps at which the graph's likeliest codes are the reference's, behind the reference's own codes.

    `undecided` are the others at which the reference's two best are closer than rounding may move them.
    """

    steps: int
    same: int
    undecided: int


@dataclass(frozen=True)
class Loss:
    """Of a form against float32, behind codes that float32 drew: `kl` is mean nats a code, `same_code` a share."""

    kl: float
    same_code: float


def texts(config: MusicGenConfig, rows: int) -> Texts:
    """The same for every call."""
    chance = np.random.default_rng(SEED)
    words = chance.integers(0, config.text.vocabulary, (rows, WORDS))
    shown = np.array([WORDS, WORDS // 2, 0])[np.arange(rows) % 3]
    mask, melody = (np.arange(WORDS) < shown[:, None]).astype(np.int64), config.melody
    if melody is None:
        return Texts(words, mask)
    chroma = np.eye(melody.chroma, dtype=np.float32)[chance.integers(0, melody.chroma, (rows, melody.length))]
    return Texts(words, mask, np.where(shown[:, None, None] > 0, chroma, no_melody(chroma)))


def prefix_length(config: MusicGenConfig) -> int:
    """Positions before the codes of `texts`."""
    return 0 if config.melody is None else config.melody.length + WORDS


def no_melody(chroma: Logits) -> Logits:
    """What stands for none, in the shape of one: the first class everywhere, as transformers has it."""
    none = np.zeros_like(chroma)
    none[..., 0] = 1.0
    return none


def conditions(file: Path, states: Logits, mask: Codes, chroma: Logits | None) -> Cross:
    """What the graph in `file` makes of texts and melodies, for the step graph of its kind."""
    return CrossGraph(file).run(states, mask) if chroma is None else PrefixGraph(file).run(states, mask, chroma)


def guided(given: Logits, guidance: float) -> Logits:
    """[books, vocabulary] of two rows, with and without the text (Ho & Salimans 2022)."""
    mixed: Logits = given[1] + np.float32(guidance) * (given[0] - given[1])
    return mixed


def largest_difference(step: Path, cross: Path, d: DecoderConfig, reference: Reference, given: Texts) -> Difference:
    """Of states and logits, with random codes taken in in chunks."""
    states = reference.states(given.words, np.ones_like(given.mask))
    codes = np.random.default_rng(SEED).integers(0, d.vocabulary + 1, (len(states), d.books, sum(CHUNKS)))
    hidden, logits = reference.decode(states, given.mask, codes, given.chroma)
    rows = StepGraph(step, d).begin(conditions(cross, states, given.mask, given.chroma), sum(CHUNKS))
    worst = Difference(0.0, 0.0)
    for count, end in zip(CHUNKS, np.cumsum(CHUNKS), strict=True):
        found = rows.take(codes[:, :, end - count : end])
        apart = [np.abs(found.hidden - hidden[:, end - 1]).max(), np.abs(found.logits - logits[:, :, end - 1]).max()]
        worst = Difference(max(worst.hidden, float(apart[0])), max(worst.logits, float(apart[1])))
    return worst


def guided_texts(cross: Path, reference: Reference, given: Texts) -> Cross:
    """Two rows for guidance: the first of the texts, and none."""
    states = reference.states(given.words[:1], given.mask[:1])
    none = np.zeros_like(given.mask[:1])
    heard = None if given.chroma is None else np.concatenate([given.chroma[:1], no_melody(given.chroma[:1])])
    return conditions(cross, np.concatenate([states, 0 * states]), np.concatenate([given.mask[:1], none]), heard)


def follow(step: Path, d: DecoderConfig, cross: Cross, path: Greedy, guidance: float, rounding: float) -> Followed:
    """Step by step along what the reference chose; `rounding` is how close two guided logits may come."""
    steps = path.codes.shape[1]
    pattern = DelayPattern(d.books, d.audio_channels, d.start_token)
    spread = pattern.spread(np.zeros((d.books, 0), np.int64), steps - pattern.longest)
    rows = StepGraph(step, d).begin(cross, steps)
    same = close = 0
    codes = spread[:, 0]
    for place in range(steps):
        logits = rows.take(np.repeat(codes[None, :, None], 2, axis=0)).logits
        wanted, lead = path.codes[:, place], path.leads[:, place]
        agrees = guided(logits, guidance).argmax(axis=1) == wanted
        same += int(agrees.all())
        close += int(not agrees.all() and bool((agrees | (lead <= rounding)).all()))
        codes = settled(spread[:, place + 1], wanted)
    return Followed(steps, same, close)


def drawn(step: Path, d: DecoderConfig, cross: Cross, steps: int) -> tuple[Codes, Logits]:
    """Codes [rows, books, steps] drawn from a graph's own logits [steps, rows, books, vocabulary]."""
    rows, chance = StepGraph(step, d).begin(cross, steps), np.random.default_rng(SEED)
    codes = [np.full((count_of(cross), d.books), d.start_token)]
    logits = []
    for _ in range(steps):
        logits.append(rows.take(codes[-1][:, :, None]).logits)
        noise = -np.log(-np.log(chance.random(logits[-1].shape)))
        codes.append((logits[-1] + noise).argmax(axis=2))
    return np.stack(codes[:-1], axis=2), np.stack(logits)


def loss(form: Path, d: DecoderConfig, cross: Cross, read: tuple[Codes, Logits]) -> Loss:
    """How far a form is from float32 behind what `drawn` made of that."""
    codes, float32 = read
    rows = StepGraph(form, d).begin(cross, codes.shape[2])
    mine = np.stack([rows.take(codes[:, :, place : place + 1]).logits for place in range(codes.shape[2])])
    wanted, found = _log_probabilities(float32), _log_probabilities(mine)
    kl = float((np.exp(wanted) * (wanted - found)).sum(axis=-1).mean())
    return Loss(kl, float((float32.argmax(axis=-1) == mine.argmax(axis=-1)).mean()))


def company_difference(form: Path, d: DecoderConfig, cross: Cross) -> float:
    """Largest distance of a row's logits alone from those among others; 0.0 means bit for bit the same."""
    graph, count = StepGraph(form, d), count_of(cross)
    codes = np.random.default_rng(SEED).integers(0, d.vocabulary, (count, d.books, COMPANY_STEPS))
    together = graph.begin(cross, COMPANY_STEPS)
    wanted = [together.take(codes[:, :, place : place + 1]).logits for place in range(COMPANY_STEPS)]
    worst = 0.0
    for row in range(count):
        alone = graph.begin({name: values[row : row + 1] for name, values in cross.items()}, COMPANY_STEPS)
        for place, logits in enumerate(wanted):
            found = alone.take(codes[row : row + 1, :, place : place + 1]).logits
            worst = max(worst, float(np.abs(found[0] - logits[row]).max()))
    return worst


def _log_probabilities(logits: Logits) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    wide = logits.astype(np.float64)
    wide -= wide.max(axis=-1, keepdims=True)
    made: np.ndarray[tuple[int, ...], np.dtype[np.float64]] = wide - np.log(np.exp(wide).sum(axis=-1, keepdims=True))
    return made
