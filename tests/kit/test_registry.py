"""Finding services by their class."""

import pytest

from domain.kit.registry import Services


class Piano:
    pass


class GrandPiano(Piano):
    pass


def test_a_service_is_found_by_its_own_class() -> None:
    services, piano = Services(), Piano()
    services.add(piano)
    assert services.get(Piano) is piano


def test_a_service_is_not_found_by_the_class_above_it() -> None:
    services = Services()
    services.add(GrandPiano())
    with pytest.raises(LookupError, match=r"^no Piano was built$"):
        services.get(Piano)


def test_a_class_is_registered_once() -> None:
    services, first = Services(), Piano()
    services.add(first)
    with pytest.raises(ValueError, match=r"^Piano is registered twice$"):
        services.add(Piano())
    assert services.get(Piano) is first


def test_registries_know_nothing_of_each_other() -> None:
    Services().add(Piano())
    with pytest.raises(LookupError):
        Services().get(Piano)


def test_one_more_service_is_beside_the_others_without_being_among_them() -> None:
    services, piano = Services(), Piano()
    services.add(piano)
    more = services.beside(GrandPiano())
    assert more.get(Piano) is piano
    assert isinstance(more.get(GrandPiano), GrandPiano)
    with pytest.raises(LookupError):
        services.get(GrandPiano)
