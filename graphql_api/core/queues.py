"""The queues of the work queue's port, as the schema names them."""

from enum import Enum

import strawberry


@strawberry.enum(description="The queues share the workers by weight; a plan decides on the queue of its jobs.")
class QueueName(Enum):
    INTERACTIVE = strawberry.enum_value("INTERACTIVE", description="Of paid plans; served most.")
    STANDARD = strawberry.enum_value("STANDARD", description="Of the free plan.")
    BATCH = strawberry.enum_value("BATCH", description="For work that nobody waits for.")
