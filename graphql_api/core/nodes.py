"""Finding things of any type by their global ids."""

import asyncio
from collections.abc import Sequence
from typing import Any, cast

from strawberry import relay
from strawberry.relay import GlobalIDValueError
from strawberry.types.base import get_object_definition

from domain.kit.errors import Issue, ValidationFailed
from domain.kit.ids import is_id
from domain.kit.paging import MAX_PAGE
from graphql_api.core.context import Info


async def load_nodes(info: Info, global_ids: Sequence[str], path: str) -> list[relay.Node | None]:
    """In the order of the ids, None for what the caller may not see; raises `ValidationFailed` naming `path`."""
    if len(global_ids) > MAX_PAGE:
        raise ValidationFailed([Issue(path, f"At most {MAX_PAGE} ids can be asked for at once.")])
    targets = {global_id: _target(info, global_id, path) for global_id in global_ids}
    found = await asyncio.gather(*(_load(info, kind, node_id) for kind, node_id in targets.values()))
    nodes = dict(zip(targets, found, strict=True))
    return [nodes[global_id] for global_id in global_ids]


async def _load(info: Info, kind: type[relay.Node], node_id: str) -> relay.Node | None:
    """One at a time: the loaders behind the types gather them into one query each."""
    loading: Any = kind.resolve_nodes(info=info, node_ids=[node_id])
    (node,) = await loading
    return cast(relay.Node | None, node)


def _target(info: Info, global_id: str, path: str) -> tuple[type[relay.Node], str]:
    """The concrete type behind a global id and the id within that type."""
    refusal = ValidationFailed([Issue(path, f"{global_id[:80]!r} is not the id of anything.")])
    try:
        parsed = relay.GlobalID.from_id(global_id)
        kind = parsed.resolve_type(info)
    except GlobalIDValueError:
        raise refusal from None
    if get_object_definition(kind, strict=True).is_interface or not is_id(parsed.node_id):
        raise refusal
    return kind, parsed.node_id
