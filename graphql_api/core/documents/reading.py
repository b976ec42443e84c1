"""From a document's text to what can be executed: measured, parsed, validated, priced, and kept for the next time."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    parse,
    specified_rules,
    validate,
)
from graphql.validation import NoFragmentCyclesRule, UniqueFragmentNamesRule
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from graphql_api.core.documents.limits import check_document, check_text, has_broken_fragments
from graphql_api.core.documents.prices import Cost, PriceList
from graphql_api.core.policy import LONGEST_KEPT, DocumentLimits
from graphql_api.core.refusals import DocumentInvalid

# Each may print the value that is wrong, however long it is.
MAX_ERRORS = 5
RULES = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)
# Without these two nothing that follows fragments comes to an end.
FRAGMENT_RULES = (UniqueFragmentNamesRule, NoFragmentCyclesRule)


@dataclass(frozen=True, eq=False)
class Operation:
    """One operation of a valid document. `introspects` when it asks for the schema itself."""

    document: DocumentNode
    node: OperationDefinitionNode
    name: str | None
    type: OperationType
    cost: Cost
    introspects: bool


@dataclass(frozen=True)
class Document:
    """A valid document. `digest` is the SHA-256 of its exact text, in hexadecimal."""

    digest: str
    operations: Mapping[str | None, Operation]

    def operation(self, name: str | None) -> Operation:
        """Raises `DocumentInvalid` when the name, or the lack of one, does not lead to one operation."""
        if name is None and len(self.operations) == 1:
            return next(iter(self.operations.values()))
        if name is None:
            raise DocumentInvalid([GraphQLError("Must provide operation name if query contains multiple operations.")])
        if name not in self.operations:
            raise DocumentInvalid([GraphQLError(f"Unknown operation named '{name}'.")])
        return self.operations[name]


class Documents:
    """Valid documents are kept, those used last, up to a number; the others are cheap to refuse again."""

    def __init__(
        self, schema: GraphQLSchema, prices: PriceList, limits: DocumentLimits, kept: int, longest: int = LONGEST_KEPT
    ) -> None:
        """`kept` is how many, none of more than `longest` characters."""
        self._longest = longest
        self._schema = schema
        self._prices = prices
        self._limits = limits
        self._kept = kept
        self._documents: OrderedDict[str, Document] = OrderedDict()

    @property
    def limits(self) -> DocumentLimits:
        return self._limits

    def known(self, text: str) -> Document | None:
        """The document, when it was read before and is still kept."""
        return self.by_digest(_digest(text))

    def by_digest(self, digest: str) -> Document | None:
        """The same, for who knows the SHA-256 of the text."""
        document = self._documents.get(digest)
        if document is not None:
            self._documents.move_to_end(digest)
        return document

    def read(self, text: str, *, hide_suggestions: bool = False) -> Document:
        """Raises `DocumentTooComplex` and `DocumentInvalid`."""
        if (known := self.known(text)) is not None:
            return known
        document = self._read(text, hide_suggestions=hide_suggestions)
        if len(text) <= self._longest:
            self._documents[document.digest] = document
            if len(self._documents) > self._kept:
                self._documents.popitem(last=False)
        return document

    def _read(self, text: str, *, hide_suggestions: bool) -> Document:
        check_text(text, self._limits)
        try:
            parsed = parse(text)
        except GraphQLError as error:
            raise DocumentInvalid([error]) from error
        if has_broken_fragments(parsed):
            self._validate(parsed, FRAGMENT_RULES, hide_suggestions=hide_suggestions)
        check_document(parsed, self._limits)
        self._validate(parsed, RULES, hide_suggestions=hide_suggestions)
        costs = self._prices.costs(parsed)
        return Document(_digest(text), {name: _operation(parsed, name, costs[name]) for name in costs})

    def _validate(self, document: DocumentNode, rules: tuple[type, ...], *, hide_suggestions: bool) -> None:
        errors = validate(self._schema, document, rules, max_errors=MAX_ERRORS, hide_suggestions=hide_suggestions)
        if errors:
            raise DocumentInvalid(errors)


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _operation(document: DocumentNode, name: str | None, cost: Cost) -> Operation:
    node = next(
        found
        for found in document.definitions
        if isinstance(found, OperationDefinitionNode) and (found.name.value if found.name else None) == name
    )
    return Operation(document, node, name, node.operation, cost, _introspects(document))


def _introspects(document: DocumentNode) -> bool:
    """Whether any part of the document asks for the schema."""
    waiting = [found.selection_set for found in document.definitions if hasattr(found, "selection_set")]
    while waiting:
        for selection in waiting.pop().selections:
            if isinstance(selection, FieldNode) and selection.name.value in ("__schema", "__type"):
                return True
            if getattr(selection, "selection_set", None) is not None:
                waiting.append(selection.selection_set)
    return False
