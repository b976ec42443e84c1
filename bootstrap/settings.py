"""Settings from `CADENZA_*` environment variables, one small section per concern."""

import json
import logging
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import orjson
import structlog
from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bootstrap.edge_settings import EdgeSettings
from bootstrap.sign_in_settings import SignInSettings
from domain.accounts.sessions import SessionPolicy
from domain.accounts.throttling import ThrottlePolicy
from domain.kit.errors import DomainError
from domain.kit.trust.credentials import KeyRing
from domain.uploads.model import UploadLimits

SHIPPED_CATALOGUE = Path(__file__).parent.parent / "domain" / "credits" / "catalogue.json"


class MissingSettings(Exception):
    """One sentence on which variables are missing or wrong."""


class MongoSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="CADENZA_MONGO_")

    url: str
    database: str = "cadenza"


class RedisSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="CADENZA_REDIS_")

    url: str


class S3Settings(BaseSettings):
    """`public_endpoint` is the address that clients reach, when it is not the one that servers use."""

    model_config = SettingsConfigDict(env_prefix="CADENZA_S3_")

    endpoint: str
    region: str = "us-east-1"
    access_key: str
    secret_key: str
    bucket: str = "cadenza"
    public_endpoint: str | None = None


class TritonSettings(BaseSettings):
    """`url` is host:port of the gRPC endpoint. Shared memory is used when that is this host, unless switched off."""

    model_config = SettingsConfigDict(env_prefix="CADENZA_TRITON_")

    url: str
    shared_memory: bool = True


class ApiSettings(BaseSettings):
    """`public_url` is the address that clients see; it stands in playlist URLs.

    In production strangers get neither the schema nor suggestions nor the IDE.
    """

    model_config = SettingsConfigDict(env_prefix="CADENZA_API_")

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    public_url: str | None = None
    profile: Literal["production", "development"] = "production"
    ide: bool = False
    origins: Annotated[list[str], NoDecode] = Field(default_factory=list)

    @field_validator("origins", mode="before")
    @classmethod
    def split(cls, value: object) -> object:
        """Accepts a list separated by commas, as an environment variable has it."""
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    def address(self) -> str:
        return self.public_url or f"http://{self.host}:{self.port}"


class AuthSettings(BaseSettings):
    """`secret` signs tokens under the name `key_id`; all programs share it.

    `accepted_secrets` is a JSON object from older key ids to their secrets, by which nothing new is signed.
    """

    model_config = SettingsConfigDict(env_prefix="CADENZA_AUTH_")

    secret: Annotated[str, Field(min_length=32)]
    key_id: Annotated[str, Field(min_length=1, max_length=64)] = "1"
    accepted_secrets: Annotated[dict[str, Annotated[str, Field(min_length=32)]], NoDecode] = Field(default_factory=dict)
    access_minutes: Annotated[float, Field(gt=0)] = 15
    idle_days: Annotated[float, Field(gt=0)] = 30
    session_days: Annotated[float, Field(gt=0)] = 90
    refresh_grace_seconds: Annotated[float, Field(ge=0, le=60)] = 10
    trust_seconds: Annotated[float, Field(ge=0, le=25)] = 5
    attempts_per_account: Annotated[int, Field(ge=1)] = 10
    attempts_per_address: Annotated[int, Field(ge=1)] = 100
    deletion_days: Annotated[float, Field(ge=0)] = 14
    security_event_days: Annotated[float, Field(gt=0)] = 365
    playback_minutes: Annotated[float, Field(gt=0)] = 60

    @field_validator("accepted_secrets", mode="before")
    @classmethod
    def parse(cls, value: object) -> object:
        """Raises `ValueError` for text that is no JSON."""
        return json.loads(value) if isinstance(value, str) else value

    @property
    def keys(self) -> KeyRing:
        return KeyRing.of(self.secret, self.key_id, self.accepted_secrets)

    @property
    def session_policy(self) -> SessionPolicy:
        return SessionPolicy(
            access=timedelta(minutes=self.access_minutes),
            idle=timedelta(days=self.idle_days),
            absolute=timedelta(days=self.session_days),
            grace=timedelta(seconds=self.refresh_grace_seconds),
            trusted=timedelta(seconds=self.trust_seconds),
        )

    @property
    def throttle_policy(self) -> ThrottlePolicy:
        """What refills the allowances is fixed; how much there is at once is set."""
        usual = ThrottlePolicy()
        return replace(
            usual,
            per_account=replace(usual.per_account, burst=self.attempts_per_account),
            per_address=replace(usual.per_address, burst=self.attempts_per_address),
        )

    @property
    def playback_lifetime(self) -> timedelta:
        return timedelta(minutes=self.playback_minutes)


