"""The ways a model of tokens is served, by the names that people choose them by, and the device that each means."""

from typing import Final

from triton_models.step_graph.forms import DEVICE_FORM, PLAN_FORM

CPU: Final = "cpu"
ONNX_GPU: Final = "onnx-gpu"
TENSORRT: Final = "tensorrt"
PROFILES: Final = (CPU, ONNX_GPU, TENSORRT)
# As triton_models.step_graph.devices reads it.
GPU: Final = "cuda:0"
GPU_FORM: Final = DEVICE_FORM
# How models are served on a GPU, by their profile.
GPU_FORMS: Final = {ONNX_GPU: DEVICE_FORM, TENSORRT: PLAN_FORM}


class ProfileNotServedError(ValueError):
    """No model is laid for this profile."""


def check_served(profile: str) -> None:
    """Raises ProfileNotServedError, in a sentence."""
    if profile not in PROFILES:
        raise ProfileNotServedError(f"There is no profile {profile!r}: choose {CPU}, {ONNX_GPU} or {TENSORRT}.")


def device(profile: str) -> str:
    """That the profile is served on."""
    return GPU if profile in GPU_FORMS else CPU
