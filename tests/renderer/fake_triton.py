"""What the served model uses of Triton's Python backend, as plain values in this process."""

import threading
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, ClassVar

import numpy as np

FINAL = 1


class Tensor:
    def __init__(self, name: str, array: np.ndarray[Any, Any]) -> None:
        self.name = name
        self._array = array

    def as_numpy(self) -> np.ndarray[Any, Any]:
        return self._array


class TritonError:
    def __init__(self, text: str) -> None:
        self.text = text


class InferenceResponse:
    def __init__(self, output_tensors: list[Tensor], error: TritonError | None = None) -> None:
        self.tensors = {tensor.name: tensor.as_numpy() for tensor in output_tensors}
        self.error = None if error is None else error.text


class Logger:
    errors: ClassVar[list[str]] = []

    @classmethod
    def log_error(cls, text: str) -> None:
        cls.errors.append(text)


class ResponseSender:
    """Keeps what was sent; `ended` is set by the final flag, after which nothing may follow."""

    def __init__(self) -> None:
        self.responses: list[InferenceResponse] = []
        self.cancelled = False
        self.ended = threading.Event()

    def is_cancelled(self) -> bool:
        return self.cancelled

    def send(self, response: InferenceResponse | None = None, flags: int = 0) -> None:
        assert not self.ended.is_set(), "a response after the final one"
        if response is not None:
            self.responses.append(response)
        if flags == FINAL:
            self.ended.set()


class Request:
    def __init__(self, score: bytes, options: bytes) -> None:
        self.sender = ResponseSender()
        self.inputs: dict[str, Any] = {"SCORE": score, "OPTIONS": options}

    def get_response_sender(self) -> ResponseSender:
        return self.sender


def get_input_tensor_by_name(request: Request, name: str) -> Tensor:
    value = request.inputs[name]
    return Tensor(name, value if isinstance(value, np.ndarray) else np.array([value], np.object_))


@dataclass
class Told:
    """A metric of Triton's: a gauge is set, a counter grows."""

    kind: str
    value: float = 0.0

    def set(self, value: float) -> None:
        assert self.kind == "gauge"
        self.value = value

    def increment(self, by: float) -> None:
        assert self.kind == "counter"
        assert by >= 0
        self.value += by


@dataclass
class Families:
    """Stands for `pb_utils.MetricFamily`."""

    GAUGE: ClassVar[str] = "gauge"
    COUNTER: ClassVar[str] = "counter"
    metrics: dict[tuple[str, ...], Told] = field(default_factory=dict)

    def __call__(self, *, name: str, description: str, kind: str) -> Any:
        assert description
        families = self

        class Family:
            def Metric(self, labels: dict[str, str]) -> Told:
                key = (name, *(f"{label}={value}" for label, value in labels.items()))
                assert key not in families.metrics
                return families.metrics.setdefault(key, Told(kind))

        return Family()


def backend_module() -> ModuleType:
    """A stand-in for the module that Triton puts into a model's process."""
    module = ModuleType("triton_python_backend_utils")
    for name, value in (
        ("Tensor", Tensor),
        ("TritonError", TritonError),
        ("InferenceResponse", InferenceResponse),
        ("Logger", Logger),
        ("MetricFamily", Families()),
        ("get_input_tensor_by_name", get_input_tensor_by_name),
        ("TRITONSERVER_RESPONSE_COMPLETE_FINAL", FINAL),
    ):
        setattr(module, name, value)
    return module
