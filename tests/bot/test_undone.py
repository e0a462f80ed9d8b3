"""A transaction may be rolled back and played again: nothing that it only meant to do is remembered as done."""

import contextlib
import logging

import pytest

from bot.messengers.port import Rejected
from tests.bot.rig import RECORD, Rig


class Broken(Exception):
    """What undoes a transaction at its end, as a lost connection or a full disk does."""


def test_a_panel_whose_edit_was_undone_is_edited_all_the_same(hilo: Rig) -> None:
    """A step counts an answer, edits the panel, and is rolled back: the next one edits it."""
    leader, ana = hilo.join(), hilo.facilitator()
    hilo.ask(leader)
    ana.say("/avance")
    ana.press(next(label for label in ana.last.labels if label.startswith("¿Cómo vas?")))
    panel = ana.last
    assert "1 no ha empezado" in (panel.text or "")
    leader.say("2")
    hilo.advance(minutes=1)
    with contextlib.suppress(Broken), hilo.unit() as unit:
        hilo.ticking.step(unit, 100)
        raise Broken
    hilo.ticking.undone()
    hilo.tick()

    (shown,) = [message for message in ana.thread if message.order == panel.order]
    assert "1 va a la mitad" in (shown.text or "")


def test_a_panel_is_not_edited_anew_by_another_process(hilo: Rig) -> None:
    """What a panel says is known to whoever runs next: nothing is sent to say the same."""
    leader, ana = hilo.join(), hilo.facilitator()
    hilo.ask(leader)
    ana.say("/avance")
    ana.press(next(label for label in ana.last.labels if label.startswith("¿Cómo vas?")))
    before = hilo.count("outbox")
    hilo.again()
    hilo.advance(minutes=1)
    hilo.tick()

    assert hilo.count("outbox") == before


def test_a_record_that_was_undone_is_nobodys(hilo: Rig) -> None:
    """Whoever writes the record reads what it wrote; rolled back, the one before holds, at once and for everybody."""
    organisation = hilo.turns.organisation
    with contextlib.suppress(Broken), hilo.unit() as unit:
        unit.organisation.set({**RECORD, "name": "Otra"})
        assert organisation.name(unit) == "Otra"
        raise Broken
    with hilo.unit() as unit:
        assert organisation.name(unit) == RECORD["name"]
        unit.organisation.set({**RECORD, "name": "Otra"})
        assert organisation.name(unit) == "Otra"
    with hilo.reading() as unit:
        assert organisation.name(unit) == "Otra"


def test_a_record_is_read_again_after_the_clock_was_put_back(hilo: Rig) -> None:
    """What was read an hour from now is not kept until that hour."""
    organisation = hilo.turns.organisation
    with hilo.reading() as unit:
        assert organisation.name(unit) == RECORD["name"]
    hilo.advance(hours=-1)
    with hilo.unit() as unit:
        unit.organisation.set({**RECORD, "name": "Otra"})
    with hilo.reading() as unit:
        assert organisation.name(unit) == "Otra"


def test_a_dialog_that_was_undone_is_not_offered(hilo: Rig) -> None:
    """A copy made in a transaction that is rolled back is in no list; one that is committed is in every list."""
    ana = hilo.facilitator()
    before = [dialog.name for dialog in hilo.content.all()]
    ana.say("/conversaciones")
    ana.press("¿Cómo vas?")
    hilo.messenger.press(ana.chat, "Hacer una copia")
    hilo.keep()
    with contextlib.suppress(Broken), hilo.unit() as unit:
        (row,) = unit.inbox.pending(unit.now, 1)
        hilo.receive.step(unit, row)
        assert len(list(hilo.turns.content.of(unit).all())) == len(before) + 1
        raise Broken
    assert [dialog.name for dialog in hilo.content.all()] == before
    hilo.settle()

    assert len(list(hilo.content.all())) == len(before) + 1


def test_a_turns_number_runs_through_log_inbox_and_outbox(hilo: Rig, caplog: pytest.LogCaptureFixture) -> None:
    """What an update led to is found by its number: every message it put there, and the line that says one failed."""
    phone = hilo.join()
    hilo.messenger.fail(Rejected("Bad Request: no"), chat=phone.chat)
    with caplog.at_level(logging.WARNING):
        phone.say("/menu")
    ((turn,),) = hilo.rows("SELECT max(seq) FROM inbox")
    rows = hilo.rows("SELECT seq, state FROM outbox WHERE turn = ?", turn)

    assert [state for _, state in rows] == ["failed"]
    assert f"outbox row {rows[0][0]} of turn {turn}: rejected" in caplog.text
    hilo.order()
    hilo.tick()
    assert hilo.rows("SELECT DISTINCT turn FROM outbox WHERE lane = 1") == [(None,)]
