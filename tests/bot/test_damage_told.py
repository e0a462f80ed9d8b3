"""What is damaged is set aside with its reason, logged once without a word, and shown to admins with what to do."""

import asyncio
import contextlib
import logging
import threading
from pathlib import Path

import pytest
from sqlalchemy import update

from bot.messengers.port import Kind
from bot.pipeline import damage_check
from bot.team.home.checklist import KINDS
from storage.damage import Damage, Damaged
from storage.damage_scan import SEALED, scan
from storage.tables import answers, inbox, inbox_keys, media, outbox, people, person_keys, runs
from tests.bot.leader import answered
from tests.bot.rig import Phone, Rig, texts

ZERO = b"\x00"


class Rests(threading.Event):
    """Counts the rests of a look, and is over after so many of them."""

    def __init__(self, after: int | None = None) -> None:
        super().__init__()
        self.rests, self._after = 0, after
        if after == 0:
            self.set()

    def wait(self, timeout: float | None = None) -> bool:
        self.rests += 1
        if self.rests == self._after:
            self.set()
        return super().wait(0)


def damage(hilo: Rig, column: object, *where: object) -> None:
    """Damage values of a column."""
    with hilo.unit() as unit:
        unit.connection.execute(update(column.table).where(*where).values({column: ZERO}))  # type: ignore[attr-defined]  # any column


def test_a_damaged_row_to_say_has_failed_and_the_next_goes_out(hilo: Rig) -> None:
    """It ends as `failed`, because `damaged`; what was put behind it for the same chat is said."""
    phone = hilo.join()
    with hilo.unit() as unit:
        speech = hilo.turns.speech(unit, phone.person)
        first, second = speech.send("La primera"), speech.send("La segunda")
    damage(hilo, outbox.c.body, outbox.c.seq == first)
    hilo.send()

    assert phone.last.text == "La segunda"
    states = hilo.rows("SELECT seq, state, reason FROM outbox WHERE seq IN (?, ?) ORDER BY seq", first, second)
    assert states == [(first, "failed", "damaged"), (second, "sent", None)]


def test_a_damaged_update_is_set_aside_and_she_is_asked_to_send_it_again(hilo: Rig) -> None:
    """Later ones of her chat go on; of several that are damaged together she hears once."""
    phone, other = hilo.join(), hilo.join(nickname="Luz")
    phone.write("uno")
    phone.write("dos")
    hilo.keep()
    damage(hilo, inbox.c.body, inbox.c.state == "pending")
    phone.write("/menu")
    other.write("/menu")
    hilo.settle()

    assert hilo.rows("SELECT state, error FROM inbox WHERE state != 'done'") == [("poison", "damaged")] * 2
    assert [said for said in phone.news if said == texts().say("sorry.poison", "es")] == [phone.news[0]]
    assert len(phone.news) == 2, "once for both, and the menu"
    assert other.news


def test_a_damaged_key_of_the_day_gives_way(hilo: Rig) -> None:
    """What came in before it was damaged is asked for again; what comes in now is kept with a new key."""
    phone = hilo.join()
    phone.write("hola")
    hilo.keep()
    damage(hilo, inbox_keys.c.wrapped)
    hilo.storage.day_keys.clear()
    hilo.handle()
    hilo.send()
    assert hilo.rows("SELECT error FROM inbox WHERE state = 'poison'") == [("damaged",)]
    assert phone.news == [texts().say("sorry.poison", "es")]
    stranger = hilo.phone()
    stranger.say("¿Quién eres?")
    assert stranger.news
    phone.say("/menu")
    assert phone.news


