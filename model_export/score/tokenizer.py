"""Merging of what tracks play in a bar into longer tokens: byte-pair encoding over base tokens, trained on a corpus.

Each base token is one character of Unicode's private use area, so that the file is an ordinary tokenizer of the
`tokenizers` library.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from tokenizers import Tokenizer
from tokenizers.models import BPE
from tokenizers.trainers import BpeTrainer

from model_export.score.vocabulary import Vocabulary

FILE: Final = "tokenizer.json"
VOCABULARY_SIZE: Final = 2048
_FIRST_CHARACTER: Final = 0xE000
_LONGEST: Final = 32  # base tokens in one token
_LEAST_OFTEN: Final = 8


def as_text(base: Iterable[int]) -> str:
    """Base tokens as characters."""
    return "".join(chr(_FIRST_CHARACTER + token) for token in base)


def as_base(text: str) -> tuple[int, ...]:
    """Characters as base tokens."""
    return tuple(ord(character) - _FIRST_CHARACTER for character in text)


class ScoreTokenizer:
    """Base tokens keep their ids; merged ones follow in the order in which they were learned."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        texts = {token: text for text, token in tokenizer.get_vocab().items()}
        self.expansions: Final = tuple(as_base(texts[token]) for token in range(len(texts)))

    def __len__(self) -> int:
        return len(self.expansions)

    def encode(self, rows: Sequence[Sequence[int]]) -> list[tuple[int, ...]]:
        """Each row of base tokens as few tokens."""
        return [tuple(row.ids) for row in self._tokenizer.encode_batch_fast([as_text(row) for row in rows])]

    def expand(self, tokens: Iterable[int]) -> list[int]:
        """The base tokens that the tokens stand for."""
        return [base for token in tokens for base in self.expansions[token]]

    def save(self, folder: Path) -> None:
        """Write `tokenizer.json`."""
        self._tokenizer.save(str(folder / FILE))


def load(folder: Path) -> ScoreTokenizer:
    """The tokenizer of a checkpoint or corpus; raises FileNotFoundError."""
    if not (folder / FILE).is_file():
        raise FileNotFoundError(folder / FILE)
    return ScoreTokenizer(Tokenizer.from_file(str(folder / FILE)))


def train(vocabulary: Vocabulary, rows: Iterable[Sequence[int]], size: int = VOCABULARY_SIZE) -> ScoreTokenizer:
    """Learn merges from rows of base tokens, until there are `size` tokens or no pair is met 8 times."""
    trainer = BpeTrainer(
        vocab_size=size,
        min_frequency=_LEAST_OFTEN,
        initial_alphabet=[as_text([token]) for token in range(len(vocabulary))],
        max_token_length=_LONGEST,
        show_progress=False,
    )
    learner = Tokenizer(BPE())
    learner.train_from_iterator(map(as_text, rows), trainer)
    return ScoreTokenizer(Tokenizer(_with_own_ids(vocabulary, _merges(learner))))


def _merges(learner: Tokenizer) -> list[tuple[str, str]]:
    model: dict[str, Any] = json.loads(learner.to_str())["model"]
    return [(first, second) for first, second in model["merges"]]


def _with_own_ids(vocabulary: Vocabulary, merges: Sequence[tuple[str, str]]) -> BPE:
    """The library numbers its alphabet by itself; here base tokens have the ids of the vocabulary."""
    numbers = {as_text([token]): token for token in range(len(vocabulary))}
    for first, second in merges:
        numbers.setdefault(first + second, len(numbers))
    return BPE(vocab=numbers, merges=list(merges))
