"""Run as a module in a process of its own: Swift's updater of container listings.

Swift's own command for it reads /etc/swift, wants a user named swift, and forks a process for each look, which would
cost a third of a second of CPU every time.
"""

import sys
import time
from pathlib import Path

from swift.common import utils
from swift.obj.updater import ObjectUpdater

SECTION = "object-updater"


def main() -> None:
    """Arguments: the `swift_dir`, and the configuration of the object server."""
    folder, configuration = sys.argv[1:]
    utils.set_swift_dir(folder)
    utils.eventlet_monkey_patch()
    settings = utils.readconf(configuration, SECTION)
    updater = ObjectUpdater(settings)
    while True:
        for device in Path(settings["devices"]).iterdir():
            updater.object_sweep(str(device))
        time.sleep(float(settings["interval"]))


if __name__ == "__main__":
    main()
