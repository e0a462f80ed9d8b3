"""What is said at the terminal before something is ordered: who was asked often already, and what reading it costs.

On a terminal it is asked whether to go on, where anything speaks against it; a script goes on.
"""

import sys
from collections.abc import Sequence
from datetime import datetime

from bot.app import App
from bot.cli import console
from bot.cli.operate.terminal import Terminal
from bot.errors import Problem
from bot.services import reading_cost, schedule_words
from bot.services.rhythms import Rhythm, moment_of
from bot.services.week import WEEK, askings_a_week
from dialogs import wording
from dialogs.model import Dialog
from storage.cohorts import Cohort
from storage.unit import Unit


def tell_order(it: App, unit: Unit, cohort: Cohort, at: datetime, *, sure: bool) -> None:
    """Say who of a cohort was asked as often as a week allows, and that the team is away; raises Problem for a no."""
    language, organisation, told = console.LANGUAGE, it.turns.organisation, []
    if (away := organisation.away(unit, at)) is not None:
        told.append(console.words("ask.away", day=console.TEXTS.day_of(away.back, language)))
    most = askings_a_week(organisation.record(unit))
    if often := unit.reached.often(cohort.id, at - WEEK, most):
        told.append(console.TEXTS.count("ask.asked.week", language, often, times=most))
    for each in told:
        console.put(each)
    _ask(against=bool(told), sure=sure)


def _ask(*, against: bool, sure: bool) -> None:
    """Ask at a terminal whether to go on, where anything speaks against it; raises Problem for a no."""
    if not against or sure or not sys.stdin.isatty():
        return
    if not Terminal(console.LANGUAGE).yes("cli.broadcast.sure", otherwise=True):
        raise Problem("cli.nothing_done")


def tell_schedule(
    it: App, unit: Unit, cohort: Cohort, dialogs: Sequence[Dialog], rhythm: Rhythm, *, sure: bool
) -> None:
    """Read it back as on a phone: what comes to whom, when first, what reading it costs, and who gets too much.

    Raises Problem for a no.

    Who was asked often is counted for the first time it comes; a way in comes to each person on days of their own.
    """
    most, against = askings_a_week(it.turns.organisation.record(unit)), []
    zone = it.turns.organisation.zone(unit, cohort=cohort)
    first = None if rhythm.way else rhythm.coming(zone, unit.now)
    present = [Rhythm.of(each.rule).weekly for each in unit.schedules.list([cohort.id]) if each.state == "active"]
    if rhythm.way is None and sum(present) + rhythm.weekly > most:
        against.append(console.words("repeat.week.already", most=most))
    if first is not None and (often := unit.reached.often(cohort.id, moment_of(first, zone) - WEEK, most)):
        against.append(console.TEXTS.count("ask.asked.week", console.LANGUAGE, often, times=most))
    for each in (_read_back(unit, cohort, dialogs, rhythm, zone), _cost(it, unit, cohort, dialogs, rhythm), *against):
        console.put(each)
    _ask(against=bool(against), sure=sure)


def _read_back(unit: Unit, cohort: Cohort, dialogs: Sequence[Dialog], rhythm: Rhythm, zone: str) -> str:
    """Return what will come to whom, and when first, in the words of the phone."""
    language, texts = console.LANGUAGE, console.TEXTS
    told = schedule_words.told(texts, language, rhythm)
    title = texts.all_of([wording.choose(each.title, language) for each in dialogs], language)
    facts = {"title": title, "cohort": cohort.name}
    if rhythm.way is not None:
        return texts.say("repeat.read_back.way", language, **facts, rhythm=told)
    told = f"{told}, {schedule_words.times(texts, language, rhythm)}"
    first = schedule_words.read_back(texts, language, rhythm, zone, unit.now)
    return texts.say("repeat.read_back", language, **facts, rhythm=told, first=first)


def _cost(it: App, unit: Unit, cohort: Cohort, dialogs: Sequence[Dialog], rhythm: Rhythm) -> str:
    """Return what reading it will cost the team, beside what comes back already."""
    language, texts = console.LANGUAGE, console.TEXTS
    if rhythm.weekly < 1:
        told = texts.count("repeat.cost.each", language, reading_cost.minutes_each(unit, cohort.id, dialogs))
    else:
        minutes = reading_cost.weekly_minutes(unit, cohort.id, dialogs, rhythm)
        told = texts.count("repeat.cost", language, minutes)
    if already := reading_cost.present_minutes(unit, it.content, cohort.id):
        told = f"{told} {texts.count('repeat.cost.already', language, already)}"
    return told
