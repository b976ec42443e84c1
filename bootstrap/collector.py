"""How the garbage collector of a process with thousands of connections runs."""

import gc

# New objects before a pass over the youngest; such passes before one over the middle ones; and those before a full one.
# A full pass goes through every socket's tasks and frames: 0.4 to 1 s for 2,000 sockets, in which nobody is answered.
# By Python's own numbers one comes with every 70,000 objects, by these with every 5 million. A pass over the middle
# ones sees 20,000 objects, some 20 ms.
THRESHOLDS = (2_000, 10, 250)


def settle_collector() -> None:
    """To be called once, when all that stays for ever, the schema above all, has been made: it is left out for good."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
