"""Why a request was refused or did not end well: data, and the code that a stream's error text begins with."""


class GenerationError(Exception):
    """Base; `code` is one of the protocol's codes."""

    code = "INTERNAL"

    def __str__(self) -> str:
        return f"{self.code}: {super().__str__()}"


class QueueFullError(GenerationError):
    """As many requests wait as may wait; `waiting` of them."""

    code = "QUEUE_FULL"

    def __init__(self, waiting: int) -> None:
        super().__init__(f"{waiting} requests are waiting already")
        self.waiting = waiting


class RequestInvalidError(GenerationError):
    """The request says something that no model could do."""

    code = "INVALID_REQUEST"


class RequestTooLargeError(GenerationError):
    """The request would never fit: `wanted` of something of which there are `available`."""

    code = "REQUEST_TOO_LARGE"

    def __init__(self, what: str, wanted: int, available: int) -> None:
        super().__init__(f"{wanted} {what} are wanted, the model has {available}")
        self.what = what
        self.wanted = wanted
        self.available = available


class RequestCancelledError(GenerationError):
    """The caller does not want the result any more."""

    code = "CANCELLED"


class DeadlineExceededError(GenerationError):
    """The request's deadline passed while it waited or ran."""

    code = "DEADLINE_EXCEEDED"


class SchedulerClosedError(GenerationError):
    """The scheduler is being shut down."""

    code = "UNAVAILABLE"


class ModelFaultError(GenerationError):
    """The model failed on this request, alone in its batch too, or gave logits that are no numbers."""

    code = "MODEL_FAULT"


class GrammarFaultError(GenerationError):
    """The grammar or the stop rule failed, or leaves no legal token."""

    code = "GRAMMAR_FAULT"
