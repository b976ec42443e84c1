"""tritonserver from its wheel on loopback, with our models and our ONNX backend."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path

from deploy.embedded.added_serving import AddedServing
from deploy.embedded.errors import StackError, UnhealthyError
from deploy.embedded.ports import LOOPBACK
from deploy.embedded.process import EventKind, Patience, ProcessSpec
from deploy.embedded.triton_client import KEY_NAME, ModelProbe, TritonClient
from deploy.embedded.triton_liveness import TritonLiveness, end_stubs
from deploy.embedded.triton_repository import TritonFolders
from deploy.embedded.wheels import TRITON, TRITON_LIBRARIES

SHARED_MEMORY = Path("/dev", "shm")
# A stream that a client cut off keeps its model loaded for good, so Triton may use all of it.
EXIT_SECONDS = 4
READY_SECONDS = 90
# Loading models is to run programs: only whoever has the key may, and no page in a browser can send it.
RESTRICTED = ("grpc-restricted-protocol", "http-restricted-api")


@dataclass(frozen=True)
class ModelRoots:
    """Where our own models lie, and those that were added, of which there may be none."""

    own: Path
    added: Path


class TritonServer:
    """Builds the process and answers for its readiness; `close` ends the channel it keeps.

    It starts with our own models. Those that were added are loaded when it is there, and `tell` hears of each.
    """

    def __init__(
        self,
        folders: TritonFolders,
        roots: ModelRoots,
        ports: dict[str, int],
        key: str,
        tell: Callable[[EventKind, str], None],
    ) -> None:
        self._folders = folders
        self._roots = roots
        self._ports = ports
        self._key = key
        self.url = f"{LOOPBACK}:{ports['grpc']}"
        self._client = TritonClient(self.url, key)
        self._added = AddedServing(roots.added, folders, self._client, tell)
        self._own: list[str] = []
        self._probes: list[ModelProbe] = []
        self._liveness = TritonLiveness(self._client, ())
        self._prefix = f"cadenza-triton-{sha256(str(folders.root.resolve()).encode()).hexdigest()[:12]}-"

    def spec(self) -> ProcessSpec:
        """The process; its folders are assembled here."""
        models = self._folders.assemble(self._roots.own)
        self._own = [model.name for model in models]
        self._probes = [probe for model in models if (probe := ModelProbe.load(model))]
        self._liveness = TritonLiveness(self._client, self._probes, stubs=self._added)
        self._clean()
        return ProcessSpec(
            name="triton",
            argv=(str(TRITON.locate()), *self._options()),
            env=self._environment(),
            ready=self._ready,
            alive=self._alive,
            cleanup=self._clean,
            patience=Patience(
                ready_timeout=READY_SECONDS,
                alive_every=2,
                alive_deadline=8,
                stop_grace=EXIT_SECONDS + 4,
                # Its front end waits in vain for a dead stub.
                unhealthy_grace=1,
            ),
        )

    async def close(self) -> None:
        """Close the connection of the probes."""
        await self._added.close()
        await self._client.close()

    def remove_shared_memory(self) -> None:
        """Unlink what the stubs of a dead server left in shared memory; other stacks have other prefixes."""
        for region in SHARED_MEMORY.glob(f"{self._prefix}*"):
            region.unlink(missing_ok=True)

    def _clean(self) -> None:
        self._added.begin(self._own)
        self._folders.unlink_all_added()
        self.remove_shared_memory()

    def _options(self) -> list[str]:
        addresses = [f"--{name}-address={LOOPBACK}" for name in ("http", "grpc", "metrics")]
        ports = [f"--{name}-port={self._ports[name]}" for name in ("http", "grpc", "metrics")]
        has_gpu = Path("/dev/nvidiactl").exists()
        return [
            *addresses,
            *ports,
            f"--model-repository={self._folders.repository}",
            "--model-control-mode=explicit",
            *(f"--load-model={name}" for name in self._own),
            *(f"--{option}=model-repository:{KEY_NAME}={self._key}" for option in RESTRICTED),
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

    async def _ready(self) -> None:
        """Our own models are, and of those that were added each is, is refused, or was told to be slow."""
        states = [state for state in await self._client.model_states() if state.name in self._own]
        for refused in (state for state in states if state.is_refused):
            raise StackError(f"Triton could not load the model {refused.name}: {' '.join(refused.reason.split())}")
        _wait_for([state.name for state in states if state.state != "READY"])
        for probe in self._probes:
            if "is not healthy" in (message := await self._client.probe(probe)):
                raise UnhealthyError(message)
        self._added.look()
        _wait_for(self._added.loading)

    async def _alive(self, pid: int) -> None:
        self._added.look(partial(end_stubs, pid))
        await self._liveness(pid)


def _wait_for(names: list[str]) -> None:
    if names:
        raise ConnectionError(f"still loading {', '.join(names)}")
