"""Sessions: starting, refreshing and ending them, and telling whose an access token is."""

from collections.abc import Mapping, Sequence

from domain.accounts.audit import SecurityEventKind
from domain.accounts.errors import RefreshRefused
from domain.accounts.model import Account
from domain.accounts.refresh_tokens import RefreshToken, RefreshTokens
from domain.accounts.services.security_log import SecurityLog
from domain.accounts.sessions import Presented, Session, SessionPolicy, SessionRecord, judge
from domain.accounts.stores.accounts import AccountStore
from domain.accounts.stores.sessions import SessionStore
from domain.kit.caller import UNKNOWN_CLIENT, Caller, Client, Scope
from domain.kit.clock import Clock
from domain.kit.errors import NotFound, Unauthenticated
from domain.kit.ids import new_id
from domain.kit.transactions import Session as Transaction
from domain.kit.trust.credentials import AccessClaims, AccessTokens
from domain.kit.trust.short_trust import ShortTrust

REFUSAL = "The access token is not valid or has expired. Sign in again."


class SessionService:
    """An access token is good as long as its session is there: here at once, elsewhere within `policy.trusted`."""

    def __init__(
        self,
        store: SessionStore,
        accounts: AccountStore,
        tokens: RefreshTokens,
        access: AccessTokens,
        security: SecurityLog,
        clock: Clock,
        policy: SessionPolicy,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._tokens = tokens
        self._access = access
        self._security = security
        self._clock = clock
        self._policy = policy
        self._trusted: ShortTrust[str] = ShortTrust(clock, policy.trusted)

    async def start(
        self, account: Account, client: Client = UNKNOWN_CLIENT, transaction: Transaction | None = None
    ) -> Session:
        """A new session with the first refresh token of its family."""
        now = self._clock.now()
        token = self._tokens.first(new_id())
        record = SessionRecord(
            id=token.session_id,
            account_id=account.id,
            generation=0,
            token_hash=token.digest,
            created_at=now,
            used_at=now,
            expires_at=now + min(self._policy.idle, self._policy.absolute),
            address=client.address,
            user_agent=client.user_agent,
        )
        await self._store.insert(record, transaction)
        return self._granted(account, record, token)

    async def refresh(self, refresh_token: str, client: Client = UNKNOWN_CLIENT) -> Session:
        """Exchanges a refresh token for new ones. A token that was exchanged before ends the whole session.

        Only within the grace, and only for the last one, the same answer is given again. Raises `RefreshRefused`.
        """
        token = self._tokens.read(refresh_token)
        record = None if token is None else await self._store.find(token.session_id, self._clock.now())
        account = None if record is None else await self._accounts.find(record.account_id)
        if token is None or record is None or account is None:
            raise RefreshRefused()
        successor = self._tokens.successor(token)
        if self._judge(record, token) is Presented.CURRENT:
            after = record.rotated(successor, self._clock.now(), self._policy)
            if await self._store.rotate(record, after):
                return self._granted(account, after, successor)
        return self._granted(account, await self._rotated_before(token, successor, client), successor)

    async def _rotated_before(self, token: RefreshToken, successor: RefreshToken, client: Client) -> SessionRecord:
        """The session that another call has just rotated to this successor; any other case is a stolen token."""
        record = await self._store.find(token.session_id, self._clock.now())
        if record is None:
            raise RefreshRefused()
        if record.token_hash == successor.digest and self._judge(record, token) is Presented.JUST_ROTATED:
            return record
        await self._store.end(record.account_id, record.id)
        self._trusted.forget([record.id])
        kind = SecurityEventKind.REFRESH_REUSED
        await self._security.record(record.account_id, kind, client, session_id=record.id)
        raise RefreshRefused(reused=True)

    async def caller_of(self, access_token: str) -> Caller:
        """Raises `Unauthenticated` for a token that is not valid, and when its session was ended."""
        claims = self._access.read(access_token)
        if claims is None:
            raise Unauthenticated(REFUSAL)
        if self._trusted.get(claims.session_id) != claims.account_id:
            await self._look_up(claims)
        return Caller(claims.account_id, claims.session_id)

    async def owners(self, ids: Sequence[str]) -> Mapping[str, str]:
        """The accounts of those sessions among these that have not ended."""
        return await self._store.owners(ids, self._clock.now())

    async def _look_up(self, claims: AccessClaims) -> None:
        record = await self._store.find(claims.session_id, self._clock.now())
        if record is None or record.account_id != claims.account_id:
            raise Unauthenticated("This session was ended. Sign in again.")
        self._trusted.put(record.id, record.account_id, record.expires_at)

    async def of_caller(self, caller: Caller) -> Sequence[SessionRecord]:
        """The caller's sessions, newest first."""
        return await self._store.of_account(caller.require(Scope.ACCOUNT_READ), self._clock.now())

    async def sessions_by_id(self, caller: Caller, session_ids: Sequence[str]) -> dict[str, SessionRecord]:
        """The caller's sessions among these ids, in one query."""
        account_id = caller.require(Scope.ACCOUNT_READ)
        found = await self._store.of_account(account_id, self._clock.now(), session_ids)
        return {record.id: record for record in found}

    async def end(self, caller: Caller, session_id: str, client: Client = UNKNOWN_CLIENT) -> None:
        """Ends one of the caller's sessions; raises `NotFound`."""
        account_id = caller.require_person()
        if not await self._store.end(account_id, session_id):
            raise NotFound("session", session_id)
        self._trusted.forget([session_id])
        await self._security.record(account_id, SecurityEventKind.SESSION_ENDED, client, session_id=session_id)

    async def sign_out(self, caller: Caller, client: Client = UNKNOWN_CLIENT) -> None:
        """Ends the session that the call was made with; one that is over already is no error."""
        await self._sign_out(caller.require_person(), caller.session_id, client)

    async def sign_out_by_token(self, refresh_token: str, client: Client = UNKNOWN_CLIENT) -> None:
        """Ends the session of a refresh token, for clients whose access token has expired. A bad token ends nothing."""
        token = self._tokens.read(refresh_token)
        record = None if token is None else await self._store.find(token.session_id, self._clock.now())
        if record is not None:
            await self._sign_out(record.account_id, record.id, client)

    async def _sign_out(self, account_id: str, session_id: str | None, client: Client) -> None:
        if session_id is None or not await self._store.end(account_id, session_id):
            return
        self._trusted.forget([session_id])
        await self._security.record(account_id, SecurityEventKind.SIGNED_OUT, client, session_id=session_id)

    async def sign_out_everywhere(
        self, caller: Caller, client: Client = UNKNOWN_CLIENT, *, spare_this: bool = False
    ) -> int:
        """Ends all of the caller's sessions, or all others; returns how many."""
        account_id = caller.require_person()
        return await self.end_all(account_id, client, caller.session_id if spare_this else None)

    async def end_all(
        self,
        account_id: str,
        client: Client,
        spared: str | None = None,
        transaction: Transaction | None = None,
    ) -> int:
        """For services that must shut everybody out, such as a password reset."""
        ended = await self._store.end_all(account_id, spared, transaction)
        self._trusted.forget(ended)
        if ended:
            kind, count = SecurityEventKind.SESSIONS_ENDED, str(len(ended))
            await self._security.record(account_id, kind, client, transaction, sessions=count)
        return len(ended)

    def _judge(self, record: SessionRecord, token: RefreshToken) -> Presented:
        return judge(record, token, self._clock.now(), self._policy)

    def _granted(self, account: Account, record: SessionRecord, token: RefreshToken) -> Session:
        now = self._clock.now()
        expires_at = min(now + self._policy.access, record.expires_at)
        claims = AccessClaims(account.id, record.id, now, expires_at)
        self._trusted.put(record.id, account.id, record.expires_at)
        return Session(
            id=record.id,
            account=account,
            access_token=self._access.sign(claims),
            expires_at=expires_at,
            refresh_token=self._tokens.write(token),
            refresh_expires_at=record.expires_at,
        )
