"""Merging of what tracks play in a bar into longer tokens, and back: byte-pair encoding over base tokens.

Each base token is one character of Unicode's private use area, so that the file is an ordinary tokenizer of the
`tokenizers` library.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from tokenizers import Tokenizer

FILE: Final = "tokenizer.json"
_FIRST_CHARACTER: Final = 0xE000


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
