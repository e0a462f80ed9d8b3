"""Somebody who is erased goes from the team's screens as well: from every message that names her, in every chat."""

from sqlalchemy import select

from bot import clock
from storage.tables import named_on_screens, outbox
from tests.bot.rig import Phone, Rig, texts

HER = "Xilonenca"


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
        ana_now = unit.people.known(ana.person.id)
        rows = unit.connection.execute(
            select(outbox.c.id, outbox.c.body).where(outbox.c.person_id == ana_now.id, outbox.c.body.is_not(None))
        )
        said = [ana_now.key.open(row.body, "outbox", "body", row.id.hex).decode() for row in rows]
        assert not [each for each in said if HER in each]
        assert [each for each in said if "Otra cosa" in each]


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
