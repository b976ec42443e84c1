"""`make bench-queue`: arq as it comes and the fair queue side by side on one Redis. Judges nothing.

This is the queue alone: nothing is stored in MongoDB, and the jobs do nothing. Both workers run in this process, with
ten hands each, which is what arq comes with.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvloop
from arq.connections import ArqRedis, RedisSettings, create_pool
from arq.worker import Worker, func
from rich.console import Console
from rich.table import Table

from adapters import arq_queue
from adapters.fair_queue.hands import Hands
from adapters.fair_queue.queue import RedisFairQueue
from deploy.embedded.ports import free_port
from deploy.embedded.redis_server import RedisServer
from deploy.embedded.supervisor import Supervisor
from domain.kit.ids import new_id
from domain.kit.queue import QueueName, Ticket
from jobs.core.worker import build_worker

KIND = "do_nothing"
JOBS = 1000
HANDS = 10
ARRIVALS = 200
ARRIVALS_A_SECOND = 20
ROUNDS = 3

Send = Callable[[str], Awaitable[object]]
