"""What was measured on a version, made of plain records again. Pure."""

from collections.abc import Mapping
from typing import Any

from domain.kit.audio.sound import BeatGrid, Character, Estimate, Section, Structure
from domain.library.model import Analysis


def to_analysis(raw: Mapping[str, Any]) -> Analysis:
    """One from before characters were measured has none."""
    character = raw.get("character")
    return Analysis(**{**raw, "character": None if character is None else _to_character(character)})


def _to_character(raw: Mapping[str, Any]) -> Character:
    return Character(**{name: Estimate(**estimate) for name, estimate in raw.items()})


def to_structure(raw: Mapping[str, Any]) -> Structure:
    """From `grid` and `sections`; whatever else lies there is left alone."""
    grid = raw["grid"]
    return Structure(
        grid=BeatGrid(**{**grid, "beats": tuple(grid["beats"]), "downbeats": tuple(grid["downbeats"])}),
        sections=tuple(Section(**section) for section in raw["sections"]),
    )
