"""The `cadenza` command."""

from bootstrap.cli.commands import app


def main() -> None:
    app()