def test_a_damaged_run_rests_and_another_can_be_gone_on_with(hilo: Rig) -> None:
    """It comes up no more by itself, its answers can be read, and when its order is closed it ends."""
    phone = hilo.join()
    order = hilo.ask(phone)
    phone.say("2")
    phone.say("Hubo junta.")
    phone.press("Más tarde")
    run = phone.run.id
    damage(hilo, runs.c.state, runs.c.id == run)
    hilo.advance(days=2)
    hilo.tick()
    assert hilo.rows("SELECT status, resume_at FROM runs WHERE id = ?", run.hex) == [("postponed", None)]
    with hilo.reading() as unit:
        other = unit.runs.open(phone.person)
        assert other is not None, "the first dialog, which was offered meanwhile"
        assert other.id != run
    phone.press("Sí, ahora")
    assert phone.run.status == "open"
    with hilo.unit() as unit:
        assert {"mood", "week"} <= set(hilo.turns.answers(unit, phone.person, unit.runs.answered(phone.person)[-1]))
        unit.broadcasts.close(order)
        unit.following.end(order)
    hilo.tick()
    assert hilo.rows("SELECT status FROM runs WHERE id = ?", run.hex) == [("expired",)]


def test_whose_key_is_damaged_is_told_and_finds_support(hilo: Rig) -> None:
    """Whatever she sends, she hears that it is not her fault, and the button below leads to the care card."""
    phone = hilo.join()
    phone.look()
    damage(hilo, person_keys.c.wrapped, person_keys.c.person_id == phone.person.id)
    lost = texts().say("sorry.lost", "es")
    phone.say("hola")
    assert phone.told == lost
    phone.send(Kind.PHOTO)
    assert phone.told == lost
    phone.press(texts().say("button.support", "es"))

    assert "Llama a Rosa, de día o de noche." in phone.told
    assert lost not in phone.told


def test_damaged_preferences_are_taken_for_a_phone_that_others_see(hilo: Rig) -> None:
    """What she chose is gone, so the careful way is taken until she says otherwise; she is answered as always."""
    phone = hilo.join()
    damage(hilo, people.c.preferences, people.c.id == phone.person.id)
    with hilo.unit() as unit:
        unit.people.change(phone.person, nickname="Colibrí")
    damage(hilo, people.c.preferences, people.c.id == phone.person.id)
    assert phone.person.preferences in ({}, {"phone": "unsaid"})
    phone.say("/menu")
    assert phone.news


def test_it_is_logged_once_by_table_and_number_and_never_in_words(hilo: Rig, caplog: pytest.LogCaptureFixture) -> None:
    """However often it is come across; of whom nothing opens, her key alone is told."""
    phone = answered(hilo)
    caplog.clear()
    damage(hilo, answers.c.value)
    hilo.storage.damage = Damage()
    for _ in range(3):
        with hilo.reading() as unit:
            unit.answers.of(phone.run.id, phone.person)
    told = [record.getMessage() for record in caplog.records if record.name == "storage.damage"]
    assert len(told) == len(set(told)) == hilo.count("answers")
    assert all("answers.value" in line and "agua" not in line for line in told)
    person, run = phone.person, phone.run.id
    damage(hilo, person_keys.c.wrapped, person_keys.c.person_id == person.id)
    caplog.clear()
    hilo.storage.damage = Damage()
    with hilo.reading() as unit:
        lost = unit.people.known(person.id)
        unit.answers.of(run, lost)
        unit.runs.of(lost)
        unit.messages.of(person.id)
    assert [(each.table, each.person_id) for each in hilo.storage.damage.found()] == [("person_keys", person.id)]
    assert (lost.nickname, lost.chat, lost.pseudonym) == (None, None, person.pseudonym)


