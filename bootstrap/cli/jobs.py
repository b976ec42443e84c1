"""`cadenza jobs`: list, watch, cancel and retry one's own jobs; look after dead letters."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from bootstrap.cli import documents
from bootstrap.cli.client import ApiProblem, success
from bootstrap.cli.terminal import Url, console, known_api, run, signed_in

app = typer.Typer(help="Your jobs: list, watch, cancel, retry; and dead letters.", invoke_without_command=True)

JobId = Annotated[str, typer.Argument(help="The job's id, as `cadenza jobs` shows it.")]
ADMINS_ONLY = "Only an administrator may do this. An operator makes one with `cadenza admins add`."


@app.callback()
def list_jobs(
    context: typer.Context, first: Annotated[int, typer.Option(help="How many.")] = 20, url: Url = None
) -> None:
    """List your jobs, newest first."""
    if context.invoked_subcommand is not None:
        return

    async def main(address: str) -> None:
        client = await signed_in(address)
        answer = await client.execute(documents.JOBS, {"first": first})
        for edge in answer["jobs"]["edges"]:
            _say(_line(edge["node"]), edge["node"]["id"])

    run(main(known_api(url)))


@app.command()
def watch(url: Url = None) -> None:
    """Show every change of all your jobs until Ctrl-C."""

    async def main(address: str) -> None:
        client = await signed_in(address)
        async for event in client.my_jobs():
            problem = "" if event["problem"] is None else f"  {event['problem']['message']}"
            position = event["queuePosition"]
            waits = "" if position is None else f"  {position} before it"
            console.print(
                f"{event['jobId']}  {event['status'].lower():<9} {event['progress']:4.0%}  "
                f"{event['stage'].lower()}{waits}{problem}",
                highlight=False,
                soft_wrap=True,
            )

    run(main(known_api(url)))


@app.command()
def cancel(job_id: JobId, url: Url = None) -> None:
    """Stop a job; its credits come back."""
    _do(documents.CANCEL, "cancelJob", job_id, url, "canceled, or about to be")


@app.command()
def retry(job_id: JobId, url: Url = None) -> None:
    """Try a job again that failed, expired or was canceled, for its price."""
    _do(documents.RETRY, "retryJob", job_id, url, "waits again")


@app.command()
def dead(first: Annotated[int, typer.Option(help="How many.")] = 20, url: Url = None) -> None:
    """List the jobs that were given up for good, of all people. For administrators."""

    async def main(address: str) -> None:
        client = await signed_in(address)
        try:
            answer = await client.execute(documents.DEAD_JOBS, {"first": first})
        except ApiProblem as error:
            raise ApiProblem(ADMINS_ONLY if "administrator" in str(error) else str(error)) from error
        for edge in answer["deadJobs"]["edges"]:
            job = edge["node"]
            _say(f"{_moment(job['diedAt'])}  {job['kind']}  {job['code']}: {job['detail']}", job["jobId"])
        if not answer["deadJobs"]["edges"]:
            console.print("There are no dead letters.")

    run(main(known_api(url)))


@app.command()
def redrive(job_id: JobId, url: Url = None) -> None:
    """Drive a dead letter again; its owner does not pay. For administrators."""
    _do(documents.REDRIVE, "redriveJob", job_id, url, "waits again, on the house")


def _do(document: str, mutation: str, job_id: str, url: str | None, done: str) -> None:
    async def main(address: str) -> None:
        client = await signed_in(address)
        success((await client.execute(document, {"input": {"jobId": job_id}}))[mutation])
        console.print(f"{job_id} {done}", highlight=False, soft_wrap=True)

    run(main(known_api(url)))


def _line(job: Mapping[str, Any]) -> str:
    held, charged = job["creditsHeld"], job["creditsCharged"]
    credits = f"{held} credits held" if held else f"{charged} credits"
    song = job.get("title") or job.get("upload", {}).get("fileName") or job.get("prompt", "")[:60]
    problem = "" if job["problem"] is None else f"  {job['problem']['message']}"
    state = f"{job['status'].lower():<9} {job['progress']:4.0%}"
    return f"{_moment(job['createdAt'])}  {state}  {credits:<15} {song}{problem}"


def _moment(text: str) -> str:
    return text[:19].replace("T", " ")


def _say(line: str, job_id: str) -> None:
    """The id on a line of its own, whole, to be copied."""
    console.print(line, highlight=False, soft_wrap=True)
    console.print(f"    [dim]{job_id}[/dim]", highlight=False, soft_wrap=True)
