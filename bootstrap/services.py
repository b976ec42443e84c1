"""Opens the adapters that all services stand on, and closes them again."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from arq.connections import ArqRedis
from beanie import Document
from pymongo.errors import ConfigurationError, OperationFailure
from redis.asyncio import Redis
from tritonclient.grpc.aio import InferenceServerClient

from adapters import arq_connection, mongo, triton
from adapters.argon2_hasher import Argon2Hasher
from adapters.fair_queue.queue import RedisFairQueue
from adapters.jose_box import JoseBox
from adapters.jose_tokens import JoseAccessTokens, JoseTokenSigner
from adapters.local_buckets import LocalBuckets
from adapters.media.intake.decoder import SandboxedDecoder
from adapters.media.intake.pictures import SandboxedPictures
from adapters.media.studio import FfmpegStudio
from adapters.meters.mail import PrometheusMailMeter
from adapters.meters.security import PrometheusSecurityMeter
from adapters.mongo import MongoTransactions
from adapters.redis import connection as redis_connection
from adapters.redis.buckets import RedisBuckets
from adapters.redis.changes import RedisChanges
from adapters.redis.events import RedisEventBus
from adapters.redis.plays.log import RedisPlayLog
from adapters.redis.plays.open_listens import RedisOpenListens
from adapters.redis.plays.states import RedisListenStates
from adapters.redis.texts import RedisTexts
from adapters.redis.throttle.throttle import RedisThrottle
from adapters.s3.store import S3BlobStore, S3Location
from adapters.text_tokenizer import BucketTokenizer
from adapters.triton import TritonEngine
from adapters.triton_audio import TritonAudioEngine
from adapters.triton_notes import TritonNoteModel
from bootstrap.mail import open_mailer
from bootstrap.payments import Till, open_till
from bootstrap.settings import MissingSettings, Settings
from bootstrap.sign_in import open_providers
from bootstrap.webhooks import Outbound, open_outbound
from domain.accounts.identity_provider import IdentityProviders
from domain.accounts.services.security_log import SecurityMeter
from domain.jobs.model import RetryPolicy
from domain.kit.audio.audio_decoding import AudioDecoder
from domain.kit.audio.audio_engine import AudioEngine
from domain.kit.audio.media import MediaStudio
from domain.kit.audio.music_engine import MusicEngine
from domain.kit.audio.note_model import NoteModel
from domain.kit.blob_intake import BlobIntake
from domain.kit.blobs import BlobStore
from domain.kit.changes import Changes
from domain.kit.clock import Clock, SystemClock
from domain.kit.event_bus import EventBus
from domain.kit.kept_texts import KeptTexts
from domain.kit.mail import Mailer
from domain.kit.pictures import PictureReader
from domain.kit.queue import JobQueue
from domain.kit.rate_limit import CostBuckets
from domain.kit.registry import Services
from domain.kit.transactions import Transactions
from domain.kit.trust.credentials import AccessTokens, KeyRing, PasswordHasher, SecretBox, TokenSigner
from domain.kit.trust.throttle import Throttle
from domain.mail.service import MailMeter
from domain.plays.log import ListenStates, PlayLog
from domain.plays.open_listens import OpenListens
from graphql_api.core.health import Check

TOKENIZER = Path(__file__).parent.parent / "triton_models" / "text_embedding" / "tokenizer.json"


@dataclass(frozen=True)
class IdentityPorts:
    """What accounts stand on beside the rest of the kit."""

    keys: KeyRing
    access: AccessTokens
    throttle: Throttle
    box: SecretBox
    mailer: Mailer | None
    meter: SecurityMeter
    mail_meter: MailMeter
    providers: IdentityProviders


@dataclass(frozen=True)
class PlayPorts:
    """What counting of plays stands on. `gate` counts for this process alone."""

    log: PlayLog
    states: ListenStates
    open: OpenListens
    gate: CostBuckets


@dataclass(frozen=True)
class Kit:
    """The ports, opened, and the services built so far."""

    settings: Settings
    clock: Clock
    transactions: Transactions
    changes: Changes
    queue: JobQueue
    events: EventBus
    buckets: CostBuckets
    texts: KeptTexts
    blobs: BlobStore
    intake: BlobIntake
    engine: MusicEngine
    audio: AudioEngine
    notes: NoteModel
    studio: MediaStudio
    decoder: AudioDecoder
    pictures: PictureReader
    hasher: PasswordHasher
    signer: TokenSigner
    policy: RetryPolicy
    services: Services
    arq: ArqRedis
    checks: Mapping[str, Check]
    till: Till
    identity: IdentityPorts
    outbound: Outbound
    plays: PlayPorts


@asynccontextmanager
async def open_kit(settings: Settings, documents: Sequence[type[Document]]) -> AsyncGenerator[Kit, None]:
    """Raises `DependencyUnavailable` when MongoDB does not answer; the others may come later."""
    async with AsyncExitStack() as stack:
        client = await _connected(settings.mongo.url)
        stack.push_async_callback(client.close)
        await mongo.prepare(client, settings.mongo.database, documents)
        redis = redis_connection.connect(settings.redis.url)
        stack.push_async_callback(redis.aclose)
        changes, events = RedisChanges(redis), RedisEventBus(redis)
        stack.push_async_callback(events.aclose)
        arq = arq_connection.connect(settings.redis.url)
        stack.push_async_callback(arq.aclose)
        blobs = await stack.enter_async_context(S3BlobStore(S3Location(**settings.s3.model_dump())))
        models = triton.connect(settings.triton.url)
        stack.push_async_callback(models.close)
        engine = _open_engine(settings, models)
        clock = SystemClock()
        signer = JoseTokenSigner(settings.auth.keys, clock)
        till = await stack.enter_async_context(open_till(settings, signer, clock))
        outbound = await stack.enter_async_context(open_outbound(settings))
        identity = await stack.enter_async_context(_identity(settings, redis, clock))
        yield Kit(
            settings=settings,
            clock=clock,
            transactions=MongoTransactions(client, changes),
            changes=changes,
            queue=RedisFairQueue(arq),
            events=events,
            buckets=RedisBuckets(redis),
            texts=RedisTexts(redis, settings.edge.apq_seconds),
            blobs=blobs,
            intake=blobs.intake,
            engine=engine,
            audio=TritonAudioEngine(models),
            notes=TritonNoteModel(models),
            studio=FfmpegStudio(),
            decoder=SandboxedDecoder(),
            pictures=SandboxedPictures(),
            hasher=Argon2Hasher(),
            signer=signer,
            policy=RetryPolicy(**settings.jobs.model_dump()),
            services=Services(),
            arq=arq,
            checks=_checks(client, redis, blobs, engine),
            till=till,
            identity=identity,
            outbound=outbound,
            plays=PlayPorts(RedisPlayLog(redis), RedisListenStates(redis), RedisOpenListens(redis), LocalBuckets()),
        )


def _checks(client: mongo.Client, redis: Redis, blobs: S3BlobStore, engine: TritonEngine) -> dict[str, Check]:
    return {
        "mongo": partial(mongo.ping, client),
        "redis": partial(redis_connection.ping, redis),
        "s3": blobs.ping,
        "triton": engine.ping,
    }


def _open_engine(settings: Settings, client: InferenceServerClient) -> TritonEngine:
    shared_memory = settings.triton.shared_memory and triton.is_same_host(settings.triton.url)
    return TritonEngine(client, BucketTokenizer(TOKENIZER), shared_memory=shared_memory)


@asynccontextmanager
async def _identity(settings: Settings, redis: Redis, clock: Clock) -> AsyncGenerator[IdentityPorts, None]:
    async with open_providers(settings.sign_in, settings.api.address(), clock) as providers:
        yield IdentityPorts(
            keys=settings.auth.keys,
            access=JoseAccessTokens(settings.auth.keys, clock),
            throttle=RedisThrottle(redis, clock),
            box=JoseBox(settings.auth.keys),
            mailer=open_mailer(settings.mail, clock),
            mail_meter=PrometheusMailMeter(),
            meter=PrometheusSecurityMeter(),
            providers=providers,
        )


async def _connected(url: str) -> mongo.Client:
    """Raises `MissingSettings` for an address or credentials that MongoDB does not take."""
    try:
        client = mongo.connect(url)
        await mongo.ping(client)
    except (ConfigurationError, OperationFailure) as error:
        raise MissingSettings(f"CADENZA_MONGO_URL does not work: {error}.") from error
    if not await mongo.has_transactions(client):
        raise MissingSettings("CADENZA_MONGO_URL leads to a MongoDB without a replica set; transactions need one.")
    return client
