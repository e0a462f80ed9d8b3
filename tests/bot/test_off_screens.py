"""Somebody who is erased goes from the team's screens as well: from every message that names her, in every chat."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import select

from bot import clock
from bot.messengers.port import Incoming, Kind
from bot.rendering.speech import Speech
from bot.team.home import today
from bot.team.kit import answer_pages, hand_rows
from bot.team.messages import inbox
from bot.team.orders import incomplete_reason
from bot.team.people import people
from storage import settling
from storage.outbox import SHOWN
from storage.tables import named_on_screens, outbox
from storage.thread import body_of
from storage.vault import load_key
from tests import opener
from tests.bot.rig import Phone, Rig, texts

HER = "Xilonenca"
TOLD = "Se perdió la milpa de arriba."


def say(code: str) -> str:
    """Return a sentence in Spanish."""
    return texts().say(code, "es")


def erased(phone: Phone) -> None:
    """Let her erase everything."""
    phone.say("/borrar")
    for code in ("button.erase_all", "button.erase_all_sure"):
        phone.press(say(code))


def shown(hilo: Rig, phone: Phone) -> str:
    """Return everything that stands in somebody's chat."""
    return "\n".join(f"{message.text} {message.keyboard}" for message in hilo.messenger.thread(phone.chat))


def test_turns_in_one_transaction_know_nothing_of_each_other(hilo: Rig) -> None:
    """What the team is told in the same moment as somebody answers goes with nobody of whom it says nothing."""
    her, ana = hilo.join(nickname=HER), hilo.facilitator()
    hilo.ask(her)
    her.press("2 · 🙁 Bajo")
    before = hilo.count("named_on_screens")
    her.write("Hubo junta.")
    ana.write("/menu")
    hilo.settle()

    assert "Hubo junta." in her.values["week"]
    assert ana.news
    assert hilo.count("named_on_screens") == before


def test_who_has_no_nickname_leaves_the_chats_of_the_team(hilo: Rig) -> None:
    """By the letters of her pseudonym, too, which is all that lists call her by."""
    her, ana = hilo.join(nickname=None), hilo.facilitator()
    letters = her.person.pseudonym[2:6]
    her.say("Para el equipo: necesito hablar.")
    her.press("Sí")
    hilo.tick()
    for command in ("/menu", "/personas", "/mensajes"):
        ana.look()
        ana.say(command)
        assert letters in "\n".join((*ana.news, *ana.last.labels))
    erased(her)
    hilo.tick()
    hilo.tick()

    assert letters not in shown(hilo, ana)


def test_her_name_leaves_the_chats_of_the_team(hilo: Rig) -> None:
    """Lists, her own screen, a message of hers: after the next step her name is in nobody's chat; others' stay."""
    her, other, ana = hilo.join(nickname=HER), hilo.join(nickname="Ceiba"), hilo.facilitator()
    code = her.person.pseudonym
    her.say("Para el equipo: necesito hablar.")
    her.press("Sí")
    hilo.tick()
    ana.say("/personas")
    ana.press(HER)
    ana.say("/personas")
    ana.press("Ceiba")
    assert HER in shown(hilo, ana)
    assert code in shown(hilo, ana)
    with hilo.reading() as unit:
        assert unit.connection.execute(select(named_on_screens.c.outbox_seq)).all()
    erased(her)
    hilo.tick()
    hilo.tick()

    assert HER not in shown(hilo, ana)
    assert code not in shown(hilo, ana)
    with hilo.reading() as unit:
        left = unit.connection.execute(select(named_on_screens.c.person_id)).scalars().all()
        assert set(left) == {other.person.id}


def test_a_long_nickname_leaves_the_screens_that_cut_it(hilo: Rig) -> None:
    """A list in which nothing but the beginning of it stands goes as well."""
    long = f"{HER} Chimalpopoca Teya"
    her, ana = hilo.join(nickname=long), hilo.facilitator()
    ana.say("/personas")
    assert f"{HER} Chim" in shown(hilo, ana)
    assert long not in shown(hilo, ana)
    assert her.person.pseudonym not in shown(hilo, ana)
    erased(her)
    hilo.tick()
    hilo.tick()

    assert HER not in shown(hilo, ana)
    shortest = min(answer_pages.NAME, hand_rows.NAME, incomplete_reason.NAME, people.NAMED, inbox.NAME, today.NAME)
    assert shortest > SHOWN  # a screen that showed less of it would not be known to name her


