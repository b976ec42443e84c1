"""Measuring a document before anything walks it: linear in its text, and each fragment is measured once."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionSetNode,
)
from graphql.language import Node

from graphql_api.core.policy import DocumentLimits
from graphql_api.core.refusals import DocumentTooComplex

# Counts double with every level of fragments; beyond this they only say "far too much", and fit any JSON reader.
ENDLESS = 10**9
OPENING = frozenset("{[(")
CLOSING = frozenset("}])")

# A string without an end runs to the end of the text, so that every character is looked at once.
_TOKEN = re.compile(
    r'"""(?:[^"\\]|\\"""|\\|"(?!""))*+(?:"""|\Z)'
    r'|"(?:[^"\\\n\r]|\\.)*+"?'
    r"|#[^\n\r]*+"
    r"|\.{3}|-?\w++(?:\.\d++)?"
    r"|[^\s,\ufeff]"
)

Fragments = Mapping[str, FragmentDefinitionNode]


@dataclass(frozen=True, slots=True)
class Measure:
    """What a selection set amounts to when all its fragments are written out."""

    depth: int = 0
    nodes: int = 0
    aliases: int = 0
    directives: int = 0

    def beside(self, other: "Measure") -> "Measure":
        return Measure(
            max(self.depth, other.depth),
            min(self.nodes + other.nodes, ENDLESS),
            min(self.aliases + other.aliases, ENDLESS),
            min(self.directives + other.directives, ENDLESS),
        )


def check_text(text: str, limits: DocumentLimits) -> None:
    """Raises `DocumentTooComplex` for too many tokens (comments count) or too deep brackets."""
    nesting = 0
    for tokens, match in enumerate(_TOKEN.finditer(text), start=1):
        if tokens > limits.tokens:
            raise DocumentTooComplex("tokens", limits.tokens, tokens)
        found = match.group()
        if found in OPENING:
            nesting += 1
            if nesting > limits.nesting:
                raise DocumentTooComplex("nesting", limits.nesting, nesting)
        elif found in CLOSING:
            nesting -= 1


def check_document(document: DocumentNode, limits: DocumentLimits) -> None:
    """Raises `DocumentTooComplex`, counting all operations together. Fragments must be unique and without a cycle."""
    fragments = fragments_of(document)
    _hold("fragments", limits.fragments, len(fragments))
    measures: dict[str, Measure] = {}
    for name in dependencies_first(fragments):
        measures[name] = _measure(fragments[name].selection_set, measures, len(fragments[name].directives or ()))
    # Validation also walks fragments that no operation spreads.
    spread = {name for definition in document.definitions for name in _spreads_of(definition)}
    total = Measure()
    for operation in _operations(document):
        total = total.beside(_measure(operation.selection_set, measures, _directives_around(operation)))
    for name in fragments.keys() - spread:
        total = total.beside(measures[name])
    _hold("depth", limits.depth, total.depth)
    _hold("nodes", limits.nodes, total.nodes)
    _hold("aliases", limits.aliases, total.aliases)
    _hold("directives", limits.directives, total.directives)
    roots = [root.selection_set for root in _operations(document)]
    roots += [fragments[name].selection_set for name in fragments.keys() - spread]
    _hold("repeats", limits.repeats, sum(_repeats([root], fragments, limits.repeats) for root in roots))


def has_broken_fragments(document: DocumentNode) -> bool:
    """Whether two fragments share a name, or some fragment spreads itself in the end: then nothing can be measured."""
    fragments = fragments_of(document)
    if len(fragments) < sum(isinstance(found, FragmentDefinitionNode) for found in document.definitions):
        return True
    place = {name: number for number, name in enumerate(dependencies_first(fragments))}
    return any(
        place.get(other, -1) >= place[name] for name, fragment in fragments.items() for other in _spreads_of(fragment)
    )


def fragments_of(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    return {found.name.value: found for found in document.definitions if isinstance(found, FragmentDefinitionNode)}


def dependencies_first(fragments: Fragments) -> list[str]:
    """The fragments' names, each behind those that it spreads; without recursion, as chains may be long."""
    spread = {name: list(_spreads_of(fragment)) for name, fragment in fragments.items()}
    order: list[str] = []
    entered: set[str] = set()
    for root in fragments:
        waiting = [(root, False)]
        while waiting:
            name, is_left = waiting.pop()
            if is_left:
                order.append(name)
            elif name in fragments and name not in entered:
                entered.add(name)
                waiting.append((name, True))
                waiting.extend((other, False) for other in spread[name])
    return order


def _operations(document: DocumentNode) -> list[OperationDefinitionNode]:
    return [found for found in document.definitions if isinstance(found, OperationDefinitionNode)]


def _spreads_of(node: Node) -> Iterator[str]:
    """The names of the fragments that are spread anywhere below."""
    below: SelectionSetNode | None = getattr(node, "selection_set", None)
    for selection in below.selections if below else ():
        if isinstance(selection, FragmentSpreadNode):
            yield selection.name.value
        else:
            yield from _spreads_of(selection)


def _measure(selection_set: SelectionSetNode, known: Mapping[str, Measure], directives: int = 0) -> Measure:
    total = Measure(directives=directives)
    for selection in selection_set.selections:
        own = Measure(nodes=1, directives=len(selection.directives or ()))
        if isinstance(selection, FragmentSpreadNode):
            inner = known.get(selection.name.value, Measure())
        else:
            below: SelectionSetNode | None = getattr(selection, "selection_set", None)
            inner = Measure() if below is None else _measure(below, known)
        if isinstance(selection, FieldNode):
            own = Measure(inner.depth + 1, 1, int(selection.alias is not None), own.directives)
        total = total.beside(own).beside(inner)
    return total


def _directives_around(operation: OperationDefinitionNode) -> int:
    around: list[Node] = [operation, *(operation.variable_definitions or ())]
    return sum(len(getattr(node, "directives", None) or ()) for node in around)


def _hold(limit: str, bound: int, value: int) -> None:
    if value > bound:
        raise DocumentTooComplex(limit, bound, value)


def _repeats(sets: list[SelectionSetNode], fragments: Fragments, bound: int) -> int:
    """Pairs of fields with one response name in one place, fragments written out; stops counting above the bound."""
    places: dict[str, list[FieldNode]] = {}
    for field in (field for selection_set in sets for field in _fields(selection_set, fragments, ())):
        name = (field.alias or field.name).value
        places.setdefault(name, []).append(field)
    total = 0
    for fields in places.values():
        total += len(fields) * (len(fields) - 1) // 2
        below = [field.selection_set for field in fields if field.selection_set is not None]
        if total > bound:
            break
        if below:
            total += _repeats(below, fragments, bound - total)
    return total


def _fields(selection_set: SelectionSetNode, fragments: Fragments, inside: tuple[str, ...]) -> Iterator[FieldNode]:
    for selection in selection_set.selections:
        if isinstance(selection, FieldNode):
            yield selection
        elif isinstance(selection, FragmentSpreadNode):
            name = selection.name.value
            if name in fragments and name not in inside:
                yield from _fields(fragments[name].selection_set, fragments, (*inside, name))
        elif (inner := getattr(selection, "selection_set", None)) is not None:
            yield from _fields(inner, fragments, inside)
