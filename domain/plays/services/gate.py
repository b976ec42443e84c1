"""How many reports are taken from one listen and one network. Each process counts by itself: asking costs more."""

from domain.kit.rate_limit import Bucket, Charge, CostBuckets
from domain.plays.model import Ticket

# A player reports every ten seconds, and when somebody seeks or pauses; one that was offline sends all at once.
LISTEN_BUCKET = Bucket(capacity=200, restore_per_second=1.0)
# Thousands of listeners may share one address of a mobile network.
NETWORK_BUCKET = Bucket(capacity=6_000, restore_per_second=600.0)


class PlayGate:
    """Keeps a broken or hostile player from filling the log; what counts is decided elsewhere."""

    def __init__(self, buckets: CostBuckets) -> None:
        self._buckets = buckets

    async def charge(self, ticket: Ticket, address: str, reports: int) -> Charge:
        charge = await self._buckets.charge(ticket.listen_id, reports, LISTEN_BUCKET)
        if not charge.accepted:
            return charge
        return await self._buckets.charge(address, reports, NETWORK_BUCKET)
