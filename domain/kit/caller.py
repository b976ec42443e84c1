"""Who is calling. Services take a `Caller` first and decide by it."""

from dataclasses import dataclass

from domain.kit.errors import Unauthenticated


@dataclass(frozen=True)
class Caller:
    """A person's session, or nobody when `account_id` is None."""

    account_id: str | None

    def require(self) -> str:
        """The account id; raises `Unauthenticated` for an anonymous caller."""
        if self.account_id is None:
            raise Unauthenticated()
        return self.account_id


ANONYMOUS = Caller(account_id=None)
