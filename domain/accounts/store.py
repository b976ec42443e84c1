"""The queries of accounts."""

from pymongo.errors import DuplicateKeyError

from domain.accounts.documents import AccountDocument
from domain.accounts.errors import EmailTaken
from domain.accounts.model import Account


def to_account(record: AccountDocument) -> Account:
    return Account(record.id, record.email, record.display_name, record.created_at, record.is_admin)


class AccountStore:
    """Accounts by id and by address; the password hash leaves only through `find_with_hash`."""

    async def insert(self, account: Account, password_hash: str) -> None:
        record = AccountDocument(
            id=account.id,
            email=account.email,
            display_name=account.display_name,
            password_hash=password_hash,
            created_at=account.created_at,
        )
        try:
            await record.insert()
        except DuplicateKeyError as error:
            raise EmailTaken(account.email) from error

    async def find(self, account_id: str) -> Account | None:
        record = await AccountDocument.get(account_id)
        return None if record is None else to_account(record)

    async def find_with_hash(self, email: str) -> tuple[Account, str] | None:
        record = await AccountDocument.find_one({"email": email})
        return None if record is None else (to_account(record), record.password_hash)

    async def set_admin(self, email: str, is_admin: bool) -> bool:
        """False when there is no such account."""
        result = await AccountDocument.get_pymongo_collection().update_one(
            {"email": email}, {"$set": {"is_admin": is_admin}}
        )
        return bool(result.matched_count)