def test_it_leaves_a_page_in_the_browser_and_what_was_not_sent(hilo: Rig) -> None:
    """In the web thread of one of the team no row opens to her name any more, and nothing is said in its place."""
    her, ana = hilo.join(nickname=HER), hilo.facilitator()
    with hilo.unit() as unit:
        unit.addresses.link(unit.people.known(ana.person.id), "web", "ana-web", clock.new_id())
    with hilo.unit() as unit:
        person = unit.people.at("web", "ana-web")
        assert person is not None
        unit.people.list()
        body = {"chat": "ana-web", "text": f"{HER} · {her.person.pseudonym}", "keyboard": []}
        unit.outbox.put(clock.new_id(), person, "web", "ana-web", "message", 0, body)
        unit.outbox.put(clock.new_id(), person, "web", "ana-web", "message", 0, {**body, "text": "Otra cosa"})
    erased(her)
    hilo.tick()

    with hilo.reading() as unit:
        rows = unit.connection.execute(
            select(outbox.c.id, outbox.c.body).where(outbox.c.person_id == ana.person.id, outbox.c.body.is_not(None))
        )
        said = [body_of(unit, ana.person.key.open(row.body, "outbox", "body", row.id.hex), row.id)[1] for row in rows]
        assert None not in said, "a row that nobody can open has no words"
        assert not [each for each in said if each and HER in str(each)]
        assert [each for each in said if each and "Otra cosa" in str(each)]


def test_what_one_of_the_team_typed_about_her_leaves_the_page(hilo: Rig) -> None:
    """Own words in a web thread go with whomever they name, however it is written; the rest stays, a leader's too."""
    her, other, ana = hilo.join(nickname=HER), hilo.join(nickname="Ceiba"), hilo.facilitator()
    with hilo.unit() as unit:
        unit.addresses.link(unit.people.known(ana.person.id), "web", "ana-web", clock.new_id())
        unit.addresses.link(unit.people.known(other.person.id), "web", "ceiba-web", clock.new_id())
    for chat, text in (
        ("ana-web", f"Hablé con «{HER.upper()}», la del puesto."),
        ("ana-web", "Nadie más."),
        ("ceiba-web", f"Vi a {HER}."),
    ):
        written = Incoming("web", clock.new_id().hex, chat, Kind.TEXT, text=text)
        with hilo.unit() as unit:
            unit.inbox.accept([(clock.new_id(), "web", written.update, chat, written.to_bytes())])
        hilo.settle()
    before = [echoes(hilo, ana), echoes(hilo, other)]
    assert [len(each) for each in before] == [2, 1]
    erased(her)

    assert echoes(hilo, ana) == ["Nadie más."]
    assert echoes(hilo, other) == [f"Vi a {HER}."]  # her own words to the team


def echoes(hilo: Rig, phone: Phone) -> list[str]:
    """Return what somebody wrote in the page, as far as it opens."""
    with hilo.reading() as unit:
        rows = unit.connection.execute(
            select(outbox.c.id, outbox.c.body)
            .where(outbox.c.person_id == phone.person.id, outbox.c.kind == "echo", outbox.c.body.is_not(None))
            .order_by(outbox.c.seq)
        )
        opened = [body_of(unit, phone.person.key.open(row.body, "outbox", "body", row.id.hex), row.id) for row in rows]
    return [str(said["text"]) for _, said in opened if said is not None]


def test_a_leader_s_chat_keeps_who_reads_her(hilo: Rig) -> None:
    """A leader's own messages name somebody of the team: they are hers, and stay when that one is erased."""
    hilo.facilitator()
    phone = hilo.join(nickname="Ceiba")
    hilo.ask(phone)
    phone.say("2")
    with hilo.reading() as unit:
        mine = unit.connection.execute(
            select(named_on_screens.c.outbox_seq)
            .join(outbox, outbox.c.seq == named_on_screens.c.outbox_seq)
            .where(outbox.c.person_id == phone.person.id)
        ).all()
    assert mine == []


def opens(folder: Path, *ids: str) -> set[tuple[str, str]]:
    """Open all that lies in a folder with every key that is left; return the words of hers that were found."""
    people = [f"person {each}" for each in ids]
    return opener.everything([load_key(folder / "hilo.key")], [folder], people, (HER, TOLD)).words


def waiting_to_be_shown(hilo: Rig, ana: Phone, label: str) -> None:
    """Let one of the team press something whose answer is not sent yet, and keep a copy of the disk as it is now."""
    hilo.messenger.press(ana.chat, label)
    hilo.keep()
    hilo.handle()
    for name in ("hilo.db", "hilo.db-wal"):
        if (hilo.folder / name).exists():
            shutil.copy(hilo.folder / name, hilo.folder / f"copied-{name}")


