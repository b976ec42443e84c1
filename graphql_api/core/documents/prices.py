"""What fields cost: prices by "Type.field", and the cost of an operation as a polynomial in its page sizes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    is_leaf_type,
)

from graphql_api.core.documents.limits import dependencies_first, fragments_of

UNKNOWN_SIZE = 10
GREATEST_SIZE = 1000
INTROSPECTION_COST = 100
PAGE_ARGUMENT = "first"


@dataclass(frozen=True)
class Price:
    """What resolving a field once costs, and how many things it gives.

    Without `size`, that is what its argument `first` or its one list argument says, else 10 for a list.
    """

    points: int
    size: int | None = None


Prices = Mapping[str, Price]

# Each product of page sizes (the names of the variables that give them) with its factor.
Terms = dict[tuple[str, ...], int]


@dataclass(frozen=True)
class Cost:
    """Points as a sum of products of variables; evaluated without walking the document again."""

    terms: Mapping[tuple[str, ...], int]
    defaults: Mapping[str, Any]

    def points(self, variables: Mapping[str, Any]) -> int:
        total = 0
        for names, factor in self.terms.items():
            for name in names:
                factor *= _size_of(variables.get(name, self.defaults.get(name)))
            total += factor
        return total


class PriceList:
    """Fields that return objects cost 1 unless a price is given, leaves nothing, mutations 10."""

    def __init__(self, schema: GraphQLSchema, prices: Prices) -> None:
        """Raises `ValueError` for a price of a field that does not exist."""
        self._schema = schema
        self._prices = prices
        for name in prices:
            type_name, _, field_name = name.partition(".")
            if field_name not in getattr(schema.get_type(type_name), "fields", {}):
                raise ValueError(f"there is no field {name} to have a price")

    def costs(self, document: DocumentNode) -> dict[str | None, Cost]:
        """The cost of each operation of a valid document, by its name."""
        fragments = fragments_of(document)
        known: dict[str, Terms] = {}
        for name in dependencies_first(fragments):
            kind = self._schema.get_type(fragments[name].type_condition.name.value)
            known[name] = self._of_set(fragments[name].selection_set, kind, known)
        found: dict[str | None, Cost] = {}
        for operation in document.definitions:
            if isinstance(operation, OperationDefinitionNode):
                root = self._schema.get_root_type(operation.operation)
                terms = self._of_set(operation.selection_set, root, known)
                found[operation.name.value if operation.name else None] = Cost(terms, _defaults(operation))
        return found

    def _of_set(
        self, selection_set: SelectionSetNode, kind: GraphQLNamedType | None, known: Mapping[str, Terms]
    ) -> Terms:
        total: Terms = {}
        for selection in selection_set.selections:
            for names, factor in self._of_selection(selection, kind, known).items():
                total[names] = total.get(names, 0) + factor
        return total

    def _of_selection(
        self, selection: SelectionNode, kind: GraphQLNamedType | None, known: Mapping[str, Terms]
    ) -> Terms:
        if isinstance(selection, FragmentSpreadNode):
            return known.get(selection.name.value, {})
        if isinstance(selection, InlineFragmentNode):
            condition = selection.type_condition
            inner = kind if condition is None else self._schema.get_type(condition.name.value)
            return self._of_set(selection.selection_set, inner, known)
        return self._of_field(selection, kind, known) if isinstance(selection, FieldNode) else {}

    def _of_field(self, node: FieldNode, kind: GraphQLNamedType | None, known: Mapping[str, Terms]) -> Terms:
        name = node.name.value
        if name.startswith("__"):
            return {(): 0 if name == "__typename" else INTROSPECTION_COST}
        field = getattr(kind, "fields", {}).get(name)
        if field is None or kind is None:
            return {}
        price = self._price(kind, name, field)
        total: Terms = {(): price.points}
        if node.selection_set is not None:
            variables, number = _size(node, field, kind, price)
            for names, factor in self._of_set(node.selection_set, get_named_type(field.type), known).items():
                key = tuple(sorted((*names, *variables)))
                total[key] = total.get(key, 0) + factor * number
        return total

    def _price(self, kind: GraphQLNamedType, name: str, field: GraphQLField) -> Price:
        kinds = [kind, *(kind.interfaces if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) else ())]
        for one in kinds:
            if (price := self._prices.get(f"{one.name}.{name}")) is not None:
                return price
        if kind is self._schema.mutation_type:
            return Price(10)
        return Price(0 if is_leaf_type(get_named_type(field.type)) else 1)


def _size(node: FieldNode, field: GraphQLField, kind: GraphQLNamedType, price: Price) -> tuple[tuple[str, ...], int]:
    """How many things a field gives, as variables to multiply with and a factor."""
    if price.size is not None:
        return (), price.size
    for name, argument in field.args.items():
        if name == PAGE_ARGUMENT or _is_list(argument.type):
            given = next((one.value for one in node.arguments or () if one.name.value == name), None)
            if isinstance(given, VariableNode):
                return (given.name.value,), 1
            return (), _size_of(argument.default_value if given is None else _literal(given))
    # The edges of a page were counted with the page.
    return (), UNKNOWN_SIZE if _is_list(field.type) and not kind.name.endswith("Connection") else 1


def _is_list(kind: GraphQLInputType | GraphQLOutputType) -> bool:
    return isinstance(kind.of_type if isinstance(kind, GraphQLNonNull) else kind, GraphQLList)


def _literal(node: ValueNode) -> Any:
    if isinstance(node, IntValueNode):
        return int(node.value)
    return list(node.values) if isinstance(node, ListValueNode) else None


def _size_of(value: Any) -> int:
    """Never less than 1, and no more than what a resolver may give."""
    size = len(value) if isinstance(value, list) else value
    return max(1, min(size, GREATEST_SIZE)) if isinstance(size, int) else 1


def _defaults(operation: OperationDefinitionNode) -> dict[str, Any]:
    return {
        found.variable.name.value: _literal(found.default_value)
        for found in operation.variable_definitions or ()
        if found.default_value is not None
    }
