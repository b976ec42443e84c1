"""No area is half added: what lies in the folders is in the registry, and what is registered is complete."""

import importlib
import inspect
from collections.abc import Iterator
from types import ModuleType
from typing import TypeVar

from beanie import Document

from bootstrap.area import Area
from bootstrap.areas import AREAS
from domain.kit import errors as kit_errors
from domain.kit.errors import DependencyUnavailable, DomainError, EngineRefused
from graphql_api.core.problems import CORE_HANDLERS, ProblemCode
from graphql_api.jobs.queries import JOB_TYPES
from graphql_api.jobs.types import Job
from tests.architecture.sources import areas_of, python_files

T = TypeVar("T")

WITHOUT_SERVICE = {"kit", "music"}
# What is no schema: other protocols over the services of several areas.
OTHER_EDGES = {"subsonic"}
# These tell of a dependency or of a job's end, never of a mutation's input.
NEVER_A_RESULT = {DependencyUnavailable, EngineRefused}


def modules(package: str, area: str) -> Iterator[ModuleType]:
    """All modules of an area's folder."""
    for path in python_files():
        if path.parts[:2] == (package, area):
            yield importlib.import_module(".".join(path.with_suffix("").parts).removesuffix(".__init__"))


def defined_in(module: ModuleType, base: type[T]) -> list[type[T]]:
    """The concrete classes of this kind that the module itself defines."""
    classes = [kind for _, kind in inspect.getmembers(module, inspect.isclass)]
    return [kind for kind in classes if issubclass(kind, base) and kind.__module__ == module.__name__]


def errors_of(area: str) -> list[type[DomainError]]:
    return [kind for module in modules("domain", area) for kind in defined_in(module, DomainError)]


def parts_of(area: Area) -> list[type]:
    return [*area.queries, *area.mutations, *area.subscriptions]


def test_every_area_of_the_domain_is_registered_once() -> None:
    assert sorted(area.name for area in AREAS) == sorted(areas_of("domain") - WITHOUT_SERVICE)


def test_every_area_of_the_api_is_an_area_of_the_domain_with_parts_of_its_own() -> None:
    folders = areas_of("graphql_api") - {"core"} - OTHER_EDGES
    assert folders == {area.name for area in AREAS if parts_of(area)}
    for area in AREAS:
        homes = {part.__module__.split(".")[1] for part in parts_of(area)}
        assert homes <= {area.name}, area.name


def test_every_part_of_the_api_is_registered() -> None:
    registered = {part for area in AREAS for part in parts_of(area)}
    suffixes = ("Query", "Mutation", "Subscription")
    found = {
        kind
        for area in AREAS
        for module in modules("graphql_api", area.name)
        for kind in defined_in(module, object)
        if kind.__name__.endswith(suffixes)
    }
    assert found == registered


def test_every_document_is_registered_by_its_own_area() -> None:
    for area in AREAS:
        found = {kind for module in modules("domain", area.name) for kind in defined_in(module, Document)}
        assert found == set(area.documents), area.name


def test_every_area_that_keeps_documents_can_give_people_their_data_and_forget_them() -> None:
    for area in AREAS:
        assert bool(area.documents) == (area.personal is not None), area.name
        if area.personal is not None:
            assert area.personal.__module__.startswith(f"domain.{area.name}."), area.name


def test_no_two_documents_share_a_collection() -> None:
    names = [document.Settings.name for area in AREAS for document in area.documents]
    assert sorted(names) == sorted(set(names))


def test_every_kind_of_job_can_be_shown() -> None:
    for area in AREAS:
        assert set(area.jobs) == set(area.presenters), area.name


def test_every_kind_of_job_is_found_by_its_id() -> None:
    shown = {schema_type.__name__ for area in AREAS for schema_type in area.types if issubclass(schema_type, Job)}
    assert set(JOB_TYPES) == shown
    assert len(shown) == sum(len(area.jobs) for area in AREAS)


def test_every_module_of_jobs_is_registered_by_its_area() -> None:
    modules_of_jobs = {path.stem for path in python_files() if path.parts[0] == "jobs" and len(path.parts) == 2}
    assert modules_of_jobs - {"__init__"} == {area.name for area in AREAS if area.jobs}
    for area in AREAS:
        assert {function.__module__ for function in area.jobs.values()} <= {f"jobs.{area.name}"}


def test_every_expected_failure_of_an_area_reaches_clients_as_a_problem() -> None:
    codes = {code.value for code in ProblemCode}
    for area in AREAS:
        handled = {handler.exception_type for handler in area.handlers}
        assert handled == set(errors_of(area.name)), area.name
        assert {error.code for error in errors_of(area.name)} <= codes, area.name


def test_the_failures_of_the_kit_reach_clients_as_problems() -> None:
    expected = set(defined_in(kit_errors, DomainError)) - NEVER_A_RESULT - {DomainError}
    assert {handler.exception_type for handler in CORE_HANDLERS} == expected
    assert {error.code for error in expected} <= {code.value for code in ProblemCode}


def test_no_two_failures_share_a_code() -> None:
    codes = [error.code for name in areas_of("domain") for error in errors_of(name)]
    assert sorted(codes) == sorted(set(codes))


def test_every_problem_type_is_made_by_a_handler_that_gives_its_code() -> None:
    handlers = [*CORE_HANDLERS, *(handler for area in AREAS for handler in area.handlers)]
    for handler in handlers:
        words = "".join(f"_{letter}" if letter.isupper() else letter for letter in handler.error_type.__name__)
        assert handler.exception_type.code == words.removeprefix("_").upper()