def erased_for_good(hilo: Rig, her: Phone) -> None:
    """Let her erase everything, and the bot finish it."""
    hilo.advance(minutes=5)
    erased(her)
    hilo.advance(minutes=2)
    settling.settle(hilo.storage, lambda: hilo.now, settling.Places((), hilo.folder))


@pytest.mark.parametrize("screen", ["person", "message", "answer"])
def test_what_a_copy_has_of_a_screen_opens_for_nobody(hilo: Rig, screen: str) -> None:
    """Her name, her message, her answer, about to be shown: the facilitator's key, which is left, opens none of it."""
    her, ana = hilo.join(nickname=HER), hilo.facilitator()
    if screen == "answer":
        hilo.ask(her)
        her.say("2")
        her.say(TOLD)
        her.press("Listo")
        her.press("1 · Nada por ahora")
        ana.say("/leer")
    else:
        her.say(f"Para el equipo: {TOLD}")
        her.press("Sí")
        ana.say("/mensajes" if screen == "message" else "/personas")
    label = next(each for each in ana.last.labels if HER in each or each == "Leer lo que sigue")
    ids = her.person.id.hex, ana.person.id.hex
    waiting_to_be_shown(hilo, ana, label)
    assert {
        place
        for word, place in opens(hilo.folder, *ids)
        if "(enclosed)" in place and (screen == "person" or word == TOLD)
    }
    hilo.send()
    erased_for_good(hilo, her)

    assert opens(hilo.folder, *ids) == set()
    found = opener.everything([load_key(hilo.folder / "hilo.key")], [hilo.folder], [f"person {ids[1]}"], ("Ana",))
    assert found.words, "hers who is still there opens as ever"


def test_a_quote_without_a_name_goes_with_whoever_said_it(hilo: Rig) -> None:
    """A screen that was put together after her words were read is about her, whether it says who she is or not."""
    her, ana = hilo.join(nickname=HER), hilo.facilitator()
    her.say(f"Para el equipo: {TOLD}")
    her.press("Sí")
    with hilo.unit() as unit:
        (message,) = unit.messages.of(her.person.id)
        speech = Speech(unit, texts(), unit.people.known(ana.person.id), hilo.messenger.name, ana.chat, "es")
        speech.send(f"Alguien dijo: {message.body}", ())
    shutil.copy(hilo.folder / "hilo.db-wal", hilo.folder / "copied-hilo.db-wal")
    ids = her.person.id.hex, ana.person.id.hex
    assert {word for word, place in opens(hilo.folder, *ids) if "(enclosed)" in place} == {TOLD}
    hilo.send()
    assert TOLD in shown(hilo, ana)
    erased_for_good(hilo, her)
    hilo.tick()
    hilo.tick()

    assert TOLD not in shown(hilo, ana)
    assert opens(hilo.folder, *ids) == set()


def test_what_one_of_the_team_signed_goes_with_her(hilo: Rig) -> None:
    """Her name and words leave the leader's chat and her messages; what was written in the team's name stays."""
    leader, ana = hilo.join(nickname="Ceiba"), hilo.facilitator(nickname=HER)
    leader.say("Para el equipo: ¿vienen mañana?")
    leader.press("Sí")
    for words, way in (("Vamos todas.", "Mandar a nombre del equipo"), (TOLD, f"Mandar con mi firma: {HER}")):
        ana.say("/mensajes")
        ana.press(next(each for each in ana.last.labels if "Ceiba" in each))
        ana.press("Contestar")
        ana.say(words)
        ana.press(next(each for each in ana.last.labels if each.endswith(way)))
    assert f"{TOLD}\n— {HER}" in shown(hilo, leader)
    ids = leader.person.id.hex, ana.person.id.hex
    shutil.copy(hilo.folder / "hilo.db", hilo.folder / "copied-hilo.db")
    shutil.copy(hilo.folder / "hilo.db-wal", hilo.folder / "copied-hilo.db-wal")
    erased_for_good(hilo, ana)
    hilo.tick()

    assert "Vamos todas." in shown(hilo, leader)
    assert HER not in shown(hilo, leader)
    assert TOLD not in shown(hilo, leader)
    with hilo.reading() as unit:
        assert [each.body for each in unit.messages.of(leader.person.id)][1:] == ["Vamos todas.", "…"]
    assert opens(hilo.folder, *ids) == set()
