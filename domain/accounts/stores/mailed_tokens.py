"""The queries of tokens that went out by mail."""

from datetime import datetime

from domain.accounts.documents import MailedTokenDocument
from domain.accounts.mailed_tokens import MailedToken, TokenPurpose
from domain.kit.transactions import Session as Transaction


class MailedTokenStore:
    """Tokens are found by their hash, and only once."""

    async def replace(self, token_hash: str, token: MailedToken, transaction: Transaction) -> None:
        """Writes a token; earlier ones of the same kind are good no more."""
        collection = MailedTokenDocument.get_pymongo_collection()
        query = {"account_id": token.account_id, "purpose": token.purpose.value}
        if token.account_id:
            await collection.delete_many(query, session=transaction)
        else:
            await collection.find_one(query, session=transaction)
        document = MailedTokenDocument(
            id=token_hash,
            account_id=token.account_id,
            purpose=token.purpose,
            email=token.email,
            expires_at=token.expires_at,
        )
        await document.insert(session=transaction)

    async def take(
        self, token_hash: str, purpose: TokenPurpose, now: datetime, transaction: Transaction
    ) -> MailedToken | None:
        """The token, which is then gone; None when there is none of this kind, or it is too old."""
        raw = await MailedTokenDocument.get_pymongo_collection().find_one_and_delete(
            {"_id": token_hash, "purpose": purpose.value, "expires_at": {"$gt": now}}, session=transaction
        )
        if raw is None:
            return None
        document = MailedTokenDocument.model_validate(raw)
        return MailedToken(document.account_id, document.purpose, document.email, document.expires_at)

    async def revoke(self, account_id: str, transaction: Transaction | None = None) -> None:
        """Makes all tokens of an account worthless."""
        await MailedTokenDocument.get_pymongo_collection().delete_many({"account_id": account_id}, session=transaction)
