"""Expected failures of webhooks."""

from dataclasses import dataclass
from typing import ClassVar

from domain.kit.errors import DomainError


@dataclass
class TooManyWebhookEndpoints(DomainError):
    """The owner has as many endpoints as there may be."""

    limit: int
    code: ClassVar[str] = "TOO_MANY_WEBHOOK_ENDPOINTS"

    @property
    def message(self) -> str:
        return f"You already have {self.limit} webhook endpoints. Remove one that is not needed any more."


@dataclass
class WebhookEndpointDisabled(DomainError):
    """Nothing is sent to the endpoint until its owner enables it."""

    endpoint_id: str
    code: ClassVar[str] = "WEBHOOK_ENDPOINT_DISABLED"

    @property
    def message(self) -> str:
        return "This webhook endpoint is disabled. Enable it first; a test can be sent to it as it is."
