"""What a team's screens have to say of a history, written by hand from what everybody last said: lines in Spanish."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from tests.bot.histories import FEWEST, MOODS, SIGN, STANDS, AskedOnce, History
from tests.bot.rig import texts

ZONE: Final = "America/Mexico_City"
WEEK: Final = timedelta(days=7)
CHECK_IN: Final = "check_in"
Question = tuple[str, str, Sequence[tuple[str, str]]]
"""Its name, its words, and its options by name with their words; none for an open one."""
QUESTIONS: Final[dict[bool, Sequence[Question]]] = {
    True: (
        (
            "mood",
            "¿Cómo andas de ánimo esta semana?",
            [(f"{number}", words) for number, words in enumerate(MOODS, 1)],
        ),
        (
            "week",
            "¿Qué pasó esta semana que valga la pena contar? Algo que avanzó, se atoró o te dejó pensando.",
            (),
        ),
        (
            "need",
            "¿Necesitas algo del equipo?",
            (
                ("nothing", "Nada por ahora"),
                ("call", "Que me llamen"),
                ("information", "Información"),
                ("in_person", "Verlo en persona"),
            ),
        ),
        ("need_about", "¿De qué se trata, más o menos? Si es delicado, déjalo así y lo hablan.", ()),
    ),
    False: (
        (
            "stands",
            f"En tu grupo dijeron que algo mejora cuando: «{SIGN}». Para ti, ¿cómo va eso hoy?",
            tuple(
                zip(
                    STANDS,
                    ("Ya se nota", "Ya empieza a notarse", "Sigue igual", "Se está perdiendo", "No se sabe"),
                    strict=True,
                )
            ),
        ),
        ("seen", "¿En qué lo ves? Si quieres, cuéntalo.", ()),
    ),
}
"""Of the check-in, and of what asks how the sign stands."""
LED_TO: Final = {"need_about"}
"""Who needs nothing is not led there: where nobody was, nothing is said of it."""


def day(once: AskedOnce) -> str:
    """Return the day of an order in words."""
    return texts().short_day(once.at, ZONE, "es")


def title(once: AskedOnce) -> str:
    """Return how an order is called."""
    return f"{'¿Cómo vas?' if once.dialog == CHECK_IN else SIGN} · {once.group} · {day(once)}"


def chosen(history: History, broadcast_id: UUID, name: str) -> list[str]:
    """List what everybody last answered to a question."""
    return [f"{given[name]}" for given in history.said[broadcast_id].values() if name in given]


def number(people: int) -> str:
    """Say a number as the team reads it."""
    return f"{people}" if people >= FEWEST else "menos de tres"


def in_words(answers: Sequence[str], options: Sequence[tuple[str, str]]) -> str:
    """Say in one line who chose what."""
    return ", ".join(f"{number(answers.count(name))} {words}" for name, words in options if name in answers)


def thread(people: int, of: int) -> str:
    """Draw a share in tenths, rounded; few are one mark."""
    return "━" * (1 if people < FEWEST else max(1, int(people * 10 / of + 0.5)))


def minutes(seconds: int) -> str:
    """Say so many seconds in minutes, each that has begun."""
    whole = seconds // 60 + bool(seconds % 60)
    return f"{whole} minuto{'s' if whole != 1 else ''} de audio"


def lines(history: History, once: AskedOnce) -> list[str]:
    """Write the lines of all totals of an order, question by question, beside last time's."""
    found: list[str] = []
    before = earlier(history, once)
    for name, words, options in QUESTIONS[once.dialog == CHECK_IN]:
        answers = chosen(history, once.broadcast_id, name)
        people = len(answers)
        if name in LED_TO and not people:
            continue
        found.append(words)
        if not people:
            found.append("Nadie la ha contestado todavía.")
        elif people < FEWEST:
            found.append("La contestaron menos de tres personas.")
        elif options:
            found.append(f"Contestaron {people} personas:")
            found += [
                f"{thread(answers.count(each), people)} {number(answers.count(each))} · {label}"
                for each, label in options
                if each in answers
            ]
        else:
            found.append(f"La contestaron {people} personas con sus palabras.")
            if seconds := sum(history.seconds[once.broadcast_id].values()):
                found += [f"Entre todo hay {minutes(seconds)}."] if name in {"week", "seen"} else []
        then = chosen(history, before.broadcast_id, name) if before is not None and options else []
        if before is not None and len(then) >= FEWEST:
            found.append(f"La vez pasada ({day(before)}): {in_words(then, options)}.")
    return found


def earlier(history: History, once: AskedOnce) -> AskedOnce | None:
    """Return the same order before, if anybody did anything about it."""
    same = [
        each
        for each in history.asked
        if (each.dialog, each.group) == (once.dialog, once.group)
        and each.at < once.at
        and history.spoke[each.broadcast_id]
    ]
    return same[-1] if same else None


def of_the_week(history: History) -> dict[str, list[str]]:
    """Return, by title, the lines of what was asked in the last week and somebody answered."""
    lately = [each for each in history.asked if each.at >= history.hilo.now - WEEK and history.spoke[each.broadcast_id]]
    return {title(each): lines(history, each) for each in lately}


def new_answers(history: History, group: str) -> str:
    """Say how much of a group nobody has read; nothing where nobody answered."""
    asked = [each.broadcast_id for each in history.asked if each.group == group]
    people = sum(len(history.spoke[each]) for each in asked)
    seconds = sum(sum(history.seconds[each].values()) for each in asked)
    if not people:
        return ""
    said = f"· {people} respuesta{'s nuevas' if people != 1 else ' nueva'} en {group}"
    if not seconds:
        return said
    whole = seconds // 60 + bool(seconds % 60)
    spoken = f"{whole} min de audio" if seconds >= 60 else f"{seconds} segundo{'s' if seconds != 1 else ''} de audio"
    return f"{said} ({spoken})"


def unheard(history: History) -> str:
    """Say how long it takes to hear all of it; nothing where nobody spoke."""
    seconds = sum(sum(each.values()) for each in history.seconds.values())
    return f"Primero, lo que no has oído: {minutes(seconds)}." if seconds else ""


def circles(history: History) -> list[str]:
    """Say which circles answered in the last week, each by its group's order."""
    lately = [each for each in history.circles if each.at >= history.hilo.now - WEEK]
    return [f"· «¿Cómo vas?», en papel: contestó un círculo de {each.present} personas" for each in lately]


def group_word(history: History, once: AskedOnce) -> str:
    """Say what a group answered about its sign; nothing where fewer than three did."""
    answers = chosen(history, once.broadcast_id, "stands")
    if len(answers) < FEWEST:
        return ""
    options = QUESTIONS[False][0][2]
    on = texts().date(once.at.astimezone(ZoneInfo(ZONE)).date(), "es")
    return f"El grupo, {on}: {in_words(answers, options)} ({len(answers)} personas)."
