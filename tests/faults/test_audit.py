"""The auditor finds each kind of fault: sound evidence has none, and one change to it is told of."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.faults.audit import faults_of, faults_of_promises, orphans_of
from tests.faults.evidence import Evidence
from tests.faults.restarts import Restart, restarts_of, seconds_to_next_claim
from tests.faults.storm import Blow, Harm, Kind

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PREFIX = "tracks/track-1/version-1/2-abcdef01"


def stage(name: str, seconds: float = 0.0) -> dict[str, Any]:
    return {"stage": name, "started_at": NOW + timedelta(seconds=seconds)}


def job(number: int, status: str, stages: list[str]) -> dict[str, Any]:
    succeeded = status == "SUCCEEDED"
    return {
        "_id": f"job-{number}",
        "owner_id": "ada",
        "status": status,
        "lease": None,
        "finished_at": NOW,
        "stage_times": [stage(name, second) for second, name in enumerate(stages)],
        "problem": None if succeeded else {"code": "CANCELED"},
        "dead_letter": None,
        "cancel_requested": not succeeded,
        "progress": 1.0 if succeeded else 0.3,
        "is_playable": succeeded,
        "price": 4,
        "attempt": 2,
    }


def transfer(number: int, reference: str, **postings: int) -> dict[str, Any]:
    listed = [{"account": account, "amount": amount} for account, amount in postings.items()]
    return {"_id": f"transfer-{number}", "owner_id": "ada", "reference": reference, "postings": listed}


def request(number: int) -> dict[str, Any]:
    return {"_id": f"job-{number}", "owner_id": "ada", "track_id": f"track-{number}", "version_id": f"version-{number}"}


def sound() -> Evidence:
    """A song that succeeded with its second attempt, and one that was canceled."""
    master = {"key": f"{PREFIX}/master.flac", "size_bytes": 7, "sha256": "00"}
    return Evidence(
        jobs=[
            job(1, "SUCCEEDED", ["WAITING", "UNDERSTANDING", "WAITING", "UNDERSTANDING", "DONE"]),
            job(2, "CANCELED", ["WAITING", "UNDERSTANDING"]),
        ],
        generations=[request(1), request(2)],
        versions=[
            {
                "_id": "version-1",
                "track_id": "track-1",
                "owner_id": "ada",
                "duration_seconds": 2.0,
                "origin": {"job_id": "job-1"},
                "assets": [master],
            }
        ],
        tracks=[{"_id": "track-1", "owner_id": "ada", "current_version_id": "version-1"}],
        renditions=[
            {
                "_id": "version-1",
                "track_id": "track-1",
                "owner_id": "ada",
                "job_id": "job-1",
                "prefix": PREFIX,
                "variants": [{"name": "96k", "bandwidth": 110_000}],
                "segments": [{"name": "seg-00000.m4s", "duration_seconds": 2.0}],
                "is_complete": True,
            }
        ],
        credit_wallets=[{"_id": "ada", "held": 0}],
        credit_transfers=[
            transfer(1, "hold:job-1:1", PLAN=-4, HELD=4),
            transfer(2, "end:job-1:1", HELD=-4, REVENUE=4),
            transfer(3, "hold:job-2:1", PLAN=-4, HELD=4),
            transfer(4, "end:job-2:1", HELD=-4, PLAN=4),
        ],
        idempotency_keys=[{"_id": "ada:key", "owner_id": "ada", "operation": "generateTrack", "results": ["job-1"]}],
        objects={f"{PREFIX}/96k/init.mp4": 5, f"{PREFIX}/96k/seg-00000.m4s": 6, f"{PREFIX}/master.flac": 7},
    )


def test_sound_evidence_has_no_fault() -> None:
    for evidence in (sound(), with_edits(sound()), with_exports(sound())):
        assert faults_of(evidence) == []
        assert orphans_of(evidence) == {}


Change = Callable[[Any], object]

CHANGES: dict[str, tuple[Change, str]] = {
    "a job that runs": (lambda e: e.jobs[0].update(status="RUNNING"), "job job-1: never ended"),
    "a lease that is kept": (lambda e: e.jobs[0].update(lease={}), "still leased"),
    "an end without a time": (lambda e: e.jobs[0].update(finished_at=None), "does not say when"),
    "an end told twice": (lambda e: e.jobs[0]["stage_times"].append(stage("DONE")), "2 ends"),
    "a stage behind the end": (lambda e: e.jobs[0]["stage_times"].append(stage("WAITING")), "closes with WAITING"),
    "no end": (lambda e: e.jobs[0]["stage_times"].pop(), "0 ends"),
    "an end of a canceled job": (lambda e: e.jobs[1]["stage_times"].append(stage("DONE")), "is CANCELED and its"),
    "a history without beginning": (lambda e: e.jobs[0]["stage_times"].pop(0), "does not begin"),
    "a success with a problem": (lambda e: e.jobs[0].update(problem={"code": "X"}), "with the problem"),
    "a failure without a reason": (lambda e: e.jobs[1].update(problem=None), "with the problem None"),
    "a dead letter that lives": (lambda e: e.jobs[1].update(dead_letter={}), "and a dead letter"),
    "a success after a cancel": (lambda e: e.jobs[0].update(cancel_requested=True), "promised that it stops"),
    "half a success": (lambda e: e.jobs[0].update(progress=0.9), "with progress 0.9"),
    "a playable canceled job": (lambda e: e.jobs[1].update(is_playable=True), "is CANCELED and playable"),
    "a version too few": (lambda e: e.versions.clear(), "with 0 versions"),
    "a version too many": (lambda e: e.versions.append({**e.versions[0], "_id": "version-9"}), "with 2 versions"),
    "another version than wanted": (lambda e: e.versions[0].update(_id="version-9"), "another one than was asked"),
    "a version of nothing": (lambda e: e.versions[0]["origin"].update(job_id="job-9"), "job job-9: has a work"),
    "a version of a canceled job": (lambda e: e.versions[0]["origin"].update(job_id="job-2"), "CANCELED with 1 vers"),
    "a track too few": (lambda e: e.tracks.clear(), "without a track"),
    "a track of a canceled job": (lambda e: e.tracks.append({**e.tracks[0], "_id": "track-2"}), "with a track"),
    "a track of somebody else": (lambda e: e.tracks[0].update(owner_id="eve"), "belongs to somebody else"),
    "a track that nothing made": (lambda e: e.tracks.append({**e.tracks[0], "_id": "x"}), "track x: has no version"),
    "half a rendition": (lambda e: e.renditions[0].update(is_complete=False), "0 whole renditions of 1"),
    "a rendition of a canceled job": (lambda e: e.renditions[0].update(job_id="job-2"), "CANCELED with 1 whole"),
    "a second rendition": (lambda e: e.renditions.append({**e.renditions[0]}), "2 whole renditions of 2"),
    "files of another attempt": (lambda e: e.renditions[0].update(prefix="elsewhere"), "of another attempt"),
    "a segment twice": (lambda e: e.renditions[0]["segments"].append(e.renditions[0]["segments"][0]), "segment twice"),
    "a short playlist": (lambda e: e.renditions[0]["segments"][0].update(duration_seconds=1.0), "lasts 1.00 s"),
    "a job without request": (lambda e: e.generations.pop(), "job job-2: has no request"),
    "a request without job": (lambda e: e.jobs.pop(), "request job-2: has no job"),
    "an unsent message": (lambda e: e.job_outbox.append({"_id": "job-1:2"}), "job-1:2 was never sent"),
    "a step of a success": (lambda e: e.job_steps.append({"_id": "s", "job_id": "job-1"}), "its job is SUCCEEDED"),
    "a step of nothing": (lambda e: e.job_steps.append({"_id": "s", "job_id": "job-9"}), "its job is not there"),
    "a success for nothing": (lambda e: e.credit_transfers.pop(1), "has cost 0 instead of 4"),
    "a failure that cost": (lambda e: e.credit_transfers[3]["postings"][1].update(account="REVENUE"), "cost 4 inst"),
    "a job without hold": (lambda e: e.credit_transfers.pop(2), "has 0 holds"),
    "a hold for each try": (lambda e: e.credit_transfers.extend([e.credit_transfers[0]] * 2), "has 3 holds"),
    "a payment for nothing": (lambda e: e.credit_transfers[0].update(reference="hold:job-9:1"), "job-9: was paid for"),
    "credits held for nothing": (lambda e: e.credit_wallets[0].update(held=4), "wallet ada: holds 4"),
    "a key for nothing": (lambda e: e.idempotency_keys[0]["results"].clear(), "stands for nothing"),
    "a key for a lost job": (lambda e: e.idempotency_keys[0].update(results=["job-9"]), "job-9, which is not there"),
    "a key of somebody else": (lambda e: e.idempotency_keys[0].update(owner_id="eve"), "which is somebody else's"),
    "a lost asset": (lambda e: e.objects.pop(f"{PREFIX}/master.flac"), "master.flac: is shown and not there"),
    "a cut asset": (lambda e: e.objects.update({f"{PREFIX}/master.flac": 6}), "has 6 bytes instead of 7"),
    "a lost segment": (lambda e: e.objects.pop(f"{PREFIX}/96k/seg-00000.m4s"), "seg-00000.m4s: is shown and not there"),
    "an empty segment": (lambda e: e.objects.update({f"{PREFIX}/96k/seg-00000.m4s": 0}), "has 0 bytes"),
    "a lost beginning": (lambda e: e.objects.pop(f"{PREFIX}/96k/init.mp4"), "init.mp4: is shown and not there"),
}


def edit(number: int, done: int, ids: list[str]) -> dict[str, Any]:
    counts = {"total": 3, "changed": done, "unchanged": 0, "failed": 0, "failures": []}
    return {"_id": f"job-{number}", "owner_id": "ada", "track_ids": ids, **counts}


def with_edits(evidence: Evidence) -> Evidence:
    """Two bulk edits more, of which one was canceled after its first track."""
    through = {**job(4, "SUCCEEDED", ["WAITING", "EDITING", "DONE"]), "is_playable": False, "price": 0}
    canceled = {**job(5, "CANCELED", ["WAITING", "EDITING"]), "price": 0}
    edits = [edit(4, 3, []), edit(5, 1, ["a", "b", "c"])]
    return replace(evidence, jobs=[*evidence.jobs, through, canceled], bulk_edits=edits)


def with_exports(evidence: Evidence) -> Evidence:
    """Two exports more, of which one was canceled."""
    through = {**job(6, "SUCCEEDED", ["WAITING", "PACKING", "DONE"]), "is_playable": False, "price": 0}
    canceled = {**job(7, "CANCELED", ["WAITING", "PACKING"]), "price": 0}
    key = "exports/ada/job-6/1/cadenza.zip"
    made = {"_id": "job-6", "owner_id": "ada", "is_open": False, "archive": {"key": key, "size_bytes": 9}}
    broken = {"_id": "job-7", "owner_id": "ada", "is_open": False, "archive": None}
    return replace(
        evidence,
        jobs=[*evidence.jobs, through, canceled],
        account_archives=[made, broken],
        objects={**evidence.objects, key: 9},
    )


EXPORT_CHANGES: dict[str, tuple[Change, str]] = {
    "an export without job": (lambda e: e.jobs.pop(), "export job-7: has no job"),
    "a job without export": (lambda e: e.account_archives.pop(), "job job-7: has no request"),
    "an export of somebody else": (lambda e: e.account_archives[0].update(owner_id="eve"), "somebody else's"),
    "an export that stays open": (lambda e: e.account_archives[1].update(is_open=True), "keeps others from being made"),
    "a success for nothing": (lambda e: e.account_archives[0].update(archive=None), "SUCCEEDED without an archive"),
    "an archive of a canceled job": (
        lambda e: e.account_archives[1].update(archive=e.account_archives[0]["archive"]),
        "CANCELED with an archive",
    ),
    "a lost archive": (lambda e: e.objects.pop("exports/ada/job-6/1/cadenza.zip"), "is shown and not there"),
    "an export that plays": (lambda e: e.jobs[2].update(is_playable=True), "with progress 1.0, playable: True"),
}


@pytest.mark.parametrize("name", EXPORT_CHANGES)
def test_each_fault_of_an_export_is_told(name: str) -> None:
    change, told = EXPORT_CHANGES[name]
    evidence = deepcopy(with_exports(sound()))
    change(evidence)
    assert told in " ".join(faults_of(evidence))


EDIT_CHANGES: dict[str, tuple[Change, str]] = {
    "an edit without job": (lambda e: e.jobs.pop(), "bulk edit job-5: has no job"),
    "a job without edit": (lambda e: e.bulk_edits.pop(), "job job-5: has no request"),
    "an edit of somebody else": (lambda e: e.bulk_edits[0].update(owner_id="eve"), "somebody else's"),
    "a track left out": (lambda e: e.bulk_edits[0].update(changed=2), "dealt with 2 of 3 tracks"),
    "a track twice": (lambda e: e.bulk_edits[1].update(changed=4), "dealt with 4 of 3 tracks"),
    "tracks of a success": (lambda e: e.bulk_edits[0].update(track_ids=["a"]), "names 1 tracks"),
    "forgotten tracks": (lambda e: e.bulk_edits[1].update(track_ids=[]), "names 0 tracks"),
    "a failure too many": (lambda e: e.bulk_edits[0]["failures"].append({}), "more failures than there were"),
    "an edit that plays": (lambda e: e.jobs[2].update(is_playable=True), "with progress 1.0, playable: True"),
    "an edit of a song's job": (lambda e: e.bulk_edits[0].update(_id="job-1"), "makes a work as well"),
    "an edit that made a work": (
        lambda e: e.versions[0]["origin"].update(job_id="job-4"),
        "to play and has a work",
    ),
}


@pytest.mark.parametrize("name", EDIT_CHANGES)
def test_each_fault_of_an_edit_is_told(name: str) -> None:
    change, told = EDIT_CHANGES[name]
    evidence = deepcopy(with_edits(sound()))
    change(evidence)
    assert told in " ".join(faults_of(evidence))


def with_branch(evidence: Evidence) -> Evidence:
    """The song was branched, and its track given a second version that it does not play."""
    branch = {"_id": "version-7", "track_id": "track-7"}
    second = {"_id": "version-3", "origin": {"job_id": "job-3"}, "assets": []}
    made = {**evidence.renditions[0], "_id": "version-3", "job_id": "job-3", "prefix": "second"}
    return replace(
        evidence,
        jobs=[*evidence.jobs, job(3, "SUCCEEDED", ["WAITING", "DONE"]), job(4, "CANCELED", ["WAITING"])],
        generations=[*evidence.generations, *({**request(n), "track_id": "track-1"} for n in (3, 4))],
        versions=[*evidence.versions, {**evidence.versions[0], **branch}, {**evidence.versions[0], **second}],
        renditions=[*evidence.renditions, {**evidence.renditions[0], **branch}, made],
        tracks=[*evidence.tracks, {"_id": "track-7", "owner_id": "ada", "current_version_id": "version-7"}],
        credit_transfers=[
            *evidence.credit_transfers,
            transfer(5, "hold:job-3:1", PLAN=-4, HELD=4),
            transfer(6, "end:job-3:1", HELD=-4, REVENUE=4),
            transfer(7, "hold:job-4:1", PLAN=-4, HELD=4),
        ],
        objects={**evidence.objects, "second/96k/init.mp4": 5, "second/96k/seg-00000.m4s": 6},
    )


def test_branches_and_second_versions_are_no_fault() -> None:
    assert faults_of(with_branch(sound())) == []


BRANCHED: dict[str, tuple[Change, str]] = {
    "a branch of other files": (lambda e: e.versions[1].update(assets=[{"key": "x", "size_bytes": 1}]), "other files"),
    "a branch of other sound": (lambda e: e.renditions[1].update(prefix="second"), "plays other segments"),
    "a rendition of no branch": (lambda e: e.renditions[1].update(_id="version-8"), "is of no branch"),
    "a version too many": (lambda e: e.versions.append({**e.versions[0], "_id": "version-9"}), "with 2 versions"),
    "a track that plays a branch": (lambda e: e.tracks[0].update(current_version_id="version-7"), "another version"),
}


@pytest.mark.parametrize("name", BRANCHED)
def test_each_kind_of_fault_of_branches_is_found(name: str) -> None:
    # given sound evidence of a branch with one change
    change, told = BRANCHED[name]
    evidence = _changeable(with_branch(sound()))
    change(evidence)
    # when it is audited, then that fault is told
    assert [fault for fault in faults_of(evidence) if told in fault] != []


@pytest.mark.parametrize("name", CHANGES)
def test_each_kind_of_fault_is_found(name: str) -> None:
    # given sound evidence with one change
    change, told = CHANGES[name]
    evidence = _changeable(sound())
    change(evidence)
    # when it is audited, then that fault is told
    assert [fault for fault in faults_of(evidence) if told in fault] != []


def _changeable(evidence: Evidence) -> Evidence:
    return replace(deepcopy(evidence), job_outbox=[], job_steps=[])


def test_objects_that_no_record_shows_are_orphans_and_no_fault() -> None:
    evidence = _changeable(sound())
    left = {"tracks/track-2/version-2/1-00000000/seg-00000.m4s": 5, f"{PREFIX}/96k/seg-00009.m4s": 5}
    evidence = replace(evidence, objects={**evidence.objects, **left})
    assert faults_of(evidence) == []
    assert orphans_of(evidence) == {
        "named by no record, job SUCCEEDED": [f"{PREFIX}/96k/seg-00009.m4s"],
        "named by no record, job CANCELED": ["tracks/track-2/version-2/1-00000000/seg-00000.m4s"],
    }


def test_objects_of_an_unfinished_rendition_are_told_apart() -> None:
    evidence = _changeable(sound())
    unfinished = {**evidence.renditions[0], "_id": "track-2", "job_id": "job-2", "prefix": "tracks/track-2/v/1-0"}
    evidence = replace(
        evidence,
        renditions=[evidence.renditions[0], {**unfinished, "is_complete": False}],
        objects={**evidence.objects, "tracks/track-2/v/1-0/init.mp4": 5},
    )
    assert orphans_of(evidence) == {
        "of an unfinished rendition, job CANCELED": ["tracks/track-2/v/1-0/init.mp4"],
    }


def test_what_people_were_told_is_compared_with_what_is_there() -> None:
    assert faults_of_promises(sound(), accepted=["job-1", "job-2"], canceled=["job-2"]) == []
    assert faults_of_promises(sound(), accepted=["job-9"], canceled=["job-1"]) == [
        "job job-9: was accepted and is lost",
        "job job-1: its cancel was confirmed, and it succeeded",
    ]


def test_a_restart_is_the_next_claim_behind_the_blow() -> None:
    stages = [stage("WAITING"), stage("UNDERSTANDING", 1), stage("WAITING", 20), stage("UNDERSTANDING", 24)]
    assert seconds_to_next_claim(stages, NOW + timedelta(seconds=2)) == (18.0, 22.0)
    assert seconds_to_next_claim(stages[:2], NOW) is None
    assert seconds_to_next_claim(stages[:3], NOW + timedelta(seconds=2)) is None
    blow = Blow(Harm(Kind.KILL, "worker"), NOW + timedelta(seconds=2), 7, [("job-1", 1)])
    (restart,) = restarts_of([blow], {"job-1": {"stage_times": stages}})
    assert restart == Restart("job-1", "worker", 1, 18.0, 22.0)
