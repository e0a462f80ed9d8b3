"""`python -m bot` is `hilo`."""

from bot.cli import main

main()
