"""`python -m nightporter` is the console script."""

from nightporter.cli.app import main

main()
