"""tritonserver from its wheel on loopback, with our models and our ONNX backend."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from deploy.embedded.added_models import AddedModel
from deploy.embedded.errors import StackError, UnhealthyError
from deploy.embedded.ports import LOOPBACK
from deploy.embedded.process import Patience, ProcessSpec
from deploy.embedded.triton_client import ModelProbe, ModelState, TritonClient
from deploy.embedded.triton_liveness import TritonLiveness
from deploy.embedded.triton_repository import TritonFolders
from deploy.embedded.wheels import TRITON, TRITON_LIBRARIES

SHARED_MEMORY = Path("/dev", "shm")
# A stream that a client cut off keeps its model loaded for good, so Triton may use all of it.
EXIT_SECONDS = 4
READY_SECONDS = 90
# Weights of an added model may have many gigabytes, and come from a disk first.
ADDED_SECONDS = 60


@dataclass(frozen=True)
class ModelRoots:
    """Where our own models lie, and those that were added, of which there may be none."""

    own: Path
    added: Path


class TritonServer:
    """Builds the process and answers for its readiness; `close` ends the channel it keeps.

    `warn` is told, in a sentence each, which added models are not served; without the others there is no readiness.
    """

    def __init__(
        self, folders: TritonFolders, roots: ModelRoots, ports: dict[str, int], warn: Callable[[str], None]
    ) -> None:
        self._folders = folders
        self._roots = roots
        self._ports = ports
        self._warn = warn
        self._added: dict[str, AddedModel] = {}
        self._warned: set[str] = set()
        self.url = f"{LOOPBACK}:{ports['grpc']}"
        self._client = TritonClient(self.url)
        self._probes: list[ModelProbe] = []
        self._prefix = f"cadenza-triton-{sha256(str(folders.root.resolve()).encode()).hexdigest()[:12]}-"

    def spec(self) -> ProcessSpec:
        """The process; its folders are assembled here."""
        found = self._folders.assemble(self._roots.own, self._roots.added)
        self._probes = [probe for model in found.models if (probe := ModelProbe.load(model))]
        self._added = {model.served_name: model for model in found.added}
        for sentence in found.left_out:
            self._warn_once(sentence)
        self.remove_shared_memory()
        return ProcessSpec(
            name="triton",
            argv=(str(TRITON.locate()), *self._options()),
            env=self._environment(),
            ready=self._all_models_ready,
            alive=TritonLiveness(self._client, self._probes),
            cleanup=self.remove_shared_memory,
            patience=Patience(
                ready_timeout=READY_SECONDS + ADDED_SECONDS * len(self._added),
                alive_every=2,
                alive_deadline=8,
                stop_grace=EXIT_SECONDS + 4,
                # Its front end waits in vain for a dead stub.
                unhealthy_grace=1,
            ),
        )

    async def close(self) -> None:
        """Close the connection of the probes."""
        await self._client.close()

    def remove_shared_memory(self) -> None:
        """Unlink what the stubs of a dead server left in shared memory; other stacks have other prefixes."""
        for region in SHARED_MEMORY.glob(f"{self._prefix}*"):
            region.unlink(missing_ok=True)

    def _options(self) -> list[str]:
        addresses = [f"--{name}-address={LOOPBACK}" for name in ("http", "grpc", "metrics")]
        ports = [f"--{name}-port={self._ports[name]}" for name in ("http", "grpc", "metrics")]
        has_gpu = Path("/dev/nvidiactl").exists()
        return [
            *addresses,
            *ports,
            f"--model-repository={self._folders.repository}",
            f"--backend-directory={self._folders.backends}",
            f"--backend-config=python,shm-region-prefix-name={self._prefix}",
            f"--exit-timeout-secs={EXIT_SECONDS}",
            f"--allow-gpu-metrics={'true' if has_gpu else 'false'}",
            "--disable-auto-complete-config",
            "--strict-readiness=false",
            # A model that fails to load must not take the reason with it: we read it from the index.
            "--exit-on-error=false",
            "--http-thread-count=2",
            "--metrics-interval-ms=5000",
        ]

    def _environment(self) -> dict[str, str]:
        libraries = f"{TRITON_LIBRARIES.locate()}:{self._folders.libraries}"
        one_thread = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
        return {
            "LD_LIBRARY_PATH": libraries,
            # The first python3 on the path decides the environment of the stubs.
            "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}",
            "MALLOC_ARENA_MAX": "2",
            **dict.fromkeys(one_thread, "1"),
        }

    async def _all_models_ready(self) -> None:
        states = await self._client.model_states()
        refused = {state.name: " ".join(state.reason.split()) for state in states if _is_refused(state)}
        for name, reason in refused.items():
            if name not in self._added:
                raise StackError(f"Triton could not load the model {name}: {reason}")
            self._warn_once(self._added[name].left_out(f"Triton could not load it ({reason})"))
        waiting = [state.name for state in states if state.state != "READY" and state.name not in refused]
        if waiting:
            raise ConnectionError(f"still loading {', '.join(waiting)}")
        for probe in self._probes:
            if "is not healthy" in (message := await self._client.probe(probe)):
                raise UnhealthyError(message)

    def _warn_once(self, sentence: str) -> None:
        if sentence not in self._warned:
            self._warned.add(sentence)
            self._warn(sentence)


def _is_refused(model: ModelState) -> bool:
    return model.state == "UNAVAILABLE" and bool(model.reason)
