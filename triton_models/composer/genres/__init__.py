"""Every genre the composer knows, by its lower-case name."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from triton_models.composer.genres.acoustic import ACOUSTIC
from triton_models.composer.genres.bands import BANDS
from triton_models.composer.genres.electronic import ELECTRONIC
from triton_models.composer.genres.grooves import GROOVES
from triton_models.composer.style import GenreStyle

GENRES: Final[Mapping[str, GenreStyle]] = MappingProxyType(
    {style.name: style for style in (*ELECTRONIC, *BANDS, *GROOVES, *ACOUSTIC)}
)
