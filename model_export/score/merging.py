"""Learning of the merges that a tokenizer applies: byte-pair encoding over base tokens, from a corpus."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from tokenizers import Tokenizer
from tokenizers.models import BPE
from tokenizers.trainers import BpeTrainer

from triton_models.score_language.tokenizer import ScoreTokenizer, as_text
from triton_models.score_language.vocabulary import Vocabulary

VOCABULARY_SIZE: Final = 2048
_LONGEST: Final = 32  # base tokens in one token
_LEAST_OFTEN: Final = 8


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
