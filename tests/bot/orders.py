"""How a facilitator follows an order from her phone: the steps and looks that its tests share."""

from datetime import datetime, timedelta
from uuid import UUID

from bot import clock
from bot.services import broadcasts
from storage.broadcasts import Broadcast
from tests.bot.rig import PURPOSE, SIERRA, Phone, Rig, texts

TITLE = "¿Cómo vas? · Sierra Norte · 24 nov"
TITLES = {"es": TITLE, "en": "How is it going? · Sierra Norte · 24 Nov"}
SCREEN, ROWS = 1000, 8
SILENCE = timedelta(hours=4)


def say(code: str, language: str = "es", **facts: object) -> str:
    """Return the sentence of a code."""
    return texts().say(code, language, **facts)


def finish(phone: Phone, story: str = "Lo del agua.") -> None:
    """Answer a whole check-in."""
    phone.say("2")
    phone.say(story)
    phone.press("Listo")
    phone.press("1 · Nada por ahora")


def panel(phone: Phone, title: str = TITLE) -> None:
    """Open the newest order's panel."""
    phone.say("/avance")
    phone.press(title)


def shown(phone: Phone, order: int) -> str:
    """Return what a message says now."""
    return next(message.text or "" for message in phone.thread if message.order == order)


def scheduled(hilo: Rig, at: datetime, cohort: str = SIERRA) -> UUID:
    """Order a check-in for a moment to come."""
    with hilo.unit() as unit:
        found = unit.cohorts.by_name(cohort)
        assert found is not None
        dialog = hilo.content.dialog("check_in")
        key = clock.new_id().hex
        return broadcasts.order(unit, dialog, found, PURPOSE, key=key, ordered_by=None, due_at=at).broadcast_id


def stored(hilo: Rig, order: UUID) -> Broadcast:
    """Read an order back."""
    with hilo.reading() as unit:
        found = unit.broadcasts.get(order)
    assert found is not None
    return found


def fits(phone: Phone) -> None:
    """Every screen she was shown fits a phone."""
    for message in phone.heard:
        assert len(message.text or "") <= SCREEN, message.text
        assert len(message.keyboard) <= ROWS, message.labels


def wait(hilo: Rig, span: timedelta = timedelta(seconds=31)) -> None:
    """Let time pass, and do what is due."""
    hilo.now += span
    hilo.tick()
