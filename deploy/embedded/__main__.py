"""`python -m deploy.embedded`: the stack in the foreground until Ctrl-C; `cadenza up` is the fuller command."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from deploy.embedded import EmbeddedStack, StackConfig, StackError, StackEvent


def main() -> int:
    """Returns the exit status: 1 after a StackError, which is told in one sentence."""
    parser = argparse.ArgumentParser(prog="python -m deploy.embedded", description=__doc__)
    parser.add_argument("--root", type=Path, default=StackConfig.root, help="folder of data and logs")
    parser.add_argument("--models", type=Path, default=StackConfig.model_root, help="folder of Triton models")
    parser.add_argument("--added", type=Path, help="folder of added models, by default `models` in the root")
    arguments = parser.parse_args()
    try:
        config = StackConfig(root=arguments.root, model_root=arguments.models, models_folder=arguments.added)
        asyncio.run(_run(EmbeddedStack(config)))
    except StackError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


async def _run(stack: EmbeddedStack) -> None:
    running = asyncio.create_task(_start_and_wait(stack))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, running.cancel)
    await asyncio.wait({running})
    await stack.stop()
    if not running.cancelled():
        running.result()


async def _start_and_wait(stack: EmbeddedStack) -> None:
    endpoints = await stack.start(_tell)
    for name, value in endpoints.as_environment().items():
        sys.stdout.write(f"{name}={value}\n")
    sys.stdout.flush()
    await stack.wait()


def _tell(event: StackEvent) -> None:
    sys.stderr.write(f"{event.name}: {event.kind} {event.detail} ({event.seconds:.1f} s)\n")


if __name__ == "__main__":
    sys.exit(main())
