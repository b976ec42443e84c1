"""What the first GPU of this machine has left, as its driver's own program tells it."""

import subprocess
from typing import Final

from model_export.adding.errors import AddingError

ASKED: Final = ("--query-gpu=memory.free", "--format=csv,noheader,nounits", "--id=0")
SECONDS: Final = 30.0


def free_gpu_bytes(program: str = "nvidia-smi") -> int:
    """Raises AddingError when there is no GPU, or none that can be asked."""
    try:
        done = subprocess.run([program, *ASKED], capture_output=True, text=True, timeout=SECONDS, check=True)
        return int(done.stdout.split()[0]) << 20
    except (OSError, subprocess.SubprocessError, ValueError, IndexError) as error:
        raise AddingError(
            "No GPU answers here, so nobody knows how much of its memory is free: say with --memory-mib how much of it "
            "songs in flight are to have."
        ) from error
