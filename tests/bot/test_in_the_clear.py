"""Whoever has the database and no key: what rows tell of a cry, and what they do not."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary, select

from dialogs import danger
from storage.tables import alerts, alerts_before, audit
from tests.bot.phone import Phone
from tests.bot.rig import RECORD, Rig

SAID = "Mi marido me pegó anoche."
MARKED = "Ya no puedo más con esto."
RINGING = {"danger_words": {"es": [*danger.proposed("es")], "en": [*danger.proposed("en")]}}


@pytest.fixture
def hilo(tmp_path: Path) -> Iterator[Rig]:
    """One installation in which three people cried for help, each in a way of her own, and a facilitator saw to one."""
    it = Rig(tmp_path, record={**RECORD, **RINGING})
    ana = it.facilitator()
    crying = [it.join(nickname=name) for name in ("Milpa", "Ceiba", "Luna")]
    it.ask(crying[0])
    crying[0].say("2")
    crying[0].say(SAID)
    crying[1].say(SAID)
    crying[2].say(MARKED)
    ana.say("/avisos")
    ana.press(ana.last.labels[0])
    ana.press("Ya lo leí")
    yield it
    it.close()


def in_the_clear(hilo: Rig) -> list[dict[str, object]]:
    """Read the alerts' rows as somebody does who has the database alone."""
    shown = [column for column in alerts.c if not isinstance(column.type, LargeBinary)]
    with hilo.reading() as unit:
        return [dict(row) for row in unit.connection.execute(select(*shown)).mappings()]


def test_alerts_rows_tell_the_day_and_whether_they_are_open(hilo: Rig) -> None:
    """Neither whose they are, nor where the words are, nor how they rang, nor who has seen to them, nor the hour."""
    rows = in_the_clear(hilo)
    assert [set(row) for row in rows] == [{"id", "raised_at", "open"}] * 3
    assert {row["raised_at"] for row in rows} == {hilo.now.replace(hour=0, minute=0, second=0, microsecond=0)}
    assert sorted(bool(row["open"]) for row in rows) == [False, True, True]
    with hilo.reading() as unit:
        found = unit.alerts.open()
        assert {each.strength for each in found} == {"rings", "marked"}, "else they would look alike for want of two"
        assert len({each.person_id for each in found}) == 2
        hidden = unit.connection.execute(select(alerts.c.body, alerts.c.place)).all()
        assert unit.connection.execute(select(alerts_before.c.id)).first() is None
        known = {each.run_id or each.message_id or each.id for each in found}
    assert {len(body) for body, _ in hidden} == {33 + 256}
    assert len({place for _, place in hidden}) == 3
    assert not any(id_.bytes in place for id_ in known for _, place in hidden)


def test_an_alert_moves_between_no_lengths(hilo: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Taken, given back, lowered, told again: the row keeps its length, whatever stands in it."""
    luna = Phone(hilo, "5000000001")
    luna.look()
    with hilo.unit() as unit:
        (one, *_) = unit.alerts.open()
        unit.alerts.placed(one.id, run_id=one.id, path="a_long_path" * 9)
        unit.alerts.repeated(one.id)
        unit.alerts.lower(one.id)
        unit.alerts.seen(one.id, one.person_id)
        unit.alerts.mistook(one.id)
    with hilo.reading() as unit:
        full = unit.alerts.get(one.id)
        assert full is not None
        assert full.mistaken
        assert None not in {full.run_id, full.seen_by, full.seen_at, full.lowered_at, full.repeated_at}
        assert {len(each) for each in unit.connection.execute(select(alerts.c.body)).scalars()} == {33 + 256}


def test_the_trail_names_no_cry(hilo: Rig) -> None:
    """What is kept for ever says that something was noted; with the key it says what, of whom and by whom."""
    with hilo.reading() as unit:
        told = unit.connection.execute(select(audit.c.action, audit.c.actor, audit.c.subject)).all()
        kept = [each for each in unit.audit.list() if each.action.startswith("alerts.")]
        ids = {str(each.id) for each in unit.alerts.open()}
    assert sorted({each.action for each in kept}) == ["alerts.raised", "alerts.read", "alerts.seen"]
    assert len({each.actor for each in kept}) == 2
    assert ids & {each.subject for each in kept}
    assert not any(action.startswith("alert") for action, _, _ in told)
    assert {(actor, subject) for action, actor, subject in told if action == "noted"} == {("hilo", "")}
