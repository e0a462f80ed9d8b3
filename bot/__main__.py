"""The command `hilo`, and `python -m bot`."""

import gc


def main() -> None:
    """Import everything, and run the command line."""
    gc.disable()  # nothing that imports make is ever garbage, and the collector takes an eighth of the start
    from bot.cli.main import main as run  # noqa: PLC0415  see above

    gc.freeze()  # what was imported lives as long as the process and is scanned no more
    gc.enable()
    run()


if __name__ == "__main__":
    main()
