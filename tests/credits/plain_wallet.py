"""What a wallet must hold after some movements, told a second time in plain arithmetic to compare with."""

from dataclasses import dataclass, field


@dataclass
class PlainWallet:
    """Balances, and for each open hold how much of it came from the plan and from packs."""

    plan: int = 500
    packs: int = 0
    held: int = 0
    holds: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def balances(self) -> tuple[int, int, int]:
        return self.plan, self.packs, self.held

    def hold(self, hold_id: str, amount: int) -> bool:
        """False when it cannot be paid."""
        if amount > self.plan + self.packs:
            return False
        from_plan = min(self.plan, amount)
        self.plan -= from_plan
        self.packs -= amount - from_plan
        self.held += amount
        self.holds[hold_id] = (from_plan, amount - from_plan)
        return True

    def settle(self, hold_id: str, charged: int) -> None:
        from_plan, from_packs = self.holds.pop(hold_id)
        self.held -= from_plan + from_packs
        # The plan's part is spent first.
        paid_by_plan = min(charged, from_plan)
        self.plan += from_plan - paid_by_plan
        self.packs += from_packs - (charged - paid_by_plan)

    def take_back(self, credits: int) -> None:
        self.packs = max(0, self.packs - credits)
