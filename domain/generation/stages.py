"""The stages of a song: where each begins on the way from 0 to 1, and how long each may take. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.generation.models import ModelCard, ModelKind
from domain.jobs.model import JobStage

# In proportion to the time that each stage takes for a one-minute song.
STARTS: Mapping[JobStage, float] = {
    JobStage.UNDERSTANDING: 0.01,
    JobStage.COMPOSING: 0.03,
    JobStage.SYNTHESIZING: 0.06,
    JobStage.MASTERING: 0.2,
    JobStage.RENDERING: 0.35,
    JobStage.FINALIZING: 0.85,
}
RENDER_STAGES = {"synthesis": JobStage.SYNTHESIZING, "mastering": JobStage.MASTERING}


@dataclass(frozen=True)
class Pace:
    """How long the songs of a kind of model take and may take: seconds to start with, and for each second of song."""

    nominal_start: float
    nominal_per_second: float
    deadline_start: float
    deadline_per_second: float
    stage_start: float
    stage_per_second: Mapping[JobStage, float]

    def nominal_seconds(self, duration_seconds: float) -> float:
        """What a song of this length takes on the machine of the README; the rest is learned while it runs."""
        return self.nominal_start + self.nominal_per_second * duration_seconds

    def deadline_seconds(self, duration_seconds: float) -> float:
        return self.deadline_start + self.deadline_per_second * duration_seconds

    def stage_limits(self, duration_seconds: float) -> Mapping[JobStage, float]:
        """The most that each stage may take, in seconds."""
        return {
            stage: self.stage_start + per_second * duration_seconds
            for stage, per_second in self.stage_per_second.items()
        }


# Work that is started on two cores: what is measured stands in the README, and these leave it room.
PACES: Mapping[ModelKind, Pace] = {
    ModelKind.SCORE: Pace(
        nominal_start=2.0,
        nominal_per_second=0.12,
        deadline_start=60.0,
        deadline_per_second=2.0,
        stage_start=45.0,
        stage_per_second={
            JobStage.UNDERSTANDING: 0.0,
            JobStage.COMPOSING: 1.0,
            JobStage.SYNTHESIZING: 0.5,
            JobStage.MASTERING: 0.5,
            JobStage.RENDERING: 1.5,
            JobStage.FINALIZING: 0.5,
        },
    ),
    # A song may wait for the songs of others in the model, at every window of it.
    ModelKind.AUDIO: Pace(
        nominal_start=3.0,
        nominal_per_second=2.0,
        deadline_start=180.0,
        deadline_per_second=20.0,
        stage_start=120.0,
        stage_per_second={
            JobStage.UNDERSTANDING: 0.0,
            JobStage.SYNTHESIZING: 4.0,
            JobStage.RENDERING: 18.0,
            JobStage.FINALIZING: 0.5,
        },
    ),
}


def pace_of(card: ModelCard) -> Pace:
    return PACES[card.kind]


def next_start(stage: JobStage) -> float:
    """Where the stage behind this one begins."""
    return min(start for start in STARTS.values() if start > STARTS[stage])


def within(stage: JobStage, part: float) -> float:
    """Where the whole song is when this part of a stage is done, all from 0 to 1."""
    return round(STARTS[stage] + part * (next_start(stage) - STARTS[stage]), 4)
