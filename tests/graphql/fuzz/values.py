"""What goes into generated documents beside schemathesis' own values: things that are there, and unusual ones."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    FloatValueNode,
    IntValueNode,
    NameNode,
    Node,
    SelectionSetNode,
    StringValueNode,
    Visitor,
    VisitorAction,
    visit,
)
from hypothesis import strategies as st
from schemathesis.graphql import scalar
from strawberry.relay.utils import to_base64

ULID = "01J00000000000000000000000"
STRINGS: Sequence[str] = (
    "",
    " \t\r\n",
    "\x00",
    "before\x00after",
    "\ud800",
    "\u202egnp.exe\u202c",
    "\ufeffبايت",
    "e\u0301\u0301\u0301\u0301",
    "👩‍👩‍👧‍👦" * 40,
    "ß\u0130ı@x.example",
    "²١٢٣",
    "x" * 20_000,
    "NaN",
    "-Infinity",
    "null",
    "true",
    "../../../etc/passwd",
    "%00%0d%0aSet-Cookie: a=b",
    "a@b.example\r\nBcc: c@d.example",
    "' OR 1=1 --",
    '{"$gt": ""}',
    "$where",
    "{{7*7}}${7*7}",
    "http://[::1",
    "https://user:pass@hooks.example:99999/",
    "https://xn--zca.example/" + "a" * 300,
    "https://" + "a" * 64 + ".example/",
    "https://\u2100.example/",
    "1-1~x.1",
    "-1",
    "9" * 400,
    to_base64("Track", ULID.lower()),
    to_base64("Track", "Z" * 26),
    to_base64("Int", ULID),
    to_base64("Query", ULID),
    to_base64("Node", ULID),
    to_base64("JobStatus", ULID),
    to_base64("CancelJobResult", ULID),
    to_base64("CancelJobInput", ULID),
    to_base64("__Type", ULID),
    to_base64("Track", "\x00" * 26),
    to_base64("cursor", "-1"),
    to_base64("cursor", ULID),
    "/////////w==",
)
INTEGERS: Sequence[str] = ("0", "-1", "1", "100", "101", "2147483647", "-2147483648", "2147483648", "1" + "0" * 400)
FLOATS: Sequence[str] = ("0", "-0.0", "5", "600.0000001", "1e308", "1e400", "-1e400", "5e-324", "1" + "0" * 400)
USUAL_INTEGERS: Sequence[str] = ("10", "30", "1")
USUAL_FLOATS: Sequence[str] = ("10.0", "30")
MOMENTS: Sequence[str] = (
    "2026-01-01",
    "2026-01-01T00:00:00",
    "2026-01-01T00:00:00+05:30",
    "2099-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59-14:00",
    "9999-12-31T23:59:59.999999Z",
    "9999-12-31T24:00:00Z",
    "2016-12-31T23:59:60Z",
)
DATES: Sequence[str] = ("0001-01-01", "9999-12-31", "2026-11-20", "2026-11-21", "2026-02-30")
# How many values of ten are replaced by what is there; then one stays, and the others become unusual ones.
OFTEN = 6

TYPE_NAME = FieldNode(name=NameNode(value="__typename"))

Pantry = Mapping[str, Sequence[str]]
Draw = Callable[[st.SearchStrategy[Any]], Any]


def teach_scalars() -> None:
    """Moments and days at the ends of what calendars can count, beside usual ones."""
    scalar("DateTime", st.sampled_from(MOMENTS).map(_unchanging))
    scalar("Date", st.sampled_from(DATES).map(_unchanging))


class Unchanging(str):
    """A text that is not replaced."""

    __slots__ = ()


def _unchanging(text: str) -> StringValueNode:
    return StringValueNode(value=Unchanging(text))


def seasoned(document: DocumentNode, pantry: Pantry) -> st.SearchStrategy[DocumentNode]:
    """The document, where each value stays, is one that is there (by the name of its field), or is an unusual one."""

    @st.composite
    def cook(draw: Draw) -> DocumentNode:
        cooked: DocumentNode = visit(document, _Seasoning(draw, pantry))
        return cooked

    return cook()


class _Seasoning(Visitor):
    """Asks for `__typename` as well, so that what became of a mutation can be told."""

    def __init__(self, draw: Draw, pantry: Pantry) -> None:
        super().__init__()
        self._draw = draw
        self._pantry = pantry
        self._fields: list[str] = []
        self._names: list[str] = []

    def enter_field(self, node: FieldNode, *_: Any) -> VisitorAction:
        self._fields.append(node.name.value)
        return None

    def leave_field(self, node: FieldNode, *_: Any) -> Node | None:
        self._fields.pop()
        if node.selection_set is None:
            return None
        selections = (TYPE_NAME, *node.selection_set.selections)
        return FieldNode(
            alias=node.alias,
            name=node.name,
            arguments=node.arguments,
            directives=node.directives,
            selection_set=SelectionSetNode(selections=selections),
        )

    def enter_argument(self, node: ArgumentNode, *_: Any) -> VisitorAction:
        self._names.append(node.name.value)
        return None

    def leave_argument(self, *_: Any) -> VisitorAction:
        self._names.pop()
        return None

    enter_object_field = enter_argument
    leave_object_field = leave_argument

    def leave_string_value(self, node: StringValueNode, *_: Any) -> Node:
        if isinstance(node.value, Unchanging):
            return node
        return StringValueNode(value=self._choose(node.value, self._there, STRINGS))

    def leave_int_value(self, node: IntValueNode, *_: Any) -> Node:
        if self._there:
            # A number stands where an id may be.
            return StringValueNode(value=self._choose(node.value, self._there, STRINGS))
        return IntValueNode(value=self._choose(node.value, USUAL_INTEGERS, INTEGERS))

    def leave_float_value(self, node: FloatValueNode, *_: Any) -> Node:
        return FloatValueNode(value=self._choose(node.value, USUAL_FLOATS, FLOATS))

    @property
    def _there(self) -> Sequence[str]:
        name = self._names[-1]
        return self._pantry.get(f"{self._fields[-1]}.{name}", self._pantry.get(name, ()))

    def _choose(self, own: str, there: Sequence[str], unusual: Sequence[str]) -> str:
        lot = self._draw(st.integers(0, 9))
        if there and lot < OFTEN:
            chosen: str = self._draw(st.sampled_from(there))
            return chosen
        return own if lot == OFTEN else self._draw(st.sampled_from(unusual))
