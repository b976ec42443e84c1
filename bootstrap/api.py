"""The API program."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette

from adapters.mongo import as_unavailable
from bootstrap import schema
from bootstrap.areas import AREAS, BARE_ROUTES, DOCUMENTS, PRICES, ROUTES, build_services
from bootstrap.collector import settle_collector
from bootstrap.services import open_kit
from bootstrap.settings import Settings, run_program
from domain.kit.trust.authentication import Authentication
from domain.library.places import ListPlaces
from domain.partners.services.safelist import OperationSafelist
from domain.partners.services.usage import PartnerUsage
from domain.plays.services.intake import PlayIntake
from graphql_api.core.app import Running, build_app
from graphql_api.core.transport.patient_protocol import patient_protocol
from graphql_api.core.transport.pushing_protocol import PushingProtocol
from graphql_api.jobs.types import JobPresenter


def create_app(settings: Settings) -> Starlette:
    @asynccontextmanager
    async def opening() -> AsyncGenerator[Running, None]:
        async with open_kit(settings, DOCUMENTS) as kit:
            build_services(kit)
            kit.services.add(JobPresenter({kind: shown for area in AREAS for kind, shown in area.presenters.items()}))
            callers = kit.services.get(Authentication)
            usage = kit.services.get(PartnerUsage)
            counting = asyncio.create_task(usage.run(), name="usage")
            intake = kit.services.get(PlayIntake)
            taking = asyncio.create_task(intake.run(), name="play reports")
            try:
                yield Running(
                    services=kit.services,
                    authenticate=callers.caller_of,
                    live_among=callers.live_among,
                    as_unavailable=as_unavailable,
                    buckets=kit.buckets,
                    safelist=kit.services.get(OperationSafelist),
                    usage=usage,
                    texts=kit.texts if settings.edge.apq else None,
                    changes=kit.changes,
                    hearers=[kit.services.get(ListPlaces)],
                    checks=kit.checks,
                )
            finally:
                usage.stop()
                intake.stop()
                await counting
                await taking

    api = settings.api
    return build_app(
        schema.build(),
        PRICES,
        ROUTES,
        opening,
        settings.edge.policy(
            ide=api.ide,
            over_https=api.address().startswith("https:"),
            development=api.profile == "development",
            origins=api.origins,
        ),
        BARE_ROUTES,
    )


def serve() -> None:
    """Serves until SIGTERM or SIGINT; open requests get ten seconds to end."""
    settings = Settings()
    app = create_app(settings)
    settle_collector()
    uvicorn.run(
        app,
        host=settings.api.host,
        port=settings.api.port,
        http=patient_protocol(settings.edge.receive_seconds),
        log_config=None,
        access_log=False,
        ws=PushingProtocol,
        ws_max_size=256 * 1024,
        # Small messages to thousands of sockets: compressing each anew costs more than it saves.
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=10,
        server_header=False,
        # The edge itself decides which proxies are believed.
        proxy_headers=False,
    )


if __name__ == "__main__":
    run_program(serve)
