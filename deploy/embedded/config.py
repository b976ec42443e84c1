"""What can be chosen about an embedded stack; the defaults serve `cadenza up`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import triton_models
from deploy.embedded.errors import StackError

ADDED = "models"
COMPONENTS = ("mongo", "redis", "s3", "triton")


@dataclass(frozen=True)
class StackConfig:
    """One stack per `root`.

    `external` maps a component (mongo, redis, s3, triton) to the URL of a server that someone else runs: it is
    only waited for. The three `s3_*` fields are used only with an external S3 server. `model_root` holds the models
    that Cadenza comes with; those that were added lie in `models_folder`, by default `models` in the root.
    """

    root: Path = Path(".cadenza")
    bucket: str = "cadenza"
    external: Mapping[str, str] = field(default_factory=dict)
    model_root: Path = Path(triton_models.__file__).parent
    models_folder: Path | None = None
    s3_region: str = "us-east-1"
    s3_access_key: str = ""
    s3_secret_key: str = ""

    @property
    def added_models(self) -> Path:
        """Where added models lie, whether there is such a folder or not."""
        return self.models_folder or self.root.absolute() / ADDED

    def __post_init__(self) -> None:
        unknown = sorted(set(self.external) - set(COMPONENTS))
        if unknown:
            raise StackError(
                f"Unknown component {unknown[0]!r} in the external servers: use one of {', '.join(COMPONENTS)}."
            )
