"""What an added model is called: by an id to people, by a served name in Triton, and while it goes.

Here because those who add models and those who serve them know nothing of each other.
"""

from typing import Final

# What begins with a dot is no model to whoever reads the folder of added ones.
LEAVING: Final = ".leaving-"


def served_name(model_id: str) -> str:
    """What Triton calls the model of this id."""
    return model_id.replace("-", "_")


def model_id(served: str) -> str:
    """What people call it; the way back from `served_name`."""
    return served.replace("_", "-")
