"""tritonserver from its wheel on loopback, with our models and our ONNX backend."""

import os
import sys
from hashlib import sha256
from pathlib import Path

from deploy.embedded.errors import StackError, UnhealthyError
from deploy.embedded.ports import LOOPBACK
from deploy.embedded.process import Patience, ProcessSpec
from deploy.embedded.triton_client import ModelProbe, TritonClient
from deploy.embedded.triton_liveness import TritonLiveness
from deploy.embedded.triton_repository import TritonFolders
from deploy.embedded.wheels import TRITON, TRITON_LIBRARIES

SHARED_MEMORY = Path("/dev", "shm")
# A stream that a client cut off keeps its model loaded for good, so Triton may use all of it.
EXIT_SECONDS = 4


class TritonServer:
    """Builds the process and answers for its readiness; `close` ends the channel it keeps."""

    def __init__(self, folders: TritonFolders, model_root: Path, ports: dict[str, int]) -> None:
        self._folders = folders
        self._model_root = model_root
        self._ports = ports
        self.url = f"{LOOPBACK}:{ports['grpc']}"
        self._client = TritonClient(self.url)
        self._probes: list[ModelProbe] = []
        self._prefix = f"cadenza-triton-{sha256(str(folders.root.resolve()).encode()).hexdigest()[:12]}-"

    def spec(self) -> ProcessSpec:
        """The process; its folders are assembled here."""
        models = self._folders.assemble(self._model_root)
        self._probes = [probe for model in models if (probe := ModelProbe.load(model))]
        self.remove_shared_memory()
        return ProcessSpec(
            name="triton",
            argv=(str(TRITON.locate()), *self._options()),
            env=self._environment(),
            ready=self._all_models_ready,
            alive=TritonLiveness(self._client, self._probes),
            cleanup=self.remove_shared_memory,
            patience=Patience(
                ready_timeout=90,
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
        for model in states:
            if model.state == "UNAVAILABLE" and model.reason:
                raise StackError(f"Triton could not load the model {model.name}: {' '.join(model.reason.split())}")
        waiting = [model.name for model in states if model.state != "READY"]
        if waiting:
            raise ConnectionError(f"still loading {', '.join(waiting)}")
        for probe in self._probes:
            if "is not healthy" in (message := await self._client.probe(probe)):
                raise UnhealthyError(message)
