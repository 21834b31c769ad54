"""`python -m stonehand` is the command `stonehand`."""

from stonehand.cli import main

main()
