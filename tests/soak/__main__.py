"""`python -m tests.soak --minutes 10 --seed 7`: load and harm, then an audit. Ends with status 1 on any fault.

`--only` does one experiment of `tests.soak.experiments` instead of a storm; `--count` says how often it strikes.
"""

import argparse
import asyncio
import logging
import os
import random
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from tests.faults.verdict import judge
from tests.soak.experiments import EXPERIMENTS
from tests.soak.report import rows_of, show
from tests.soak.trial import PATIENCE_SECONDS, open_trial

# The janitor leaves what is younger than a minute alone.
SETTLE_SECONDS = 75.0


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--only", choices=sorted(EXPERIMENTS), default="storm")
    parser.add_argument("--count", type=int, default=10)
    parser.add_argument("--free", type=int, default=3, help="people on the free plan")
    parser.add_argument("--paid", type=int, default=2, help="people who pay for a plan")
    parser.add_argument("--keep", type=Path, help="a folder for the stack that is not removed")
    return parser.parse_args()


async def soak(given: argparse.Namespace, root: Path) -> int:
    say = Console(width=160)
    say.print(f"{given.only} with seed {given.seed}")
    started = time.monotonic()
    async with open_trial(root, given.seed, given.free, given.paid, say) as trial:
        await EXPERIMENTS[given.only](trial, given.minutes, given.count)
        verdict = await judge(trial.ground, trial.crowd, PATIENCE_SECONDS, SETTLE_SECONDS)
        rows = rows_of(trial, verdict, time.monotonic() - started)
    show(say, f"{given.only}, seed {given.seed}", rows, verdict, [*trial.late_writes, *trial.late_objects])
    return 1 if verdict.faults or trial.late_writes or trial.late_objects else 0


def main() -> int:
    given = options()
    # it warns of every connection to a server that was killed
    logging.getLogger("gql.transport").setLevel(logging.ERROR)
    # people of a soak sign up once, and it may last longer than a token
    os.environ["CADENZA_AUTH_ACCESS_MINUTES"] = "720"
    if given.keep:
        return asyncio.run(soak(given, given.keep))
    with tempfile.TemporaryDirectory(prefix="cadenza-soak-") as folder:
        return asyncio.run(soak(given, Path(folder) / "home"))


if __name__ == "__main__":
    sys.exit(main())
