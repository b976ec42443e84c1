"""Auditing the books of a whole database from its raw records, without the code that wrote them."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

Record = Mapping[str, Any]

OWN = {"PLAN": "plan_credits", "PACKS": "pack_credits", "HELD": "held"}
FINAL = {"SUCCEEDED", "FAILED", "CANCELED", "EXPIRED"}


async def audit(database: AsyncDatabase[dict[str, Any]]) -> list[str]:
    """What is wrong with wallets, transfers and holds; an empty list is the wanted answer."""
    return [*await audit_books(database), *await audit_holds(database)]


async def audit_books(database: AsyncDatabase[dict[str, Any]]) -> list[str]:
    """Transfers sum to zero, wallets are the sums of their transfers, nothing is negative or there twice."""
    transfers = await database["credit_transfers"].find().sort([("owner_id", 1), ("sequence", 1)]).to_list()
    by_owner: dict[str, list[Record]] = defaultdict(list)
    for transfer in transfers:
        by_owner[transfer["owner_id"]].append(transfer)
    wallets = {wallet["_id"]: wallet for wallet in await database["credit_wallets"].find().to_list()}
    faults = [f"{owner}: has transfers and no wallet" for owner in by_owner.keys() - wallets.keys()]
    for owner, wallet in wallets.items():
        faults += [f"{owner}: {fault}" for fault in _faults_of_wallet(wallet, by_owner[owner])]
    if total := sum(posting["amount"] for transfer in transfers for posting in transfer["postings"]):
        faults.append(f"all postings sum to {total}")
    return faults


async def audit_holds(database: AsyncDatabase[dict[str, Any]]) -> list[str]:
    """Every hold ended exactly once, or is open for a job that is not finished."""
    transfers = await database["credit_transfers"].find({"kind": {"$in": ["HOLD", "SETTLE", "RELEASE"]}}).to_list()
    status = {job["_id"]: job["status"] async for job in database["jobs"].find({}, {"status": 1})}
    ends: dict[tuple[str, str], list[Record]] = defaultdict(list)
    holds: dict[tuple[str, str], Record] = {}
    for transfer in transfers:
        sort, _, hold_id = transfer["reference"].partition(":")
        key = (transfer["owner_id"], hold_id)
        if sort == "hold":
            holds[key] = transfer
        else:
            ends[key].append(transfer)
    faults = [f"{owner}: {hold_id} ended and was never held" for owner, hold_id in ends.keys() - holds.keys()]
    for key, hold in holds.items():
        faults += [f"{key[0]}: {key[1]} {fault}" for fault in _faults_of_hold(hold, ends[key], status)]
    return faults


def _faults_of_wallet(wallet: Record, transfers: Sequence[Record]) -> Iterator[str]:
    if [transfer["sequence"] for transfer in transfers] != list(range(1, wallet["revision"] + 1)):
        yield "the chain of transfers has a gap or a fork"
    twice = [name for name, count in Counter(transfer["reference"] for transfer in transfers).items() if count > 1]
    if twice:
        yield f"{twice} happened more than once"
    sums: Counter[str] = Counter()
    for transfer in transfers:
        if sum(posting["amount"] for posting in transfer["postings"]) != 0:
            yield f"{transfer['reference']} does not sum to zero"
        for posting in transfer["postings"]:
            sums[posting["account"]] += posting["amount"]
        told = transfer["balances"]
        if (told["plan"], told["packs"], told["held"]) != tuple(sums[account] for account in OWN):
            yield f"{transfer['reference']} tells other balances than its chain gives"
        if min(sums[account] for account in OWN) < 0:
            yield f"{transfer['reference']} makes a balance negative"
    for account, name in OWN.items():
        if wallet[name] != sums[account]:
            yield f"{name} is {wallet[name]} and its transfers sum to {sums[account]}"


def _faults_of_hold(hold: Record, ends: Sequence[Record], status: Mapping[str, str]) -> Iterator[str]:
    if len(ends) > 1:
        yield f"ended {len(ends)} times"
    job = status.get(hold["job_id"])
    if not ends and (job is None or job in FINAL):
        yield f"is open and its job is {job or 'not there'}"
    amounts = [_held(hold), *(-_held(end) for end in ends)]
    if len(set(amounts)) != 1:
        yield f"held and gave back different amounts: {amounts}"


def _held(transfer: Record) -> int:
    return sum(posting["amount"] for posting in transfer["postings"] if posting["account"] == "HELD")
