"""Builds the services of generation."""

from collections.abc import Sequence

from bootstrap.services import Kit
from domain.accounts.service import AccountService
from domain.credits.catalogue import PriceBook
from domain.credits.services.wallets import CreditWallets
from domain.generation.services.personal_data import GenerationPersonalData
from domain.generation.services.produce import SongProduction
from domain.generation.services.request import GenerationRequests
from domain.generation.services.understand import ModelCatalogue, PromptUnderstanding
from domain.generation.services.write_score import ScoreWriting
from domain.generation.store import GenerationStore
from domain.jobs.services.accept import JobAcceptance
from domain.jobs.services.run import JobRunning
from domain.jobs.services.steps import JobSteps
from domain.library.service import LibraryService
from domain.playback.services.playback import PlaybackService


def build_generation(kit: Kit) -> Sequence[object]:
    store = GenerationStore()
    catalogue = ModelCatalogue(kit.engine)
    understanding = PromptUnderstanding(kit.engine)
    services = kit.services
    running, steps = services.get(JobRunning), services.get(JobSteps)
    requests = GenerationRequests(
        store=store,
        acceptance=services.get(JobAcceptance),
        accounts=services.get(AccountService),
        wallets=services.get(CreditWallets),
        prices=services.get(PriceBook),
        catalogue=catalogue,
        clock=kit.clock,
    )
    production = SongProduction(
        store=store,
        writing=ScoreWriting(store, understanding, kit.engine, running, steps),
        engine=kit.engine,
        studio=kit.studio,
        blobs=kit.blobs,
        running=running,
        steps=steps,
        playback=services.get(PlaybackService),
        library=services.get(LibraryService),
        clock=kit.clock,
        work_root=kit.settings.worker.work_dir,
    )
    return [catalogue, understanding, requests, production, GenerationPersonalData(store, kit.blobs)]
