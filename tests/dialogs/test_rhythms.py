"""What comes back, as people say it."""

import pytest

from dialogs.recurrence import BadRule, Daily, MonthlyByDay, MonthlyByWeekday, Weekly
from dialogs.rhythms import SpokenRhythm, rhythm

NAMES = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
TABLE = """
es cada jueves a las 7 -> thu ? 07:00, 19:00
es cada jueves a las 7 de la tarde -> thu 19:00
es Cada jueves, a las siete de la noche. -> thu 19:00
es a las 7 de la tarde cada jueves -> thu 19:00
es los jueves a las 19:00 -> thu 19:00
es todos los martes -> tue
es los lunes y jueves a las 8 de la noche -> mon+thu 20:00
es cada martes y jueves en la mañana -> tue+thu ? 09:00, 08:00, 10:00
es los sábados a mediodía -> sat 12:00
es cada semana -> any
es cada dos semanas -> any/2
es cada quincena -> any/2
es cada 15 días -> any/2
es cada dos semanas los jueves a las 19:00 -> thu/2 19:00
es cada tres semanas el martes a las 5 y media de la tarde -> tue/3 17:30
es el primer lunes de cada mes -> 1mon
es el segundo martes de cada mes a las 6 pm -> 2tue 18:00
es el último viernes de cada mes en la tarde -> -1fri ? 17:00, 16:00, 18:00
es el 15 de cada mes a las 10 am -> day 15 10:00
es el 31 de cada mes -> day 31
es el último día de cada mes -> day -1
es todos los días a las 9 am -> daily 09:00
es diario -> daily
es el jueves a las 7 -> none
es cada segundo -> none
es cada hora -> none
es el 31 de febrero -> none
es cada que puedas -> none
en every Thursday at 7 -> thu ? 07:00, 19:00
en Thursdays at 7 pm -> thu 19:00
en on Mondays and Thursdays at 8 in the evening -> mon+thu 20:00
en every other Friday at 5 pm -> fri/2 17:00
en every two weeks -> any/2
en every three weeks on Tuesday at 17:30 -> tue/3 17:30
en the first Monday of each month -> 1mon
en the 2nd Tuesday of each month at noon -> 2tue 12:00
en the last Friday of every month -> -1fri
en the 15th of every month -> day 15
en every day at 9 -> daily ? 09:00, 21:00
en weekly -> any
en every second -> none
en Thursday at 7 -> none
"""


def written(found: SpokenRhythm | None) -> str:
    """Write what was found as the table does."""
    if found is None:
        return "none"
    match found.pattern:
        case Daily():
            days = "daily"
        case Weekly(weekdays, apart):
            days = "+".join(NAMES[day] for day in weekdays) + (f"/{apart}" if apart > 1 else "")
        case MonthlyByDay(day):
            days = f"day {day}"
        case MonthlyByWeekday(place, weekday):
            days = f"{place}{NAMES[weekday]}"
        case None:
            days = "any" + (f"/{found.apart}" if found.apart > 1 else "")
    hours = ", ".join(f"{each:%H:%M}" for each in found.hours)
    return " ".join(filter(None, [days, "" if found.sure or not hours else "?", hours]))


@pytest.mark.parametrize("line", TABLE.strip().splitlines())
def test_phrases_mean_what_people_mean_by_them(line: str) -> None:
    """In both languages; what is not understood whole is not understood."""
    said, meant = line.split(" -> ")
    assert written(rhythm(said[3:], said[:2])) == meant


@pytest.mark.parametrize("words", ["el 45 de cada mes", "cada 0 semanas", "cada 90 semanas los martes"])
def test_days_that_nothing_can_come_on_are_refused(words: str) -> None:
    """What was understood, and cannot be."""
    with pytest.raises(BadRule):
        rhythm(words, "es")
