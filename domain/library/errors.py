"""Expected failures of the library."""

from dataclasses import dataclass
from typing import ClassVar

from domain.kit.errors import DomainError
from domain.library.model import Track


@dataclass
class EditConflict(DomainError):
    """The track has changed since the client read it; `current` is what it is now."""

    current: Track
    code: ClassVar[str] = "EDIT_CONFLICT"

    @property
    def message(self) -> str:
        return (
            f"This track was changed in the meantime; it is at revision {self.current.revision} now. "
            "Nothing was written: look at what it is now, then send your change again."
        )
