"""The two files by which a model and whoever talks to it agree on tokens: `conditioning.json` and `tokenizer.json`."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from triton_models.score_language import tokenizer
from triton_models.score_language.conditioning import TEXT_SIZE
from triton_models.score_language.consonance import Consonance
from triton_models.score_language.grammar import Grammar
from triton_models.score_language.tokenizer import ScoreTokenizer
from triton_models.score_language.vocabulary import Vocabulary

CONDITIONING: Final = "conditioning.json"
FILES: Final = (CONDITIONING, tokenizer.FILE)
_SCHEMA: Final = "cadenza.conditioning/1"


class LanguageInvalidError(ValueError):
    """A folder's tokens are not those of this version of the language; the text says what is wrong."""


@dataclass(frozen=True)
class Language:
    """Base tokens with the merges over them."""

    vocabulary: Vocabulary
    tokenizer: ScoreTokenizer

    @cached_property
    def grammar(self) -> Grammar:
        """Shared by all songs."""
        return Grammar(self.vocabulary, self.tokenizer)

    @cached_property
    def consonance(self) -> Consonance:
        """Shared by all songs."""
        return Consonance(self.vocabulary, self.tokenizer)

    def save(self, folder: Path) -> None:
        """Write both files."""
        text = json.dumps(_document(self.vocabulary), indent=2, ensure_ascii=False)
        (folder / CONDITIONING).write_text(text + "\n")
        self.tokenizer.save(folder)


def load(folder: Path) -> Language:
    """The language of a model; raises FileNotFoundError and LanguageInvalidError."""
    row = json.loads((folder / CONDITIONING).read_text())
    vocabulary = Vocabulary(tuple(row["genres"]), tuple(row["moods"]))
    if row["schema"] != _SCHEMA or tuple(row["tokens"]) != vocabulary.names:
        raise LanguageInvalidError(f"{CONDITIONING} was written by another version of the language")
    return Language(vocabulary, tokenizer.load(folder))


def _document(vocabulary: Vocabulary) -> dict[str, Any]:
    """Names of the base tokens by id, and what there is to wish for."""
    return {
        "schema": _SCHEMA,
        "text_size": TEXT_SIZE,
        "text_token": vocabulary.id("Text"),
        "genres": vocabulary.genres,
        "moods": vocabulary.moods,
        "tokens": vocabulary.names,
    }
