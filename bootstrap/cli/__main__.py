"""`python -m bootstrap.cli` is the same as `cadenza`."""

from bootstrap.cli import main

main()