class WorkerSettings(BaseSettings):
    """The metrics endpoint opens when the worker is ready; `metrics_port` 0 leaves it off."""

    model_config = SettingsConfigDict(env_prefix="CADENZA_WORKER_")

    at_once: Annotated[int, Field(ge=1, le=64)] = 2
    work_dir: Path = Path(tempfile.gettempdir()) / "cadenza-work"
    sweep_seconds: Annotated[float, Field(gt=0)] = 5.0
    metrics_host: str = "127.0.0.1"
    metrics_port: Annotated[int, Field(ge=0, le=65535)] = 0


class JobSettings(BaseSettings):
    """Limits of every job; see `domain.jobs.model.RetryPolicy`."""

    model_config = SettingsConfigDict(env_prefix="CADENZA_JOB_")

    max_attempts: Annotated[int, Field(ge=1, le=20)] = 4
    base_seconds: Annotated[float, Field(gt=0)] = 5.0
    lease_seconds: Annotated[float, Field(gt=0)] = 20.0
    heartbeat_seconds: Annotated[float, Field(gt=0)] = 5.0
    queue_seconds: Annotated[float, Field(gt=0)] = 3600.0


class CreditSettings(BaseSettings):
    """`catalogue` is a file with plans, packs and prices, in place of the one that Cadenza comes with."""

    model_config = SettingsConfigDict(env_prefix="CADENZA_CREDITS_")

    catalogue: Path = SHIPPED_CATALOGUE


class UploadSettings(BaseSettings):
    """What may be brought, whatever the plan; a plan may allow less. A megabyte is a million bytes."""

    model_config = SettingsConfigDict(env_prefix="CADENZA_UPLOADS_")

    max_megabytes: Annotated[float, Field(gt=0, le=1000)] = 50
    max_minutes: Annotated[float, Field(gt=0, le=60)] = 10
    max_open: Annotated[int, Field(ge=1)] = 50

    @property
    def limits(self) -> UploadLimits:
        return UploadLimits(round(self.max_megabytes * 1_000_000), self.max_minutes * 60, self.max_open)


class ModelSettings(BaseSettings):
    """Whether models may be used whose licence forbids commercial use."""

    model_config = SettingsConfigDict(env_prefix="CADENZA_MODELS_")

    non_commercial: bool = False


class LibrarySettings(BaseSettings):
    """`trash_days` is how long a track lies in the trash before it is deleted for good."""

    model_config = SettingsConfigDict(env_prefix="CADENZA_LIBRARY_")

    trash_days: Annotated[float, Field(gt=0, le=3650)] = 30

    @property
    def trash(self) -> timedelta:
        return timedelta(days=self.trash_days)


class PaymentSettings(BaseSettings):
    """Without a gateway nothing is sold. `test` moves no money; `stripe` needs all of what follows but `stripe_url`.

    `stripe_prices` is a JSON object from plan ids to the ids of Stripe's prices; `stripe_url` is another address of
    Stripe's API.
    """

    model_config = SettingsConfigDict(env_prefix="CADENZA_PAYMENTS_", env_ignore_empty=True)

    gateway: Literal["test", "stripe"] | None = None
    stripe_key: Annotated[str | None, Field(validate_default=True)] = None
    webhook_secret: Annotated[str | None, Field(validate_default=True)] = None
    return_url: Annotated[str | None, Field(validate_default=True)] = None
    stripe_prices: Annotated[dict[str, str], NoDecode] = Field(default_factory=dict)
    stripe_url: str | None = None

    @field_validator("stripe_prices", mode="before")
    @classmethod
    def parse(cls, value: object) -> object:
        """Raises `ValueError` for text that is no JSON."""
        return json.loads(value) if isinstance(value, str) else value

    @field_validator("stripe_key", "webhook_secret", "return_url")
    @classmethod
    def fit_the_gateway(cls, value: str | None, info: ValidationInfo) -> str | None:
        """What Stripe needs is there for Stripe, and a key never lies about unused."""
        gateway = info.data.get("gateway")
        if gateway == "stripe" and not value:
            raise ValueError("is needed when CADENZA_PAYMENTS_GATEWAY is 'stripe'")
        if gateway != "stripe" and value and info.field_name != "return_url":
            raise ValueError("is set, but CADENZA_PAYMENTS_GATEWAY is not 'stripe'")
        return value