@pytest.mark.parametrize("language", ["es", "en"])
def test_an_admin_sees_what_is_damaged_and_what_to_do(hilo: Rig, language: str) -> None:
    """The checklist has a line for it, which says how much of what, whose it is by code, and the command that helps."""
    root = hilo.facilitator(language, "Rosa", cohort=None, role="admin")
    vera = answered(hilo, nickname="Vera")
    root.say("/menu")
    root.press(texts().say("button.checklist", language))
    assert texts().count("checklist.damaged", language, 2) not in root.told
    hashes = [hilo.storage.vault.path_hash(vera.run.id, path) for path in ("mood", "week")]
    damage(hilo, answers.c.value, answers.c.path.in_(hashes))
    damage_check.look(hilo.storage, threading.Event())
    root.press(texts().say("button.menu", language))
    root.press(texts().say("button.checklist", language))
    assert texts().count("checklist.damaged", language, 2) in (root.last.text or "")
    root.press(texts().say("button.checklist.damaged", language))
    said = root.last.text or ""
    assert texts().count("damaged.answers", language, 2) in said
    assert vera.person.pseudonym in said
    assert "Vera" not in said
    assert "hilo doctor" in said
    assert len(said) <= 1000


def test_every_kind_has_a_name() -> None:
    """Whatever may be damaged can be named to an admin: a table with a sealed column that is added fails here."""
    assert {column.table.name for column in (*SEALED, media.c.file)} == set(KINDS)


def test_what_was_mended_is_told_no_more(hilo: Rig) -> None:
    """The next look takes the place of what was known: a value that opens again, or is gone, is no longer damaged."""
    hilo.storage.damage.note(Damaged("answers", "value", "00"))
    hilo.storage.damage.note(Damaged("media", "file", "00"))
    damage_check.look(hilo.storage, threading.Event())
    assert [each.table for each in hilo.storage.damage.found()] == ["media"], "files are left to doctor"


def test_a_look_at_everything_rests_after_every_twenty_values(hilo: Rig) -> None:
    """So that whoever writes meanwhile is answered; it rests no more often, so that a day is enough for any house."""
    answered(hilo)
    answered(hilo, nickname="Nopal")
    values: list[None] = []
    with hilo.reading() as unit:
        scan(unit, breathe=lambda: values.append(None))
    counted = Rests()
    damage_check.look(hilo.storage, counted)

    assert len(values) >= 20
    assert counted.rests == len(values) // 20


@pytest.mark.parametrize("after", [0, 1], ids=["while it copies", "while it reads"])
def test_a_look_ends_as_soon_as_the_bot_does(hilo: Rig, after: int) -> None:
    """In a large house it takes minutes, and whoever stops the bot does not wait for it; what was known stays known."""
    answered(hilo)
    hilo.storage.damage.note(Damaged("answers", "value", "00"))
    counted = Rests(after)
    damage_check.look(hilo.storage, counted)

    assert counted.rests == after
    assert [each.row for each in hilo.storage.damage.found()] == ["00"]
    assert not list(Path(str(hilo.storage.database.engine.url.database)).parent.glob(".reading-*"))
    damage_check.look(hilo.storage, Rests())
    assert not hilo.storage.damage.found()


def test_a_bot_that_is_stopped_tells_its_look(hilo: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread cannot be cancelled: it is told, wherever it is, and is done when the loop has ended."""
    answered(hilo)
    answered(hilo, nickname="Nopal")
    monkeypatch.setattr(damage_check, "REST", 600.0)

    async def stopped() -> None:
        look = asyncio.create_task(damage_check.check(hilo.storage, first=0))
        await asyncio.sleep(0.2)
        look.cancel()
        await asyncio.gather(look, return_exceptions=True)

    hilo.storage.damage.note(Damaged("answers", "value", "00"))
    asyncio.run(stopped())
    assert [each.row for each in hilo.storage.damage.found()] == ["00"], "it went on to its end"


def test_the_bot_looks_by_itself(hilo: Rig, caplog: pytest.LogCaptureFixture) -> None:
    """A while after it started, and again and again, beside its work."""
    phone: Phone = answered(hilo)
    damage(hilo, answers.c.value)
    caplog.set_level(logging.ERROR)

    async def some() -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(damage_check.check(hilo.storage, first=0.01, every=0.01), 1)

    asyncio.run(some())
    found = hilo.storage.damage.found()
    assert {(each.table, each.person_id) for each in found} == {("answers", phone.person.id)}
    assert len([record for record in caplog.records if record.name == "storage.damage"]) == len(found)
