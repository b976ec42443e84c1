"""Run as a module in a process of its own: Swift's updater of container listings.

Swift's own command for it reads /etc/swift and wants a user named swift, unlike the commands of the servers.
"""

import sys

from swift.common import utils
from swift.obj.updater import ObjectUpdater


def main() -> None:
    """Arguments: the `swift_dir`, and the configuration of the object server."""
    folder, configuration = sys.argv[1:]
    utils.set_swift_dir(folder)
    ObjectUpdater(utils.readconf(configuration, "object-updater")).run_forever()


if __name__ == "__main__":
    main()
