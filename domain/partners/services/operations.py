"""The registry of operations: what an organisation's servers may run is decided here, document by document."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.kit.caller import Caller
from domain.kit.clock import Clock
from domain.kit.errors import Issue, ValidationFailed
from domain.kit.ids import new_id
from domain.kit.paging import Page, PageRequest
from domain.kit.transactions import DuplicateKey, Session, Transactions
from domain.partners.errors import OperationsRefused, RefusedOperation
from domain.partners.operations import (
    MAX_ALIASES,
    MAX_AT_ONCE,
    MAX_OPERATIONS,
    Inspection,
    Inspector,
    OperationUpload,
    RegisteredOperation,
)
from domain.partners.services.organisations import OrganisationService
from domain.partners.services.safelist import OperationSafelist
from domain.partners.stores.operations import OperationStore

TRIES = 5


@dataclass(frozen=True)
class _Wanted:
    """One document of a call, once however often it was sent, with all ids that it was sent under."""

    index: int
    text: str
    digest: str
    aliases: tuple[str, ...]
    found: Inspection


class OperationRegistry:
    """All of a call's documents are registered, or none. What is registered already stays as it is."""

    def __init__(
        self,
        store: OperationStore,
        organisations: OrganisationService,
        safelist: OperationSafelist,
        transactions: Transactions,
        clock: Clock,
    ) -> None:
        self._store = store
        self._safelist = safelist
        self._organisations = organisations
        self._transactions = transactions
        self._clock = clock

    async def register(
        self, caller: Caller, organisation_id: str, uploads: Sequence[OperationUpload], inspector: Inspector
    ) -> Sequence[RegisteredOperation]:
        """In the order of the documents. Raises `ValidationFailed`, `OperationsRefused`, `NotFound`, `Forbidden`."""
        organisation = await self._organisations.as_manager(caller, organisation_id)
        if not 1 <= len(uploads) <= MAX_AT_ONCE:
            raise ValidationFailed([Issue("documents", f"Send 1 to {MAX_AT_ONCE} documents at once.")])
        wanted = await _inspected(uploads, inspector)
        by = caller.require_person()

        async def work(session: Session) -> Sequence[RegisteredOperation]:
            return await self._write(organisation.id, by, wanted, session)

        for attempt in range(TRIES):
            try:
                registered = await self._transactions.run(work)
                break
            except DuplicateKey:
                # another call registered some of these at the same moment; the next look sees them
                if attempt == TRIES - 1:
                    raise
        by_digest = {operation.digest: operation for operation in registered}
        return [by_digest[upload.digest] for upload in uploads]

    async def retire(self, caller: Caller, organisation_id: str, operation_ids: Sequence[str]) -> int:
        """How many there were. Raises `ValidationFailed`, `NotFound` and `Forbidden`."""
        organisation = await self._organisations.as_manager(caller, organisation_id)
        if len(operation_ids) > MAX_OPERATIONS:
            raise ValidationFailed([Issue("operationIds", f"Send at most {MAX_OPERATIONS} ids at once.")])
        removed = await self._store.remove(organisation.id, operation_ids)
        self._safelist.forget(organisation.id)
        return removed

    async def page(self, caller: Caller, organisation_id: str, page: PageRequest) -> Page[RegisteredOperation]:
        """For all members, newest first. Raises `NotFound`."""
        organisation = await self._organisations.as_member(caller, organisation_id)
        return await self._store.page(organisation.id, page)

    async def by_ids(self, caller: Caller, ids: Sequence[str]) -> dict[str, RegisteredOperation]:
        """Those of the caller's organisations among these."""
        mine = [organisation.id for organisation in await self._organisations.mine(caller)]
        return {operation.id: operation for operation in await self._store.find_many(mine, ids)}

    async def _write(
        self, organisation_id: str, by: str, wanted: Sequence[_Wanted], session: Session
    ) -> Sequence[RegisteredOperation]:
        names = [name for each in wanted for name in (each.digest, *each.aliases)]
        there = await self._store.by_names(organisation_id, names, session)
        _refuse_clashes(wanted, there)
        known = {operation.digest: operation for operation in there}
        new = [self._new(organisation_id, by, each) for each in wanted if each.digest not in known]
        if await self._store.count(organisation_id, session) + len(new) > MAX_OPERATIONS:
            reason = f"An organisation has at most {MAX_OPERATIONS} operations. Retire those that nothing uses."
            raise ValidationFailed([Issue("documents", reason)])
        await self._store.insert(new, session)
        for each in wanted:
            if each.digest in known and each.aliases:
                await self._store.add_aliases(known[each.digest], each.aliases, session)
        return await self._store.by_names(organisation_id, [each.digest for each in wanted], session)

    def _new(self, organisation_id: str, by: str, wanted: _Wanted) -> RegisteredOperation:
        return RegisteredOperation(
            id=new_id(),
            organisation_id=organisation_id,
            digest=wanted.digest,
            aliases=wanted.aliases,
            text=wanted.text,
            name=wanted.found.name,
            type=wanted.found.type,
            cost=wanted.found.cost,
            registered_at=self._clock.now(),
            registered_by=by,
        )


async def _inspected(uploads: Sequence[OperationUpload], inspector: Inspector) -> Sequence[_Wanted]:
    """Raises `OperationsRefused` with everything that is wrong with any of them."""
    wanted: dict[str, _Wanted] = {}
    refused: list[RefusedOperation] = []
    for index, upload in enumerate(uploads):
        aliases = () if upload.alias is None else (upload.alias,)
        if (same := wanted.get(upload.digest)) is not None and upload.id_issue is None:
            merged = tuple(dict.fromkeys((*same.aliases, *aliases)))
            wanted[upload.digest] = _Wanted(same.index, same.text, same.digest, merged, same.found)
            continue
        found = inspector.inspect(upload.text)
        # Reading takes milliseconds each: others get their turn in between.
        await asyncio.sleep(0)
        reasons = [] if upload.id_issue is None else [upload.id_issue]
        if not isinstance(found, Inspection):
            refused.append(RefusedOperation(index, None, [*reasons, *found]))
        elif reasons:
            refused.append(RefusedOperation(index, found.name, reasons))
        else:
            wanted[upload.digest] = _Wanted(index, upload.text, upload.digest, aliases, found)
    if refused:
        raise OperationsRefused(refused)
    return list(wanted.values())


def _refuse_clashes(wanted: Sequence[_Wanted], there: Sequence[RegisteredOperation]) -> None:
    """An id stands for one text, and a text has a few ids."""
    owners: dict[str, str] = {name: known.digest for known in there for name in (known.digest, *known.aliases)}
    kept: Mapping[str, Sequence[str]] = {known.digest: known.aliases for known in there}
    refused = []
    for each in wanted:
        taken = [alias for alias in each.aliases if owners.setdefault(alias, each.digest) != each.digest]
        reasons = [f"The id {alias} stands for another document already." for alias in taken]
        if len({*each.aliases, *kept.get(each.digest, ())}) > MAX_ALIASES:
            reasons.append(f"A document has at most {MAX_ALIASES} ids beside its hash.")
        if reasons:
            refused.append(RefusedOperation(each.index, each.found.name, reasons))
    if refused:
        raise OperationsRefused(refused)
