"""Telling who calls by what the call is signed with, without knowing which area issues what."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from domain.kit.caller import ANONYMOUS, Caller, Credential


class Proofs(Protocol):
    """Whoever issues one sort of token."""

    async def caller_of(self, token: str) -> Caller:
        """Raises `Unauthenticated` for one that is not valid."""
        ...

    async def owners(self, ids: Sequence[str]) -> Mapping[str, str]:
        """The accounts, or organisations, of those sessions or keys among these that are good now; one query."""
        ...


class Authentication:
    """Keys are told apart by their marks; what has none is an access token of a session."""

    def __init__(self, by_credential: Mapping[Credential, Proofs], marks: Mapping[str, Credential]) -> None:
        """`by_credential` has every credential; `marks` are beginnings of tokens, none of them that of another."""
        self._by_credential = by_credential
        self._marks = marks

    async def caller_of(self, token: str | None) -> Caller:
        """Who a token stands for; no token is nobody. Raises `Unauthenticated` for one that is not valid."""
        if token is None:
            return ANONYMOUS
        credential = next((found for mark, found in self._marks.items() if token.startswith(mark)), Credential.SESSION)
        return await self._by_credential[credential].caller_of(token)

    async def live_among(self, callers: Sequence[Caller]) -> Collection[Caller]:
        """Those for whom what a long connection was opened with is still good, in one query for each credential."""
        live: set[Caller] = set()
        for credential, proofs in self._by_credential.items():
            known = {
                caller: key for caller in callers if caller.credential is credential and (key := caller.credential_id)
            }
            if known:
                owners = await proofs.owners(list(known.values()))
                live.update(caller for caller, key in known.items() if owners.get(key) == caller.account_id)
        return live
