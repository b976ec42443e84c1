"""One request that has its slots: what it has made so far, and when its stream is cut and its end is reached."""

from collections.abc import Sequence

import numpy as np

from triton_models.generation_core.events import Chunk, Outcome
from triton_models.generation_core.model import Tokens
from triton_models.generation_core.request import Request
from triton_models.generation_core.uniforms import uniforms


class Active:
    """`slots` are those of the request's rows, in their order. `taken` counts positions taken in, per row."""

    def __init__(self, request: Request, slots: tuple[int, ...], books: int, admitted: float) -> None:
        self.request = request
        self.slots = slots
        self.admitted = admitted
        self.taken = [0] * len(slots)
        self.made = 0
        self.boundary_seen = False
        self.outcome: Outcome | None = None
        self.uniforms = uniforms(request.seed, request.max_tokens, books)
        self._held: list[Sequence[int]] = []
        self._last: Sequence[int] | None = None

    def unread(self) -> int | None:
        """The row whose prompt is still to be taken in, but for its last position: that is for the first step."""
        for index, row in enumerate(self.request.rows):
            if self.taken[index] < len(row.prompt) - 1:
                return index
        return None

    def next_chunk(self, index: int, longest: int) -> Tokens:
        """What of a row's prompt is to be taken in next. Its cuts depend on the prompt alone, and so do the results."""
        prompt = self.request.rows[index].prompt
        start = self.taken[index]
        return prompt[start : min(start + longest, len(prompt) - 1)]

    def upcoming(self, index: int) -> Sequence[int]:
        """What a row takes in at the next step, one token per book: what was drawn, or the end of its prompt."""
        if self._last is not None:
            return self._last
        ends: list[int] = self.request.rows[index].prompt[-1].tolist()
        return ends

    @property
    def unused_cost(self) -> float:
        """Positions that were charged and never worked through."""
        return self.request.cost - sum(self.taken)

    def accept(self, tokens: Sequence[int]) -> list[Chunk]:
        """The next tokens, one per book; returns the chunks that they complete and sets `outcome` at the end."""
        request = self.request
        boundaries = request.boundaries
        at_boundary = tokens[0] in boundaries.tokens
        chunks = self._cut() if at_boundary and boundaries.opening else []
        self._held.append(tokens)
        self._last = tokens
        self.made += 1
        closing = at_boundary and not boundaries.opening
        if closing or (boundaries.every and self.made % boundaries.every == 0):
            chunks += self._cut()
        if tokens[0] in request.stop_tokens or (request.stop is not None and request.stop.ends_with(tokens)):
            self.outcome = Outcome.STOPPED
        elif self.made == request.max_tokens:
            self.outcome = Outcome.LENGTH
        if self.outcome is not None:
            chunks += self._cut()
        return chunks

    def _cut(self) -> list[Chunk]:
        if not self._held:
            return []
        tokens = np.array(self._held, dtype=np.int64)
        self._held.clear()
        return [Chunk(self.request.request_id, self.made - len(tokens), tokens)]
