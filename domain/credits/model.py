"""Plans, wallets and the transfers between accounts. Pure data; how a transfer is made is in `booking.py`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from domain.kit.ids import new_id
from domain.kit.queue import QueueName

FREE_PLAN = "free"
# The renewal of a paid plan comes by invoice, and a payment may take some days.
GRACE = timedelta(days=3)


@dataclass(frozen=True)
class Plan:
    """What a person may do and gets each month. `price_cents` is per month, in hundredths of `currency`.

    The three limits of uploads bound a file's bytes, its seconds of sound, and how many are under way at once.
    """

    id: str
    name: str
    monthly_credits: int
    price_cents: int
    currency: str
    queue: QueueName
    weight: float
    concurrency: int
    max_waiting_jobs: int
    max_duration_seconds: float
    max_variations: int
    max_upload_bytes: int
    max_upload_seconds: float
    max_open_uploads: int


@dataclass(frozen=True)
class Pack:
    """Credits to buy once; they do not expire."""

    id: str
    name: str
    credits: int
    price_cents: int
    currency: str


class Account(StrEnum):
    """The first three are a person's. The house's have no balance of their own: they are sums over transfers."""

    PLAN = "PLAN"
    PACKS = "PACKS"
    HELD = "HELD"
    GRANTED = "GRANTED"
    SOLD = "SOLD"
    REVENUE = "REVENUE"
    EXPIRED = "EXPIRED"
    WRITTEN_OFF = "WRITTEN_OFF"


class TransferKind(StrEnum):
    GRANT = "GRANT"
    PURCHASE = "PURCHASE"
    HOLD = "HOLD"
    SETTLE = "SETTLE"
    RELEASE = "RELEASE"
    EXPIRE = "EXPIRE"
    TAKE_BACK = "TAKE_BACK"


@dataclass(frozen=True)
class Posting:
    """An amount into an account; a negative one goes out of it."""

    account: Account
    amount: int


@dataclass(frozen=True)
class Balances:
    """A person's three accounts."""

    plan: int
    packs: int
    held: int

    @property
    def available(self) -> int:
        return self.plan + self.packs


@dataclass(frozen=True)
class Transfer:
    """One movement of one person's credits; never changed. `sequence` counts the owner's transfers from 1.

    `reference` says what it was made for, once per owner; `balances` are those after it. Raises `ValueError` when
    the postings do not sum to zero.
    """

    owner_id: str
    sequence: int
    kind: TransferKind
    reference: str
    postings: tuple[Posting, ...]
    balances: Balances
    created_at: datetime
    job_id: str | None = None
    note: str = ""
    id: str = field(default_factory=new_id)

    def __post_init__(self) -> None:
        if sum(posting.amount for posting in self.postings) != 0:
            raise ValueError(f"the postings of {self.reference} do not sum to zero")

    def amount(self, account: Account) -> int:
        return sum(posting.amount for posting in self.postings if posting.account is account)

    @property
    def available_change(self) -> int:
        return self.amount(Account.PLAN) + self.amount(Account.PACKS)

    @property
    def held_change(self) -> int:
        return self.amount(Account.HELD)


@dataclass(frozen=True)
class Wallet:
    """A person's balances. `revision` is the number of transfers that made them.

    `anchored_at` is where the calendar months of the free plan are counted from. Raises `ValueError` for a balance
    below zero.
    """

    owner_id: str
    plan_id: str
    plan_credits: int
    pack_credits: int
    held: int
    period_start: datetime
    period_end: datetime
    anchored_at: datetime
    revision: int

    def __post_init__(self) -> None:
        if min(self.plan_credits, self.pack_credits, self.held) < 0:
            raise ValueError(f"the wallet of {self.owner_id} would be below zero")

    @property
    def available(self) -> int:
        return self.plan_credits + self.pack_credits

    @property
    def total(self) -> int:
        return self.available + self.held

    @property
    def balances(self) -> Balances:
        return Balances(self.plan_credits, self.pack_credits, self.held)

    def is_over(self, now: datetime) -> bool:
        """Whether its period has to give way to one of the free plan."""
        grace = timedelta() if self.plan_id == FREE_PLAN else GRACE
        return now >= self.period_end + grace


@dataclass(frozen=True)
class Booking:
    """A wallet after some transfers."""

    wallet: Wallet
    transfers: tuple[Transfer, ...]


def postings_of(changes: Mapping[Account, int]) -> tuple[Posting, ...]:
    """One posting for each account whose balance changes."""
    return tuple(Posting(account, amount) for account, amount in changes.items() if amount != 0)
