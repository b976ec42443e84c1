"""The configuration files and rings of Swift in one folder, which every server gets as `swift_dir`."""

import errno
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from deploy.embedded.errors import StackError
from deploy.embedded.ports import LOOPBACK
from deploy.embedded.state import write_private

STORAGE = ("account", "container", "object")
ACCESS_KEY = "cadenza:app"
REGION = "us-east-1"
# How often what is missing from a listing is looked for.
UPDATE_SECONDS = "10"
Sections = dict[str, dict[str, str]]


@dataclass(frozen=True)
class SwiftFiles:
    """Where Swift keeps things and what goes into its files; `ports` has account, container, object and proxy."""

    folder: Path
    ports: dict[str, int]
    secret_key: str
    hash_suffix: str

    @property
    def configuration(self) -> Path:
        """The `swift_dir`."""
        return self.folder / "conf"

    @property
    def devices(self) -> Path:
        """The folder of the one device."""
        return self.folder / "devices"

    def write(self) -> None:
        """Write every file; StackError when the file system keeps no extended attributes."""
        for folder in (self.configuration, self.devices / "d1", self.folder / "recon"):
            folder.mkdir(parents=True, exist_ok=True)
        check_extended_attributes(self.devices)
        self._write_one("swift", self._cluster())
        for service in STORAGE:
            self._write_one(service, self._storage(service))
        self._write_one("proxy", self._proxy())
        self._write_rings()

    def _cluster(self) -> Sections:
        return {
            "swift-hash": {"swift_hash_path_suffix": self.hash_suffix},
            "storage-policy:0": {"name": "Policy-0", "default": "yes"},
        }

    def _default(self, service: str) -> dict[str, str]:
        return {
            "bind_ip": LOOPBACK,
            "bind_port": str(self.ports[service]),
            "swift_dir": str(self.configuration),
            # 0 workers: the process itself serves, without a parent that forks.
            "workers": "0",
            "log_level": "WARNING",
            "client_timeout": "60",
            "keepalive_timeout": "60",
        }

    def _storage(self, service: str) -> Sections:
        places = {"devices": str(self.devices), "recon_cache_path": str(self.folder / "recon")}
        limits = {"mount_check": "false", "fallocate_reserve": "268435456"}
        return {
            "DEFAULT": self._default(service) | places | limits,
            "pipeline:main": {"pipeline": f"healthcheck {service}-server"},
            f"app:{service}-server": {"use": f"egg:swift#{service}"},
            "filter:healthcheck": {"use": "egg:swift#healthcheck"},
            **({"object-updater": {"interval": UPDATE_SECONDS}} if service == "object" else {}),
        }

    def _proxy(self) -> Sections:
        # One device: suspending it after errors would only prolong an outage.
        patience = {
            "conn_timeout": "3",
            "node_timeout": "30",
            "error_suppression_limit": "1000",
            "error_suppression_interval": "1",
        }
        # Browsers come from the pages of whoever develops one, and by redirect, which makes their origin "null".
        browsers = {"cors_allow_origin": "*", "cors_expose_headers": "content-length, content-range, etag"}
        filters = {name: {"use": f"egg:swift#{name}"} for name in ("healthcheck", "bulk", "slo")}
        account, user = ACCESS_KEY.split(":")
        return {
            "DEFAULT": self._default("proxy"),
            "pipeline:main": {"pipeline": "healthcheck s3api tempauth bulk slo proxy-server"},
            "app:proxy-server": {"use": "egg:swift#proxy", "account_autocreate": "true", **patience, **browsers},
            "filter:s3api": {"use": "egg:swift#s3api", "location": REGION, "cors_preflight_allow_origin": "*"},
            "filter:tempauth": {"use": "egg:swift#tempauth", f"user_{account}_{user}": f"{self.secret_key} .admin"},
            **{f"filter:{name}": content for name, content in filters.items()},
        }

    def _write_one(self, name: str, sections: Sections) -> None:
        lines: list[str] = []
        for section, options in sections.items():
            lines += [f"[{section}]", *(f"{key} = {value}" for key, value in options.items()), ""]
        write_private(self.configuration / f"{name}.conf", "\n".join(lines))

    def _write_rings(self) -> None:
        arguments = [f"{service}={self.ports[service]}" for service in STORAGE]
        written = self.configuration / "rings-for-ports"
        if written.exists() and written.read_text() == " ".join(arguments):
            return
        command = [sys.executable, "-m", "deploy.embedded.swift_rings", str(self.configuration), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        if done.returncode != 0:
            said = done.stderr.strip().splitlines()[-1:] or ["no message"]
            raise StackError(f"Swift's rings could not be built: {said[0]}. Is the package swift installed?")
        written.write_text(" ".join(arguments))


def check_extended_attributes(folder: Path) -> None:
    """StackError when files in `folder` cannot carry the extended attributes in which Swift keeps metadata."""
    with tempfile.NamedTemporaryFile(dir=folder) as probe:
        try:
            os.setxattr(probe.name, "user.cadenza.probe", b"1")
        except OSError as error:
            raise StackError(
                f"The file system of {folder} keeps no extended attributes ({errno.errorcode.get(error.errno or 0)}): "
                "choose a root on ext4, xfs or btrfs."
            ) from None
