"""What comes of answers, as rows: what comes back, what was decided, a sign with an answer beside it, a sheet."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from bot import clock
from storage.people import Person
from storage.schedules import ScheduledDialog
from storage.signs import Judgement
from storage.tables import dialog_versions
from storage.unit import Unit


def came_of(unit: Unit, cohort_id: UUID, leader: Person, run_id: UUID, path: str, by: UUID) -> None:
    """Add all of it to a group, because of what a leader answered; `by` is one of the team."""
    asked, back = _comes_back(unit, cohort_id, leader, by), unit.broadcasts.list([cohort_id])
    for kind, ordered in (("decision", next(each.id for each in back if each.id != asked)), ("understood", asked)):
        decision = clock.new_id()
        unit.decisions.add(
            decision,
            "decision" if kind == "decision" else "understood",
            cohort_id,
            ordered,
            {"words": {"es": {"heard": f"{kind} de {leader.id}"}}},
            by,
        )
        unit.decisions.link(clock.new_id(), decision, leader.id, "moved", run_id=run_id)
        if kind == "decision":
            unit.decisions.tell(decision, asked)
            unit.decisions.link(clock.new_id(), decision, leader.id, "fine")
    former, sign, group = clock.new_id(), clock.new_id(), clock.new_id()
    for id_, before in ((former, None), (sign, former)):
        unit.signs.add(id_, cohort_id, "harm", f"señal de {leader.id}", by, before)
    unit.signs.end(former)
    today, words = unit.now.date(), f"como va, de {leader.id}"
    unit.signs.judge(Judgement(group, sign, "group", "some", words, words, 9, today, None, by, unit.now, None))
    unit.signs.judge(Judgement(clock.new_id(), sign, "team", "more", words, "", None, today, group, by, unit.now, None))
    unit.signs.lay(clock.new_id(), sign, leader.id, run_id, path, by)
    left = {"dialog": "check_in", "question": f"lo que salió, de {leader.id}", "figures": {"4": 5}}
    unit.frozen_totals.add(clock.new_id(), cohort_id, asked, left, by)
    quote = clock.new_id()
    unit.quotes.add(quote, leader, cohort_id, run_id, path, f"cita de {leader.id}", "es", by)
    unit.quotes.ask(quote, asked)
    unit.quotes.answer(quote, "no")
    unit.sheets.add(
        clock.new_id(), f"sheet {cohort_id}", cohort_id, _version(unit), {"why": f"hoja de {leader.id}"}, by
    )
    sheet = unit.sheets.find(f"sheet {cohort_id}")
    assert sheet is not None
    unit.sheets.becomes(sheet, "said", said=f"en papel, de {leader.id}")


def _version(unit: Unit) -> str:
    return str(unit.connection.execute(select(dialog_versions.c.hash)).scalars().first())


def _comes_back(unit: Unit, cohort_id: UUID, leader: Person, by: UUID) -> UUID:
    """Order what comes back, with one occurrence that a notice by hand tells of; return that broadcast's id."""
    asked, delivery, schedule = clock.new_id(), clock.new_id(), clock.new_id()
    soon = unit.now + timedelta(days=6)
    why = {"why": f"propósito de {leader.id}"}
    rows = [(delivery, leader.id, soon)]
    unit.broadcasts.order(asked, f"again {asked}", _version(unit), cohort_id, why, clock.new_id(), None, unit.now, rows)
    order = unit.broadcasts.get(asked)
    assert order is not None
    unit.schedules.add(
        schedule,
        f"schedule {schedule}",
        cohort_id,
        order.purpose_id,
        [ScheduledDialog("check_in")],
        {"every": "week", "on": [3], "at": "19:00", "start": "2026-03-05"},
        60,
        by,
        "2026-03-12T19:00",
        soon,
    )
    unit.schedules.occurs(asked, schedule, "2026-03-05T19:00", [(delivery, soon, soon + timedelta(hours=1))])
    unit.hand_notices.add(asked, leader.id, "message", by)
    return asked
