"""``python -m dissuade``."""

from dissuade.cli import main

main()
