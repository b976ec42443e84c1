"""The rows that make a token in this step, as arrays. Built anew only when a request joins or leaves."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from triton_models.generation_core.active import Active
from triton_models.generation_core.errors import GrammarFaultError, ModelFaultError
from triton_models.generation_core.model import Logits, StepModel, Tokens
from triton_models.generation_core.sampling import Settings, draw

Drawn = NDArray[np.int64]


class Batch:
    """The conditional rows come first, in the order of `members`; the unconditional ones behind them."""

    def __init__(self, members: Sequence[Active], books: int) -> None:
        self.members = list(members)
        self._books = books
        pairs = [index for index, member in enumerate(members) if len(member.slots) == 2]
        owners = [*range(len(members)), *pairs]
        rows = [*((index, 0) for index in range(len(members))), *((index, 1) for index in pairs)]
        self._slots = np.array([members[index].slots[row] for index, row in rows], dtype=np.int64)
        self._positions = np.array([members[index].taken[row] for index, row in rows], dtype=np.int64)
        self._owners = np.array(owners, dtype=np.int64)
        self._pairs = np.array(pairs, dtype=np.int64)
        self._guidance = np.array([members[index].request.guidance for index in pairs], np.float32)[:, None, None]
        ruled = [member.request.grammar is not None or member.request.leaning is not None for member in members]
        self._ruled = [index for index, rules in enumerate(ruled) if rules]
        samplings = [member.request.sampling for member in members]
        self._settings = Settings(
            np.repeat(np.array([each.temperature for each in samplings], np.float32), books),
            np.repeat(np.array([each.top_k for each in samplings], np.int64), books),
            np.repeat(np.array([each.top_p for each in samplings], np.float64), books),
        )
        self._tokens = self._prompt_ends()

    def _prompt_ends(self) -> Tokens:
        """What each row takes in next: the last token of its prompt, or the last one that was drawn."""
        rows = [(self.members[owner], int(place >= len(self.members))) for place, owner in enumerate(self._owners)]
        return np.array([member.upcoming(row) for member, row in rows], dtype=np.int64).reshape(-1, self._books)

    def logits(self, model: StepModel) -> Logits:
        """[members, books, vocabulary] after guidance; whatever the model raises."""
        logits = model.step(self._slots, self._tokens, self._positions)
        count = len(self.members)
        if not len(self._pairs):
            return logits
        guided = logits[:count].copy()
        without = logits[count:]
        guided[self._pairs] = without + self._guidance * (guided[self._pairs] - without)
        return guided

    def draw(self, logits: Logits) -> tuple[Drawn, dict[int, ModelFaultError | GrammarFaultError]]:
        """Tokens [members, books], and by member why its tokens are void."""
        count, books, vocabulary = logits.shape
        faults: dict[int, ModelFaultError | GrammarFaultError] = {}
        # The largest value is not finite if any of them is infinite or no number.
        for index in np.flatnonzero(~np.isfinite(logits.max(axis=(1, 2)))).tolist():
            faults[index] = ModelFaultError("the logits are no numbers")
        logits = self._masked(logits, faults)
        if faults:
            logits = logits.copy()
            logits[list(faults)] = 0.0
        chances = np.array([member.uniforms[member.made] for member in self.members]).reshape(count * books)
        tokens = draw(logits.reshape(count * books, vocabulary), self._settings, chances)
        return tokens.reshape(count, books), faults

    def _masked(self, logits: Logits, faults: dict[int, ModelFaultError | GrammarFaultError]) -> Logits:
        if not self._ruled:
            return logits
        masked = logits.copy()
        for index in self._ruled:
            try:
                self._lean(masked[index], index)
                self._mask(masked[index], index)
            except Exception as error:
                fault = error if isinstance(error, GrammarFaultError) else GrammarFaultError(repr(error))
                faults.setdefault(index, fault)
        return masked

    def _lean(self, logits: Logits, index: int) -> None:
        leaning = self.members[index].request.leaning
        offsets = leaning.offsets() if leaning is not None else None
        if offsets is not None:
            logits += offsets

    def _mask(self, logits: Logits, index: int) -> None:
        grammar = self.members[index].request.grammar
        mask = grammar.legal() if grammar is not None else None
        if mask is None:
            return
        logits[~mask] = -np.inf
        if not np.isfinite(logits.max(axis=1)).all():
            raise GrammarFaultError("no token is legal")

    def advance(self, tokens: Drawn) -> None:
        """These were drawn: every row takes its own in next, one position further."""
        self._tokens = tokens[self._owners]
        self._positions = self._positions + 1
        for member in self.members:
            member.taken = [taken + 1 for taken in member.taken]