class WebhookSettings(BaseSettings):
    """`ports` are allowed beside 443 and 8443."""

    model_config = SettingsConfigDict(env_prefix="CADENZA_WEBHOOKS_", env_ignore_empty=True)

    ports: Annotated[list[Annotated[int, Field(ge=1, le=65535)]], NoDecode] = Field(default_factory=list)
    loopback: bool = False

    @field_validator("ports", mode="before")
    @classmethod
    def split(cls, value: object) -> object:
        """Accepts lists separated by commas, as environment variables have them."""
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


class MailSettings(BaseSettings):
    """Without a transport no mail is sent. `folder` writes files; `smtp` needs `host`.

    `app_url` is the web application that links in mails lead to; without it mails hold bare codes.
    """

    model_config = SettingsConfigDict(env_prefix="CADENZA_MAIL_", env_ignore_empty=True)

    transport: Literal["smtp", "folder"] | None = None
    sender: str = "Cadenza <no-reply@cadenza.example>"
    app_url: str | None = None
    folder: Annotated[Path | None, Field(validate_default=True)] = None
    host: Annotated[str | None, Field(validate_default=True)] = None
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    username: str | None = None
    password: str | None = None
    security: Literal["starttls", "tls", "none"] = "starttls"

    @field_validator("folder", "host")
    @classmethod
    def fit_the_transport(cls, value: object, info: ValidationInfo) -> object:
        """What a transport needs is there for it."""
        transport = info.data.get("transport")
        if value is None and (transport, info.field_name) in (("folder", "folder"), ("smtp", "host")):
            raise ValueError(f"is needed when CADENZA_MAIL_TRANSPORT is '{transport}'")
        return value


class LogSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="CADENZA_LOG_")

    level: str = "INFO"

    def apply(self) -> None:
        """JSON lines on standard error, with the ids that are bound to the request or job.

        What we log ourselves is written straight away, at a third of what the standard library's way would cost.
        """
        level = logging.getLevelNamesMapping().get(self.level.upper(), logging.INFO)
        shared: list[Any] = [
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
        ]
        formatter = structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processor=structlog.processors.JSONRenderer()
        )
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(formatter)
        logging.basicConfig(level=level, handlers=[handler], force=True)
        for name in ("httpx", "httpx2"):
            logging.getLogger(name).setLevel(logging.WARNING)
        structlog.configure(
            processors=[*shared, structlog.processors.JSONRenderer(serializer=orjson.dumps)],
            wrapper_class=structlog.make_filtering_bound_logger(level),
            logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
            cache_logger_on_first_use=True,
        )


Section = TypeVar("Section", bound=BaseSettings)


def read(section: type[Section], given: Mapping[str, str] | None = None) -> Section:
    """Reads one section; `given` wins over the environment.

    Raises `MissingSettings` with the names of the variables instead of a trace.
    """
    prefix = str(section.model_config.get("env_prefix", ""))
    known = {name: prefix + name.upper() for name in section.model_fields}
    values: dict[str, Any] = {name: given[known[name]] for name in known if given and known[name] in given}
    try:
        return section(**values)
    except ValidationError as error:
        reasons = [f"{prefix}{'_'.join(map(str, part['loc'])).upper()}: {part['msg']}" for part in error.errors()]
        raise MissingSettings(
            f"{'; '.join(reasons)}. Set what is missing, or run `cadenza up`, which starts everything here."
        ) from error


class Settings:
    """All sections, read once."""

    def __init__(self, given: Mapping[str, str] | None = None) -> None:
        self.mongo = read(MongoSettings, given)
        self.redis = read(RedisSettings, given)
        self.s3 = read(S3Settings, given)
        self.triton = read(TritonSettings, given)
        self.api = read(ApiSettings, given)
        self.edge = read(EdgeSettings, given)
        self.auth = read(AuthSettings, given)
        self.sign_in = read(SignInSettings, given)
        self.worker = read(WorkerSettings, given)
        self.jobs = read(JobSettings, given)
        self.credits = read(CreditSettings, given)
        self.models = read(ModelSettings, given)
        self.uploads = read(UploadSettings, given)
        self.library = read(LibrarySettings, given)
        self.payments = read(PaymentSettings, given)
        self.webhooks = read(WebhookSettings, given)
        self.mail = read(MailSettings, given)


def run_program(program: Callable[[], None]) -> None:
    """Runs a program with its log set up; expected trouble ends it with one sentence and status 1."""
    read(LogSettings).apply()
    try:
        program()
    except (MissingSettings, DomainError) as error:
        sys.exit(str(error))
