"""Run as a module in a process of its own: writes the three rings of a one-device Swift.

Swift is not imported into the supervisor: it brings eventlet and 40 MB with it.
"""

import sys
from pathlib import Path

from swift.common.ring import RingBuilder

# 16 partitions of one replica; a partition may move at once.
PART_POWER, REPLICAS, MIN_PART_HOURS = 4, 1, 0
DEVICE = "d1"


def write_ring(folder: Path, service: str, port: int) -> None:
    """Write FOLDER/SERVICE.ring.gz with one device behind `port` of loopback."""
    builder = RingBuilder(PART_POWER, REPLICAS, MIN_PART_HOURS)
    place = {"ip": "127.0.0.1", "port": port, "replication_ip": "127.0.0.1", "replication_port": port}
    builder.add_dev({"region": 1, "zone": 1, "device": DEVICE, "weight": 1, "meta": "", **place})
    builder.rebalance()
    builder.get_ring().save(str(folder / f"{service}.ring.gz"))


def main() -> None:
    """Arguments: the folder, then SERVICE=PORT for each ring."""
    folder = Path(sys.argv[1])
    for argument in sys.argv[2:]:
        service, port = argument.split("=")
        write_ring(folder, service, int(port))


if __name__ == "__main__":
    main()
