"""The promise of the platform, checked on everything that is stored once nothing goes on any more. Pure.

An empty list is the wanted answer of each function. The books of single wallets are audited in `tests.credits.audit`.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from domain.library.folders import folders_of
from tests.credits.audit import FINAL
from tests.faults.evidence import Evidence, Record

INIT = "init.mp4"


def faults_of(evidence: Evidence) -> list[str]:
    """What is wrong with the jobs, with what they made, with what was paid, and with the bucket."""
    return [
        *faults_of_jobs(evidence),
        *faults_of_works(evidence),
        *faults_of_edits(evidence),
        *faults_of_archives(evidence),
        *faults_of_leftovers(evidence),
        *faults_of_payment(evidence),
        *faults_of_keys(evidence),
        *faults_of_objects(evidence),
    ]


def faults_of_jobs(evidence: Evidence) -> list[str]:
    """Every job ended once, and says so in all its fields."""
    silent = silent_jobs(evidence)
    return [
        f"job {job['_id']}: {fault}"
        for job in evidence.jobs
        for fault in _faults_of_job(job, is_heard=job["_id"] not in silent)
    ]


def _faults_of_job(job: Record, *, is_heard: bool) -> Iterator[str]:
    """`is_heard` tells jobs that make something to play from those that never do."""
    status, succeeded = job["status"], job["status"] == "SUCCEEDED"
    if status not in FINAL:
        yield f"never ended: it is {status}"
        return
    if job["lease"] is not None:
        yield "ended and is still leased"
    if job["finished_at"] is None:
        yield "ended and does not say when"
    stages = [part["stage"] for part in job["stage_times"]]
    if stages[:1] != ["WAITING"]:
        yield "its history does not begin with its acceptance"
    if stages.count("DONE") != succeeded or (succeeded and stages[-1] != "DONE"):
        yield f"is {status} and its history has {stages.count('DONE')} ends and closes with {stages[-1]}"
    if (job["problem"] is None) != succeeded:
        yield f"is {status} with the problem {job['problem']}"
    if job["dead_letter"] is not None and status != "FAILED":
        yield f"is {status} and a dead letter"
    if succeeded and job["cancel_requested"]:
        yield "succeeded although its owner was promised that it stops"
    if succeeded and (job["progress"], job["is_playable"]) != (1.0, is_heard):
        yield f"succeeded with progress {job['progress']}, playable: {job['is_playable']}"
    if not succeeded and job["is_playable"]:
        yield f"is {status} and playable"


def faults_of_works(evidence: Evidence) -> list[str]:
    """One version and one whole rendition in its track for each success; nothing of the kind for any other job.

    Branches of what a job made name it too, in tracks of their own, and play the same objects.
    """
    jobs = {job["_id"]: job for job in evidence.jobs}
    versions = _by(evidence.versions, lambda version: version["origin"]["job_id"])
    renditions = _by(evidence.renditions, lambda rendition: rendition["job_id"])
    requests, silent = requests_of(evidence), silent_jobs(evidence)
    tracks = {track["_id"]: track for track in evidence.tracks}
    held = _by(evidence.versions, lambda version: version["track_id"])
    faults = [f"job {job_id}: has a work and is not there" for job_id in {*versions, *renditions} - jobs.keys()]
    faults += [f"job {job_id}: has no request" for job_id in jobs.keys() - requests.keys() - silent]
    faults += [f"request {job_id}: has no job" for job_id in requests.keys() - jobs.keys()]
    for job_id in jobs.keys() & requests.keys():
        work = Work(jobs[job_id], requests[job_id], versions[job_id], renditions[job_id])
        faults += [f"job {job_id}: {fault}" for fault in _faults_of_work(work)]
        track_id = work.request["track_id"]
        faults += [f"job {job_id}: {fault}" for fault in _faults_of_track(work, tracks.get(track_id), held[track_id])]
    faults += [f"job {job_id}: makes nothing to play and has a work" for job_id in silent & {*versions, *renditions}]
    return faults + [f"track {track_id}: has no version" for track_id in tracks.keys() - held.keys()]


def silent_jobs(evidence: Evidence) -> set[str]:
    """The jobs that never make anything to play: bulk edits and exports."""
    return {record["_id"] for record in (*evidence.bulk_edits, *evidence.account_archives)}


def faults_of_archives(evidence: Evidence) -> list[str]:
    """Each export belongs to a job of its owner, and has an archive exactly if that succeeded."""
    jobs = {job["_id"]: job for job in evidence.jobs}
    faults = []
    for export in evidence.account_archives:
        job = jobs.get(export["_id"])
        if job is None:
            faults.append(f"export {export['_id']}: has no job")
        else:
            faults += [f"export {export['_id']}: {fault}" for fault in _faults_of_archive(export, job)]
    return faults


def _faults_of_archive(export: Record, job: Record) -> Iterator[str]:
    if export["owner_id"] != job["owner_id"]:
        yield "its job is somebody else's"
    if export["is_open"]:
        yield f"its job is {job['status']}, and it keeps others from being made"
    if (export["archive"] is not None) != (job["status"] == "SUCCEEDED"):
        yield f"its job is {job['status']} {'with' if export['archive'] else 'without'} an archive"
    if export["archive"] and not export["archive"]["key"].startswith(f"exports/{export['owner_id']}/{job['_id']}/"):
        yield "its archive lies where others' do"


def faults_of_edits(evidence: Evidence) -> list[str]:
    """Each bulk edit is the only request of a job of its owner, and one that succeeded has dealt with each track."""
    jobs, requests = {job["_id"]: job for job in evidence.jobs}, requests_of(evidence)
    faults = []
    for edit in evidence.bulk_edits:
        job = jobs.get(edit["_id"])
        if job is None:
            faults.append(f"bulk edit {edit['_id']}: has no job")
        else:
            faults += [f"bulk edit {edit['_id']}: {fault}" for fault in _faults_of_edit(edit, job)]
        if edit["_id"] in requests:
            faults.append(f"bulk edit {edit['_id']}: its job makes a work as well")
    return faults


def _faults_of_edit(edit: Record, job: Record) -> Iterator[str]:
    done, succeeded = edit["changed"] + edit["unchanged"] + edit["failed"], job["status"] == "SUCCEEDED"
    if edit["owner_id"] != job["owner_id"]:
        yield "its job is somebody else's"
    if done > edit["total"] or (succeeded and done != edit["total"]):
        yield f"its job is {job['status']}, and it has dealt with {done} of {edit['total']} tracks"
    if len(edit["track_ids"]) != (0 if succeeded else edit["total"]):
        yield f"its job is {job['status']}, and it names {len(edit['track_ids'])} tracks"
    if len(edit["failures"]) > edit["failed"]:
        yield "it tells of more failures than there were"


def requests_of(evidence: Evidence) -> dict[str, Record]:
    """What was asked for, by job: songs, and files that were completed."""
    songs = {request["_id"]: request for request in evidence.generations}
    return songs | {upload["job_id"]: upload for upload in evidence.uploads if upload["job_id"] is not None}


@dataclass(frozen=True)
class Work:
    """A job, what was asked of it, and all versions and renditions that name it."""

    job: Record
    request: Record
    versions: Sequence[Record]
    renditions: Sequence[Record]

    @property
    def succeeded(self) -> bool:
        return bool(self.job["status"] == "SUCCEEDED")

    def own(self, records: Sequence[Record]) -> list[Record]:
        """Those in the track that was asked for; all others are of branches, which only a success can have."""
        return [r for r in records if not self.succeeded or r["track_id"] == self.request["track_id"]]


def _faults_of_work(work: Work) -> Iterator[str]:
    status, versions, renditions = work.job["status"], work.own(work.versions), work.own(work.renditions)
    if len(versions) != work.succeeded:
        yield f"is {status} with {len(versions)} versions"
    whole = [rendition for rendition in renditions if rendition["is_complete"]]
    if len(whole) != work.succeeded or (work.succeeded and len(renditions) > 1):
        yield f"is {status} with {len(whole)} whole renditions of {len(renditions)}"
    wanted = (work.request["version_id"], work.job["owner_id"])
    if any((version["_id"], version["owner_id"]) != wanted for version in versions):
        yield "its version is another one than was asked for"
    if any((rendition["_id"], rendition["owner_id"]) != wanted for rendition in renditions):
        yield "its rendition is of another version, or belongs to somebody else"
    if versions and whole:
        yield from _faults_of_pair(versions[0], whole[0])
        yield from _faults_of_branches(work, versions[0], whole[0])


def _faults_of_track(work: Work, track: Record | None, held: Sequence[Record]) -> Iterator[str]:
    """It is there with the first version that a job made in it, and plays one of its own."""
    has_more = any(version["origin"]["job_id"] != work.job["_id"] for version in held)
    if (track is not None) != work.succeeded and not (track and has_more):
        yield f"is {work.job['status']} {'with' if track else 'without'} a track"
    if track is None or not held:
        return
    if track["owner_id"] != work.job["owner_id"] or track["current_version_id"] not in {v["_id"] for v in held}:
        yield "its track shows another version, or belongs to somebody else"


def _faults_of_branches(work: Work, version: Record, rendition: Record) -> Iterator[str]:
    own = {asset["key"] for asset in version["assets"]}
    for branch in work.versions:
        if branch["track_id"] != version["track_id"] and not {asset["key"] for asset in branch["assets"]} <= own:
            yield f"its branch {branch['_id']} has other files"
    branches = {branch["_id"] for branch in work.versions}
    for copy in work.renditions:
        if copy["_id"] not in branches or copy["prefix"] != rendition["prefix"]:
            yield f"its rendition {copy['_id']} is of no branch, or plays other segments"


def _faults_of_pair(version: Record, rendition: Record) -> Iterator[str]:
    """Files and segments are of one and the same attempt, which is the one that ended the job."""
    if strange := [a["key"] for a in version["assets"] if not a["key"].startswith(f"{rendition['prefix']}/")]:
        yield f"its files are of another attempt than its segments: {strange[:2]}"
    whole = [segment["name"] for segment in rendition["segments"] if not segment.get("sizes")]
    shared = {segment["name"] for segment in rendition["segments"] if segment.get("sizes")}
    if len({*whole, *shared}) != len(whole) + len(shared):
        yield "its playlist has a segment twice"
    played = sum(segment["duration_seconds"] for segment in rendition["segments"])
    if abs(played - version["duration_seconds"]) > 0.25:
        yield f"its playlist lasts {played:.2f} s and the song {version['duration_seconds']:.2f} s"


def faults_of_leftovers(evidence: Evidence) -> list[str]:
    """Nothing waits to be sent, and no step is kept of a job that succeeded or never was."""
    status = {job["_id"]: job["status"] for job in evidence.jobs}
    faults = [f"outbox: {line['_id']} was never sent" for line in evidence.job_outbox]
    for step in evidence.job_steps:
        found = status.get(step["job_id"])
        if found is None or found == "SUCCEEDED":
            faults.append(f"step {step['_id']}: is kept, and its job is {found or 'not there'}")
    return faults


def faults_of_payment(evidence: Evidence) -> list[str]:
    """Each job has cost its price if it succeeded and nothing otherwise; nothing is held once nothing is open."""
    revenue: Counter[str] = Counter()
    holds: Counter[str] = Counter()
    for transfer in evidence.credit_transfers:
        sort, _, rest = transfer["reference"].partition(":")
        if sort in ("hold", "end"):
            job_id = rest.rpartition(":")[0]
            holds[job_id] += sort == "hold"
            revenue[job_id] += sum(p["amount"] for p in transfer["postings"] if p["account"] == "REVENUE")
    jobs = {job["_id"]: job for job in evidence.jobs}
    faults = [f"job {job_id}: was paid for and is not there" for job_id in revenue.keys() - jobs.keys()]
    for job_id, job in jobs.items():
        price = job["price"] if job["status"] == "SUCCEEDED" else 0
        if revenue[job_id] != price:
            faults.append(f"job {job_id}: is {job['status']} and has cost {revenue[job_id]} instead of {price}")
        if job["price"] and not 1 <= holds[job_id] <= job["attempt"]:
            faults.append(f"job {job_id}: has {holds[job_id]} holds for {job['attempt']} attempts")
    if all(job["status"] in FINAL for job in evidence.jobs):
        held = [wallet for wallet in evidence.credit_wallets if wallet["held"]]
        faults += [f"wallet {wallet['_id']}: holds {wallet['held']} for nothing" for wallet in held]
    return faults


def faults_of_keys(evidence: Evidence) -> list[str]:
    """Each idempotency key stands for jobs or orders that are there and are its owner's.

    What their owners may have removed since does not count.
    """
    kept = (*evidence.jobs, *evidence.payment_orders, *evidence.uploads, *evidence.tracks)
    owners = {record["_id"]: record["owner_id"] for record in kept}
    faults = []
    for key in evidence.idempotency_keys:
        if key["operation"] in ("createWebhookEndpoint", "createOrganisation"):
            continue
        if not key["results"]:
            faults.append(f"key {key['_id']}: stands for nothing")
        for result in key["results"]:
            if result not in owners:
                faults.append(f"key {key['_id']}: stands for {result}, which is not there")
            elif owners[result] != key["owner_id"]:
                faults.append(f"key {key['_id']}: stands for {result}, which is somebody else's")
    return faults


def faults_of_objects(evidence: Evidence) -> list[str]:
    """Every object that a record shows is there, with its size."""
    faults = []
    for key, size in shown_objects(evidence).items():
        found = evidence.objects.get(key)
        if found is None:
            faults.append(f"object {key}: is shown and not there")
        elif found == 0 or size not in (None, found):
            faults.append(f"object {key}: has {found} bytes instead of {size or 'some'}")
    return faults


def shown_objects(evidence: Evidence) -> Mapping[str, int | None]:
    """The objects that versions and whole renditions name, with their size where a record knows it."""
    shown: dict[str, int | None] = {}
    for rendition in evidence.renditions:
        if rendition["is_complete"]:
            apart = [segment["name"] for segment in rendition["segments"] if not segment.get("holds_all")]
            together = [segment["name"] for segment in rendition["segments"] if segment.get("holds_all")]
            shown |= {f"{rendition['prefix']}/{name}": None for name in together}
            folders = [f"{rendition['prefix']}/{variant['name']}" for variant in rendition["variants"]]
            shown |= {f"{folder}/{name}": None for folder in folders for name in [INIT, *apart]}
    for export in evidence.account_archives:
        if export["archive"] is not None:
            shown[export["archive"]["key"]] = export["archive"]["size_bytes"]
    for version in evidence.versions:
        shown |= {asset["key"]: asset["size_bytes"] for asset in version["assets"]}
    return shown


def orphans_of(evidence: Evidence) -> dict[str, list[str]]:
    """Objects that no record shows, by what they are left from; nobody can see them, but they take room."""
    shown = shown_objects(evidence).keys()
    status = {job["_id"]: job["status"] for job in evidence.jobs}
    requests = requests_of(evidence).items()
    job_of = {folder: job_id for job_id, request in requests for folder in folders_of(request["track_id"])}
    unfinished = {part["prefix"] for part in evidence.renditions if not part["is_complete"]}
    orphans: dict[str, list[str]] = defaultdict(list)
    for key in sorted(evidence.objects.keys() - shown):
        prefix = "/".join(key.split("/")[:4])
        job_status = status.get(job_of.get("/".join(key.split("/")[:2]), ""), "unknown")
        kind = "of an unfinished rendition" if prefix in unfinished else "named by no record"
        orphans[f"{kind}, job {job_status}"].append(key)
    return dict(orphans)


def faults_of_promises(evidence: Evidence, accepted: Iterable[str], canceled: Iterable[str]) -> list[str]:
    """What people were told holds: jobs (bare ids) that were accepted are there, and canceled ones made nothing."""
    status = {job["_id"]: job["status"] for job in evidence.jobs}
    faults = [f"job {job_id}: was accepted and is lost" for job_id in accepted if job_id not in status]
    return faults + [
        f"job {job_id}: its cancel was confirmed, and it succeeded"
        for job_id in canceled
        if status.get(job_id) == "SUCCEEDED"
    ]


def _by(records: Iterable[Record], key: Callable[[Record], str]) -> defaultdict[str, list[Record]]:
    found: defaultdict[str, list[Record]] = defaultdict(list)
    for record in records:
        found[key(record)].append(record)
    return found
