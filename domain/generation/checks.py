"""What can be wrong with a single field of a wish. Pure."""

from collections.abc import Collection

from domain.kit.errors import Issue


def between(path: str, value: float | None, low: float, high: float, unit: str = "") -> list[Issue]:
    """Both ends are allowed, and None says nothing."""
    if value is None or low <= value <= high:
        return []
    text = f"{path} must be between {low:g} and {high:.10g} {unit}".rstrip() + f", not {value:.10g}."
    return [Issue(path, text)]


def known(path: str, value: str | None, names: Collection[str]) -> list[Issue]:
    if value is None or value in names:
        return []
    return [Issue(path, f"{value!r} is not known here. Choose one of: {', '.join(names)}.")]
