"""Endpoints' secrets at rest: sealed for this purpose alone, and sealed anew when the server's secret has changed."""

from domain.kit.trust.credentials import SecretBox

PURPOSE = "webhook endpoint"


class Unsealable(Exception):
    """The server secret that sealed this text is not accepted any more."""


class EndpointSealer:
    """Only with the server's secrets can a sealed text be read."""

    def __init__(self, box: SecretBox) -> None:
        self._box = box

    def seal(self, text: str) -> str:
        return self._box.seal(PURPOSE, text)

    def open(self, sealed: str) -> str:
        """Raises `Unsealable`."""
        text = self._box.open(PURPOSE, sealed)
        if text is None:
            raise Unsealable()
        return text

    def renewed(self, sealed: str) -> str | None:
        """The same text under the secret of today; None for what is sealed under it already.

        Raises `Unsealable`.
        """
        return self.seal(self.open(sealed)) if self._box.is_outdated(sealed) else None
