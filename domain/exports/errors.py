"""Expected failures of exports."""

from dataclasses import dataclass
from typing import ClassVar

from domain.kit.errors import DomainError


@dataclass
class ExportUnderWay(DomainError):
    """One export of a person is made at a time."""

    code: ClassVar[str] = "EXPORT_UNDER_WAY"

    @property
    def message(self) -> str:
        return "Your data are being packed already. Wait for that job, or cancel it; see `jobs`."


@dataclass
class TooManyExports(DomainError):
    """As many were asked for within a day as one may."""

    limit: int
    retry_after_seconds: int
    code: ClassVar[str] = "TOO_MANY_EXPORTS"

    @property
    def message(self) -> str:
        hours = max(1, round(self.retry_after_seconds / 3600))
        return f"You may ask for your data {self.limit} times a day. Ask again in about {hours} h, or use the last one."
