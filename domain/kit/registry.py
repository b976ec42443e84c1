"""Finding a service by its type, so that the edges need no list of all areas."""

from typing import Any, TypeVar, cast

T = TypeVar("T")


class Services:
    """What the composition root has built; each service is found by its own class."""

    def __init__(self) -> None:
        self._by_type: dict[type[Any], Any] = {}

    def add(self, service: object) -> None:
        """Raises `ValueError` when a service of this class is already there."""
        kind = type(service)
        if kind in self._by_type:
            raise ValueError(f"{kind.__name__} is registered twice")
        self._by_type[kind] = service

    def beside(self, service: object) -> "Services":
        """All of these and one more; this registry stays as it is."""
        more = Services()
        more._by_type.update(self._by_type)
        more.add(service)
        return more

    def get(self, kind: type[T]) -> T:
        """Raises `LookupError` when nothing of this class was built."""
        if kind not in self._by_type:
            raise LookupError(f"no {kind.__name__} was built")
        return cast(T, self._by_type[kind])
