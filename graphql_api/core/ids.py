"""Opaque global ids in and out."""

from strawberry import relay
from strawberry.relay import GlobalIDValueError

from domain.kit.errors import Issue, ValidationFailed
from domain.kit.ids import is_id


def local_id(global_id: str, type_names: str | tuple[str, ...], path: str) -> str:
    """The id behind a global id of one of these types; raises `ValidationFailed` naming the input at `path`."""
    names = (type_names,) if isinstance(type_names, str) else type_names
    try:
        parsed = relay.GlobalID.from_id(global_id)
    except GlobalIDValueError:
        parsed = None
    if parsed is None or parsed.type_name not in names or not is_id(parsed.node_id):
        raise ValidationFailed([Issue(path, f"{global_id[:80]!r} is not the id of a {' or '.join(names)}.")])
    return parsed.node_id


def global_id(type_name: str, node_id: str) -> str:
    return str(relay.GlobalID(type_name=type_name, node_id=node_id))
