"""How graphs that are served on a device are called. Apart, since the launcher asks and has no need of a runtime."""

from typing import Final

# The form of graphs that keep their caches on a device, weights, keys and values alike.
DEVICE_FORM: Final = "float16"
# The same in TensorRT's plans.
PLAN_FORM: Final = "tensorrt"
