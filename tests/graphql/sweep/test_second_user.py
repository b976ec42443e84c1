"""Nothing of one person is reached by another, through any place of the schema that takes an id.

The gates come from the schema and the things from what their owner is shown, so both grow with the product.
"""

import re

import pytest
from graphql import GraphQLObjectType, get_named_type

from tests.graphql.belongings import SCHEMA
from tests.graphql.sweep.gates import PROSE, ROOTS, TAKES, Gate, gates_of, texts_of
from tests.graphql.sweep.scene import BY_RIGHT, KEEPS_NAMES, TRACES, Scene

GATES = list(gates_of(SCHEMA))
# Only administrators see these, and the ids that they show are those of other types.
FOR_OPERATORS = {"DeadJob.jobId", "DeadJob.ownerId"}
SECRET = re.compile(r"token|secret|challenge|recoveryCodes", re.IGNORECASE)


@pytest.mark.parametrize("gate", GATES, ids=map(str, GATES))
async def test_no_gate_leads_to_the_things_of_somebody_else(scene: Scene, gate: Gate) -> None:
    assert [told async for told in scene.sweep(gate)] == []


async def test_there_is_one_of_everything_that_has_an_id_or_is_a_secret(scene: Scene) -> None:
    there = {handle.place for handle in scene.first.handles}
    missing = [place for place in places_of_ids_and_secrets() if place not in there]
    assert missing == [], "nobody has these to ask for: make `settle` in tests/graphql/belongings.py give one of each"


async def test_what_is_not_there_is_looked_for(scene: Scene) -> None:
    # given gates that a stranger may use for things of their own
    stranger = next(intruder for intruder in scene.intruders if intruder.name == "a stranger")
    hollow = []

    # when the stranger's own are asked for
    for gate in (gate for gate in GATES if gate.is_id and gate.owner == "Query"):
        (asked,) = await stranger.ask(gate, scene.documents[str(gate)], [stranger.own[gate.takes or ""]])
        hollow += [f"{gate}: {asked.answer}"] if asked.codes or "__typename" not in str(asked.answer) else []

    # then they are found, so what was asked for in vain was not asked for in the wrong way
    assert hollow == []


def test_every_id_says_what_it_is_the_id_of() -> None:
    unknown = [str(gate) for gate in GATES if gate.is_id and gate.takes is None]
    assert unknown == [], "say in TAKES of tests/graphql/sweep/gates.py which type these ids are of"
    idle = [name for name in TAKES if not any(name in (gate.field_of, gate.name) for gate in GATES)]
    assert idle == [], "nothing takes these ids any more"


def test_every_nested_gate_is_reached_by_a_node() -> None:
    lost = [str(gate) for gate in GATES if not gate.is_root and not is_node(gate.node)]
    assert lost == [], "these cannot be reached by `node`: teach `Gate.document` another way"


def test_no_exception_is_kept_for_what_is_gone() -> None:
    names = {str(gate) for gate in GATES}
    assert set(BY_RIGHT) - names == set()
    assert set(TRACES) - names == set()
    assert set(KEEPS_NAMES) - names == set()
    assert texts_of(SCHEMA) >= PROSE


def is_node(name: str) -> bool:
    kind = SCHEMA.type_map[name]
    return isinstance(kind, GraphQLObjectType) and any(each.name == "Node" for each in kind.interfaces)


def places_of_ids_and_secrets() -> list[str]:
    """All but those that only repeat what a mutation was sent."""
    places = []
    for kind in SCHEMA.type_map.values():
        if isinstance(kind, GraphQLObjectType) and kind.name not in ROOTS and not kind.name.startswith("__"):
            for name, field in kind.fields.items():
                is_id = get_named_type(field.type).name == "ID" and not kind.name.endswith("Success")
                if is_id or (SECRET.search(name) and get_named_type(field.type).name == "String"):
                    places.append(f"{kind.name}.{name}")
    return sorted(set(places) - FOR_OPERATORS)
