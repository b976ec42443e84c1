"""The grammars of plans and of blocks, as the scheduler asks for them: one token of one book at a time."""

from collections.abc import Sequence
from dataclasses import replace

from triton_models.generation_core.request import Mask
from triton_models.score_language.consonance import Costs
from triton_models.score_language.language import Language
from triton_models.score_language.parsing import Parser
from triton_models.score_language.planning import Planner
from triton_models.score_writer import bands
from triton_models.score_writer.leaning import Leaning, offsets_of


class PlanRules:
    """Of the plan, which stands ahead of the first bar."""

    def __init__(self, planner: Planner) -> None:
        self.planner = planner

    def legal(self) -> Mask:
        """See Rules."""
        return self.planner.mask()[None]

    def accept(self, tokens: Sequence[int]) -> None:
        """See Rules."""
        self.planner.push(tokens[0])

    def offsets(self, leaning: Leaning) -> Costs | None:
        """See Rules."""
        return bands.offsets_of(self.planner, leaning.band)

    @property
    def over(self) -> bool:
        """Whether the plan is complete."""
        return self.planner.phase == "done"


class BlockRules:
    """Of a block of bars; sections that come again lean to how they were first where they are `returning`."""

    def __init__(self, parser: Parser, language: Language, *, returning: bool) -> None:
        self.parser = parser
        self._language = language
        self._returning = returning

    def legal(self) -> Mask:
        """See Rules."""
        return self._language.grammar.mask(self.parser)[None]

    def accept(self, tokens: Sequence[int]) -> None:
        """See Rules."""
        for base in self._language.tokenizer.expansions[tokens[0]]:
            self.parser.push(base)

    def offsets(self, leaning: Leaning) -> Costs | None:
        """See Rules."""
        return offsets_of(self.parser, self._language, leaning if self._returning else replace(leaning, returns=0.0))

    @property
    def over(self) -> bool:
        """Whether the block has ended, or has come to a return of what it cannot see: another window shows that."""
        return self.parser.finished or self.parser.out_of_sight
