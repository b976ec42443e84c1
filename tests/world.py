"""A whole Cadenza for one test: real MongoDB, twins for all else, and a clock that can be turned."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from adapters import arq_connection, mongo
from adapters.jose_box import JoseBox
from adapters.jose_tokens import JoseAccessTokens, JoseTokenSigner
from adapters.local_buckets import LocalBuckets
from adapters.media.intake.decoder import SandboxedDecoder
from adapters.media.intake.pictures import SandboxedPictures
from adapters.media.twin import FastStudio
from adapters.memory.audio_engine import MemoryAudioEngine
from adapters.memory.blob_intake import MemoryBlobIntake
from adapters.memory.blobs import MemoryBlobStore
from adapters.memory.changes import MemoryChanges
from adapters.memory.event_bus import MemoryEventBus
from adapters.memory.identity_provider import MemoryIdentityProvider
from adapters.memory.mailer import MemoryMailer
from adapters.memory.music_engine import MemoryEngine
from adapters.memory.note_model import MemoryNoteModel
from adapters.memory.open_listens import MemoryOpenListens
from adapters.memory.play_log import MemoryListenStates, MemoryPlayLog
from adapters.memory.queue import MemoryJobQueue
from adapters.memory.texts import MemoryTexts
from adapters.memory.throttle import MemoryThrottle
from adapters.memory.webhook_sender import MemoryWebhookSender
from adapters.meters.mail import PrometheusMailMeter
from adapters.meters.security import PrometheusSecurityMeter
from adapters.mongo import MongoTransactions
from bootstrap.areas import AREAS, build_services
from bootstrap.payments import sandbox_till
from bootstrap.services import IdentityPorts, Kit, PlayPorts
from bootstrap.settings import Settings
from bootstrap.webhooks import Outbound, destinations
from domain.accounts.identity_provider import IdentityProvider, IdentityProviders
from domain.accounts.service import AccountService
from domain.credits.model import FREE_PLAN
from domain.credits.services.ledger import CreditLedger
from domain.credits.services.wallets import CreditWallets
from domain.generation.model import GenerationRequest
from domain.generation.services.request import GenerationRequests
from domain.jobs.model import Job, RetryPolicy
from domain.jobs.services.run import JobRunning
from domain.kit.audio.media import MediaStudio
from domain.kit.caller import Caller
from domain.kit.clock import Clock
from domain.kit.event_bus import EventBus
from domain.kit.ids import new_id
from domain.kit.mail import Mail
from domain.kit.registry import Services
from domain.mail.service import MailOutbox
from graphql_api.jobs.types import JobPresenter
from jobs.core.runner import AttemptRunner
from tests.databases import lent_database
from tests.quick_hasher import QuickHasher

T = TypeVar("T")

# Where the app waits for the answers of identity providers.
APP = "https://app.cadenza.example/signed-in"
# Settings for tests that try everything thousands of times, where nobody counts guesses.
UNTHROTTLED = {"CADENZA_AUTH_ATTEMPTS_PER_ACCOUNT": "1000000", "CADENZA_AUTH_ATTEMPTS_PER_ADDRESS": "1000000"}
FAST_POLICY = RetryPolicy(base_seconds=0.01, ceiling_seconds=0.02, lease_seconds=20.0, heartbeat_seconds=0.25)


class TurnableClock:
    """The real time plus what a test has added."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        now = datetime.now(UTC) + self._ahead
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def advance(self, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)

    def advance_to_next_day(self) -> None:
        """To the first second of tomorrow (UTC), so that what a test does in the hours after it is of one day."""
        now = self.now()
        tomorrow = now.replace(hour=0, minute=0, second=1, microsecond=0) + timedelta(days=1)
        self.advance((tomorrow - now).total_seconds())


@dataclass(frozen=True)
class World:
    """The services with handles on the twins behind them."""

    kit: Kit
    clock: TurnableClock
    queue: MemoryJobQueue
    events: MemoryEventBus
    changes: MemoryChanges
    blobs: MemoryBlobStore
    intake: MemoryBlobIntake
    engine: MemoryEngine
    audio: MemoryAudioEngine
    notes: MemoryNoteModel
    sender: MemoryWebhookSender
    mailer: MemoryMailer
    provider: MemoryIdentityProvider
    client: mongo.Client
    database: str

    def get(self, kind: type[T]) -> T:
        return self.kit.services.get(kind)

    async def person(self, name: str = "Ada", plan: str = FREE_PLAN) -> Caller:
        """A new account's session, on this plan."""
        session = await self.get(AccountService).sign_up(f"{new_id()}@cadenza.example", "a good password", name)
        await self.get(MailOutbox).settle()
        caller = Caller(session.account.id, session.id)
        if plan != FREE_PLAN:
            await self.subscribe(caller, plan)
        return caller

    async def subscribe(self, caller: Caller, plan: str) -> None:
        """A month of a paid plan, as its invoice would bring it."""
        owner_id, start = caller.require(), self.clock.now()
        await self.get(CreditWallets).wallet(owner_id)
        end = start + timedelta(days=60)

        async def work(session: Any) -> None:
            await self.get(CreditLedger).start_period(owner_id, plan, start, end, f"invoice:{new_id()}", session)

        await self.kit.transactions.run(work)

    async def ask(self, caller: Caller, **fields: Any) -> Job:
        """A request for a short song."""
        wish = {"prompt": "calm piano", "duration_seconds": 6.0, "seed": 1, **fields}
        return (await self.get(GenerationRequests).generate(caller, GenerationRequest(**wish)))[0]

    async def mail_to(self, email: str) -> list[Mail]:
        """All mail to one address so far, the oldest first."""
        await self.get(MailOutbox).settle()
        return self.mailer.to(email)

    def runner(self, worker: str = "worker-1") -> AttemptRunner:
        return AttemptRunner(self.get(JobRunning), worker, mongo.as_unavailable)

    async def work_off(self, worker: str = "worker-1") -> int:
        """Runs the queued messages like a worker would, one after the other; returns how many there were."""
        count = 0
        while self.queue.messages:
            await self.work_one(worker)
            count += 1
        return count

    async def work_one(self, worker: str = "worker-1") -> None:
        """Runs the first queued message."""
        message = self.queue.messages.pop(0)
        functions = {kind: function for area in AREAS for kind, function in area.jobs.items()}
        context = {"services": self.kit.services, "runner": self.runner(worker)}
        await functions[message.kind](context, message.job_id, message.attempt)

    async def documents(self, collection: str) -> list[dict[str, Any]]:
        return await self.client[self.database][collection].find().to_list()


