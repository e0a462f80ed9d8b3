"""Commands, in both languages, and what each one asks for. Typed plain words come here too, where they are exact."""

COMMANDS = {
    "start": "start",
    "menu": "home",
    "ayuda": "help",
    "help": "help",
    "apoyo": "support",
    "support": "support",
    "paraque": "why",
    "why": "why",
    "quien": "who",
    "who": "who",
    "idioma": "languages",
    "language": "languages",
    "regresar": "back",
    "back": "back",
    "saltar": "skip",
    "skip": "skip",
    "luego": "later",
    "later": "later",
    "parar": "stop",
    "stop": "stop",
    "seguir": "resume",
    "resume": "resume",
    "preguntar": "ask",
    "ask": "ask",
    "leer": "read",
    "read": "read",
    "listo": "done",
    "done": "done",
    "avance": "progress",
    "progress": "progress",
}

# Those that are said to the open run, by the engine's own names.
RUN_ACTIONS = frozenset({"done", "why", "back", "skip", "later", "stop", "resume"})


def parse(text: str) -> tuple[str, str] | None:
    """Split `/word@bot argument` into what it asks for and the argument; None if it is no command.

    A command nobody knows asks for `help`.
    """
    if not text.startswith("/"):
        return None
    word, _, argument = text[1:].partition(" ")
    name = word.partition("@")[0].lower()
    return COMMANDS.get(name, "help"), argument.strip()
