"""The failures of the embedded stack: one sentence for people, and the verdict of a liveness probe."""


class StackError(Exception):
    """One clear sentence for people: which piece is missing or failed, what to do, where the log is."""


class UnhealthyError(Exception):
    """A liveness probe is certain that the process cannot recover: it is replaced without a second try."""
