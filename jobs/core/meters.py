"""Jobs and their credits, counted for Prometheus. The API accepts and cancels, workers end: both count."""

from prometheus_client import Counter

from domain.jobs.model import Job

ACCEPTED = Counter("cadenza_jobs_accepted_total", "Jobs that were accepted.", ["kind", "queue"])
ENDED = Counter("cadenza_jobs_ended_total", "Jobs that came to their end, by how.", ["kind", "status"])
REFUSED = Counter("cadenza_jobs_refused_total", "Jobs that admission control refused, by problem.", ["code"])
HELD = Counter("cadenza_credits_held_total", "Credits set aside for jobs.", ["kind"])
CHARGED = Counter("cadenza_credits_charged_total", "Credits charged for jobs that succeeded.", ["kind"])
RETURNED = Counter("cadenza_credits_returned_total", "Held credits given back for jobs that did not succeed.", ["kind"])


class PrometheusJobMeter:
    """Credits in, credits charged, credits given back: held = charged + returned once nothing is open."""

    def accepted(self, job: Job) -> None:
        ACCEPTED.labels(job.kind, job.share.queue.value).inc()
        HELD.labels(job.kind).inc(job.price)

    def ended(self, job: Job) -> None:
        ENDED.labels(job.kind, job.status.value).inc()
        CHARGED.labels(job.kind).inc(job.credits_charged)
        RETURNED.labels(job.kind).inc(job.price - job.credits_charged)

    def refused(self, code: str) -> None:
        REFUSED.labels(code).inc()
