"""The port to whatever counts jobs and their credits."""

from typing import Protocol

from domain.jobs.model import Job


class JobMeter(Protocol):
    """Told after the transaction, so that nothing is counted that did not happen."""

    def accepted(self, job: Job) -> None: ...

    def ended(self, job: Job) -> None: ...

    def refused(self, code: str) -> None:
        """Admission control turned somebody away, with this problem's code."""
        ...
