"""How many attempts at an account, and from an address, are allowed, and under which names they count. Pure."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from domain.kit.trust.addresses import network_of
from domain.kit.trust.throttle import Allowance

PER_ACCOUNT = Allowance(burst=10, every_seconds=60.0)
PER_ADDRESS = Allowance(burst=100, every_seconds=6.0)
# What signing up and moving an account have in common: the answer tells whether an address is taken.
ADDRESS_ASKED = "address asked"
TOLD_ONCE = Allowance(burst=1, every_seconds=900.0)


@dataclass(frozen=True)
class ThrottlePolicy:
    """Allowances of a guess at a password or a code."""

    per_account: Allowance = PER_ACCOUNT
    per_address: Allowance = PER_ADDRESS
    told_once: Allowance = TOLD_ONCE


def buckets(policy: ThrottlePolicy, purpose: str, account: str, address: str) -> Mapping[str, Allowance]:
    """Under which names one attempt counts. `account` is an e-mail address or an id, known or not, or empty."""
    found = {f"{purpose}:account:{_digest(account)}": policy.per_account} if account else {}
    if address:
        found[f"{purpose}:address:{_digest(network_of(address))}"] = policy.per_address
    return found


def telling(policy: ThrottlePolicy, purpose: str, account: str) -> Mapping[str, Allowance]:
    """What keeps the log from being flooded by an attack."""
    return {f"{purpose}:told:{_digest(account)}": policy.told_once}


def _digest(text: str) -> str:
    """Short enough for a key and telling nothing about the person."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]
