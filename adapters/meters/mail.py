"""Mail, counted for Prometheus."""

from prometheus_client import Counter

from domain.mail.model import MailOutcome

MAILS = Counter("cadenza_mails_total", "Attempts to send mail, by how they ended.", ["outcome"])


class PrometheusMailMeter:
    """Counts outcomes, and no addresses."""

    def handled(self, outcome: MailOutcome) -> None:
        MAILS.labels(outcome.value).inc()
