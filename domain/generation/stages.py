"""The stages of a song: where each begins on the way from 0 to 1, and how long each may take. Pure."""

from collections.abc import Mapping

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

# Work that is started on two cores: what is measured stands in the README, and these leave it room.
NOMINAL_START_SECONDS = 2.0
NOMINAL_SECONDS_PER_SECOND = 0.12
DEADLINE_START_SECONDS = 60.0
DEADLINE_SECONDS_PER_SECOND = 2.0
STAGE_START_SECONDS = 45.0
STAGE_SECONDS_PER_SECOND: Mapping[JobStage, float] = {
    JobStage.UNDERSTANDING: 0.0,
    JobStage.COMPOSING: 1.0,
    JobStage.SYNTHESIZING: 0.5,
    JobStage.MASTERING: 0.5,
    JobStage.RENDERING: 1.5,
    JobStage.FINALIZING: 0.5,
}


def next_start(stage: JobStage) -> float:
    """Where the stage behind this one begins."""
    return min(start for start in STARTS.values() if start > STARTS[stage])


def within(stage: JobStage, part: float) -> float:
    """Where the whole song is when this part of a stage is done, all from 0 to 1."""
    return round(STARTS[stage] + part * (next_start(stage) - STARTS[stage]), 4)


def nominal_seconds(duration_seconds: float) -> float:
    """What a song of this length takes on the machine of the README; the rest is learned while it runs."""
    return NOMINAL_START_SECONDS + NOMINAL_SECONDS_PER_SECOND * duration_seconds


def deadline_seconds(duration_seconds: float) -> float:
    return DEADLINE_START_SECONDS + DEADLINE_SECONDS_PER_SECOND * duration_seconds


def stage_limits(duration_seconds: float) -> Mapping[JobStage, float]:
    """The most that each stage may take, in seconds."""
    return {
        stage: STAGE_START_SECONDS + per_second * duration_seconds
        for stage, per_second in STAGE_SECONDS_PER_SECOND.items()
    }
