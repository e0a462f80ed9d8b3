"""Commands, in both languages, and what each one asks for. Typed plain words come here too, where they are exact."""

from dialogs.replies import folded

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
    "misdatos": "mine",
    "mydata": "mine",
    "acuerdo": "agreement",
    "agreement": "agreement",
    "borrar": "erase",
    "erase": "erase",
    "pausa": "pause",
    "pause": "pause",
    "salir": "leave",
    "leave": "leave",
    "idioma": "languages",
    "language": "languages",
    "horario": "hours",
    "hours": "hours",
    "voz": "voice",
    "voice": "voice",
    "limpiar": "tidy",
    "tidy": "tidy",
    "cambiar": "mine",
    "change": "mine",
    "equipo": "team",
    "team": "team",
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
    "conversaciones": "library",
    "library": "library",
    "avance": "progress",
    "progress": "progress",
    "alto": "halt",
    "halt": "halt",
    "mensajes": "mail",
    "messages": "mail",
    "avisos": "alert",
    "alerts": "alert",
    "nosalio": "unsent",
    "unsent": "unsent",
    "palabras": "danger",
    "words": "danger",
    "exportar": "export",
    "export": "export",
    "estado": "checklist",
    "status": "checklist",
    "personas": "people",
    "people": "people",
    "invitar": "invite",
    "invite": "invite",
}

# Those that are said to the open run, by the engine's own names.
RUN_ACTIONS = frozenset({"done", "why", "back", "skip", "later", "stop", "resume"})

# What people say without a slash, whole and alone, in either language. Nothing here is a likely answer by itself
# but to an open question, where she is asked which of the two she meant.
_SAID = {
    "home": "menú, menu",
    "help": "ayuda, help, cómo funciona, how does it work",
    "support": "apoyo, necesito apoyo, auxilio, support, i need support",
    "why": "para qué, para qué es, what for, what is it for",
    "who": "quién lee, quién lo lee, who reads, who reads it",
    "mine": "mis respuestas, mis datos, cambiar, my answers, my data, change",
    "erase": "borrar, bórralo, borrar todo, erase, delete, erase everything",
    "agreement": "acuerdo, qué acepté, agreement",
    "pause": "pausa, pausar, pause",
    "rest": "ya no, alto, basta, ya no quiero, no more, enough, stop",
    "leave": "salir, quiero salir, leave",
    "resume": "seguir, resume, go on",
    "languages": "idioma, lengua, language",
    "hours": "horario, horarios, hours",
    "voice": "voz, voice",
    "team": "equipo, team",
    "back": "regresar, atrás, back",
    "skip": "saltar, skip",
    "later": "luego, más tarde, después, later",
}
_PLAIN = {folded(word): action for action, words in _SAID.items() for word in words.split(", ")}


def parse(text: str) -> tuple[str, str] | None:
    """Split `/word@bot argument` into what it asks for and the argument; None if it is no command.

    A command nobody knows asks for `help`.
    """
    if not text.startswith("/"):
        return None
    word, _, argument = text[1:].partition(" ")
    name = word.partition("@")[0].lower()
    return COMMANDS.get(name, "help"), argument.strip()


def plain(text: str) -> str | None:
    """Return what plain words ask for, where they are nothing else: no accent, capital or mark counts."""
    return _PLAIN.get(folded(text))