@asynccontextmanager
async def open_world(
    mongo_url: str,
    folder: Path,
    studio: MediaStudio | None = None,
    bus: EventBus | None = None,
    providers: Mapping[str, IdentityProvider] | None = None,
    clock: TurnableClock | None = None,
    *,
    settings: Mapping[str, str] | None = None,
    patience_seconds: float = 30.0,
) -> AsyncGenerator[World, None]:
    """In an empty database. `providers` stand beside the `twin`, `settings` beside the usual; the rest replaces.

    A database may be silent for `patience_seconds`, as it is on a crowded machine.
    """
    client = mongo.connect(mongo_url, patience_seconds)
    read, clock = settings_for_tests(folder, settings or {}), clock or TurnableClock()
    async with lent_database(mongo_url, client) as database:
        world = _with_twins(client, database, read, clock, studio, bus, providers or {})
        _build(world.kit)
        try:
            yield world
        finally:
            await _close(world.kit, client)


def _with_twins(
    client: mongo.Client,
    database: str,
    read: Settings,
    clock: TurnableClock,
    studio: MediaStudio | None,
    bus: EventBus | None,
    providers: Mapping[str, IdentityProvider],
) -> World:
    queue, events, blobs, engine = MemoryJobQueue(), MemoryEventBus(clock=clock), MemoryBlobStore(), MemoryEngine()
    changes, notes, audio = MemoryChanges(), MemoryNoteModel(), MemoryAudioEngine()
    mailer, provider = MemoryMailer(), MemoryIdentityProvider()
    intake, sender = MemoryBlobIntake(blobs), MemoryWebhookSender(destinations(read))
    signer = JoseTokenSigner(read.auth.keys, clock)
    kit = Kit(
        settings=read,
        clock=clock,
        transactions=MongoTransactions(client, changes),
        changes=changes,
        queue=queue,
        events=bus or events,
        buckets=LocalBuckets(),
        texts=MemoryTexts(),
        blobs=blobs,
        intake=intake,
        engine=engine,
        audio=audio,
        notes=notes,
        studio=studio or FastStudio(),
        decoder=SandboxedDecoder(),
        pictures=SandboxedPictures(),
        hasher=QuickHasher(),
        signer=signer,
        policy=FAST_POLICY,
        services=Services(),
        arq=arq_connection.connect("redis://127.0.0.1:1/0"),
        checks={},
        till=sandbox_till(read, signer, clock),
        identity=identity_ports(read, clock, mailer, {"twin": provider, **providers}),
        outbound=Outbound(sender, sender.destinations),
        plays=PlayPorts(MemoryPlayLog(), MemoryListenStates(), MemoryOpenListens(), LocalBuckets()),
    )
    twins = (queue, events, changes, blobs, intake, engine, audio, notes, sender, mailer, provider)
    return World(kit, clock, *twins, client, database)


def _build(kit: Kit) -> None:
    build_services(kit)
    kit.services.add(JobPresenter({kind: shown for area in AREAS for kind, shown in area.presenters.items()}))


async def _close(kit: Kit, client: mongo.Client) -> None:
    await kit.services.get(MailOutbox).settle()
    await client.close()
    await kit.arq.aclose()


def identity_ports(
    settings: Settings, clock: Clock, mailer: MemoryMailer, providers: Mapping[str, IdentityProvider]
) -> IdentityPorts:
    keys = settings.auth.keys
    return IdentityPorts(
        keys=keys,
        access=JoseAccessTokens(keys, clock),
        throttle=MemoryThrottle(clock),
        box=JoseBox(keys),
        mailer=mailer,
        meter=PrometheusSecurityMeter(),
        mail_meter=PrometheusMailMeter(),
        providers=IdentityProviders(providers),
    )


def settings_for_tests(folder: Path, more: Mapping[str, str]) -> Settings:
    """Settings as a program would read them, without touching the environment."""
    return Settings(
        {
            "CADENZA_MONGO_URL": "mongodb://unused",
            "CADENZA_REDIS_URL": "redis://unused",
            "CADENZA_S3_ENDPOINT": "http://unused",
            "CADENZA_S3_ACCESS_KEY": "unused",
            "CADENZA_S3_SECRET_KEY": "unused",
            "CADENZA_TRITON_URL": "unused:1",
            "CADENZA_AUTH_SECRET": "a secret of thirty-two characters",
            "CADENZA_AUTH_TRUST_SECONDS": "25",
            "CADENZA_WORKER_WORK_DIR": str(folder / "work"),
            "CADENZA_PAYMENTS_GATEWAY": "test",
            "CADENZA_SIGN_IN_REDIRECT_URIS": APP,
            **more,
        }
    )
