"""The registry of product areas. The API, the worker and the schema export loop over `AREAS`."""

from bootstrap.area import JobTypeNames
from bootstrap.services import Kit
from bootstrap.wiring import (
    accounts,
    bulk,
    credits,
    exports,
    generation,
    idempotency,
    jobs,
    library,
    likes,
    mail,
    partners,
    payments,
    playback,
    playlists,
    plays,
    recognition,
    transcription,
    uploads,
    webhooks,
)
from domain.kit.personal_data import PersonalRecords
from graphql_api.subsonic.http import ROUTES as SUBSONIC_ROUTES

# A builder may ask for services of areas before its own.
AREAS = (
    mail.AREA,
    accounts.AREA,
    credits.AREA,
    idempotency.AREA,
    partners.AREA,
    payments.AREA,
    jobs.AREA,
    library.AREA,
    likes.AREA,
    plays.AREA,
    playlists.AREA,
    recognition.AREA,
    transcription.AREA,
    playback.AREA,
    generation.AREA,
    uploads.AREA,
    bulk.AREA,
    exports.AREA,
    webhooks.AREA,
)

DOCUMENTS = [document for area in AREAS for document in area.documents]
BARE_ROUTES = {name: route for area in AREAS for name, route in area.bare_routes.items()}
ROUTES = [*(route for area in AREAS for route in area.routes), *SUBSONIC_ROUTES]
PRICES = {name: price for area in AREAS for name, price in area.prices.items()}


def build_services(kit: Kit) -> None:
    """Fills the kit's services, area by area."""
    presenters = [item for area in AREAS for item in area.presenters.items()]
    kit.services.add(JobTypeNames({kind: shown.__name__ for kind, shown in presenters}))
    for area in AREAS:
        for service in area.build(kit):
            kit.services.add(service)
    records = kit.services.get(PersonalRecords)
    # accounts come last in an erasure: as long as its account is there, one that broke off is taken up again
    for area in sorted(AREAS, key=lambda each: each.name != "accounts"):
        if area.personal is not None:
            records.add(area.name, kit.services.get(area.personal))
