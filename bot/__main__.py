"""The command `hilo`, and `python -m bot`."""

import gc
import sys


def main() -> None:
    """Import what the command needs, and run it."""
    gc.disable()  # nothing that imports make is ever garbage, and the collector takes an eighth of the start
    from bot.cli import run  # noqa: PLC0415  see above

    practice = run.asked(sys.argv[1:])
    if practice is None:
        from bot.cli.main import main as command_line  # noqa: PLC0415  4 MB that would stay with a running bot

    gc.freeze()  # what was imported lives as long as the process and is scanned no more
    gc.enable()
    if practice is None:
        command_line()
    else:
        run.start(practice=practice)


if __name__ == "__main__":
    main()
