"""The grammars of plans and of blocks, as the scheduler asks for them: one token of one book at a time."""

from collections.abc import Sequence

from triton_models.generation_core.request import Mask
from triton_models.score_language.language import Language
from triton_models.score_language.parsing import Parser
from triton_models.score_language.planning import Planner


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

    @property
    def over(self) -> bool:
        """Whether the plan is complete."""
        return self.planner.phase == "done"


class BlockRules:
    """Of a block of bars."""

    def __init__(self, parser: Parser, language: Language) -> None:
        self.parser = parser
        self._language = language

    def legal(self) -> Mask:
        """See Rules."""
        return self._language.grammar.mask(self.parser)[None]

    def accept(self, tokens: Sequence[int]) -> None:
        """See Rules."""
        for base in self._language.tokenizer.expansions[tokens[0]]:
            self.parser.push(base)

    @property
    def over(self) -> bool:
        """Whether the block has ended, or has come to a return of what it cannot see: another window shows that."""
        return self.parser.finished or self.parser.out_of_sight
