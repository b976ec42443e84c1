"""What a product area adds to the house, in one value."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from beanie import Document
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from bootstrap.services import Kit
from domain.kit.personal_data import PersonalData
from graphql_api.core.documents.prices import Prices
from graphql_api.core.problems import ProblemHandler
from graphql_api.jobs.types import Job
from jobs.core.worker import JobFunction

Builder = Callable[[Kit], Sequence[object]]


@dataclass(frozen=True)
class Area:
    """All that a product area adds to the house. `build` may ask the kit for services of areas before it."""

    name: str
    documents: Sequence[type[Document]]
    build: Builder
    queries: Sequence[type] = ()
    mutations: Sequence[type] = ()
    subscriptions: Sequence[type] = ()
    types: Sequence[type] = ()
    handlers: Sequence[ProblemHandler] = ()
    prices: Prices = field(default_factory=dict)
    routes: Sequence[BaseRoute] = ()
    bare_routes: Mapping[str, ASGIApp] = field(default_factory=dict)
    """Applications by the first part of their path, which stand before all middleware."""
    jobs: Mapping[str, JobFunction] = field(default_factory=dict)
    presenters: Mapping[str, type[Job]] = field(default_factory=dict)
    personal: type[PersonalData] | None = None
    """What gives people their data and forgets them; None only where no document is about a person."""


@dataclass(frozen=True)
class JobTypeNames:
    """How the schema calls the jobs of each kind, of all areas."""

    by_kind: Mapping[str, str]
