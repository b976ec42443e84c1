"""Reports and plays counted for Prometheus."""

from prometheus_client import Counter, Gauge

from domain.plays.log import Backlog

TAKEN = Counter("cadenza_play_reports_total", "Reports of players that were taken.")
REFUSED = Counter("cadenza_play_requests_refused_total", "Requests of players that were refused.", ["reason"])
DROPPED = Counter("cadenza_play_reports_dropped_total", "Reports that were taken and then lost.", ["reason"])
PLAYS = Counter("cadenza_plays_total", "Listens that became plays; those above a limit are not counted.", ["outcome"])
FAILURES = Counter("cadenza_play_batches_failed_total", "Batches of reports that could not be counted at once.")
ENTRIES = Gauge("cadenza_play_log_entries", "Entries of the log of reports that nobody is done with.")
OLDEST = Gauge("cadenza_play_log_oldest_seconds", "The age of the oldest of them.")


class PrometheusPlayMeter:
    """What is taken, refused and dropped stands in the API's metrics, the rest in a worker's."""

    def taken(self, reports: int) -> None:
        TAKEN.inc(reports)

    def refused(self, reason: str) -> None:
        REFUSED.labels(reason).inc()

    def dropped(self, reason: str, reports: int) -> None:
        DROPPED.labels(reason).inc(reports)

    def counted(self, counted: int, above_limits: int) -> None:
        PLAYS.labels("counted").inc(counted)
        PLAYS.labels("above_limits").inc(above_limits)

    def failed(self) -> None:
        FAILURES.inc()

    def waiting(self, backlog: Backlog) -> None:
        ENTRIES.set(backlog.entries)
        OLDEST.set(backlog.oldest_seconds)
