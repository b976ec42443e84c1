"""The queries of accounts."""

from pymongo.errors import DuplicateKeyError

from domain.accounts.documents import AccountDocument
from domain.accounts.errors import EmailTaken
from domain.accounts.model import Account, Role


def to_account(record: AccountDocument) -> Account:
    return Account(record.id, record.email, record.display_name, record.created_at, record.role)


class AccountStore:
    """Accounts by id and by address; the password hash leaves only through `find_with_hash`."""

    async def insert(self, account: Account, password_hash: str | None) -> None:
        """Raises `EmailTaken`."""
        record = AccountDocument(
            id=account.id,
            email=account.email,
            display_name=account.display_name,
            password_hash=password_hash,
            created_at=account.created_at,
            role=account.role,
        )
        try:
            await record.insert()
        except DuplicateKeyError as error:
            raise EmailTaken(account.email) from error

    async def find(self, account_id: str) -> Account | None:
        record = await AccountDocument.get(account_id)
        return None if record is None else to_account(record)

    async def find_with_hash(self, email: str) -> tuple[Account, str | None] | None:
        record = await AccountDocument.find_one({"email": email})
        return None if record is None else (to_account(record), record.password_hash)

    async def find_by_email_or_id(self, text: str) -> Account | None:
        record = await AccountDocument.find_one({"$or": [{"email": text}, {"_id": text}]})
        return None if record is None else to_account(record)

    async def rehash(self, account_id: str, old_hash: str, new_hash: str) -> None:
        """Replaces the hash of the same password, unless the password was changed meanwhile."""
        await AccountDocument.get_pymongo_collection().update_one(
            {"_id": account_id, "password_hash": old_hash}, {"$set": {"password_hash": new_hash}}
        )

    async def set_role(self, email: str, role: Role) -> Account | None:
        """The account as it is now, or None when there is no such address."""
        record = await AccountDocument.find_one({"email": email})
        if record is None:
            return None
        await AccountDocument.get_pymongo_collection().update_one({"_id": record.id}, {"$set": {"role": role.value}})
        return to_account(record.model_copy(update={"role": role}))
