"""One incoming update -> one turn -> one commit: whatever it is, and whatever goes wrong in it."""

from datetime import timedelta

import pytest

from bot import clock
from bot.messengers.port import Incoming, Kind
from bot.pipeline.receive import RETRIES
from tests.bot.rig import Phone, Rig, texts

GROUP = "-1001234567890"
EVERYTHING = ("people", "answers", "messages", "runs", "addresses", "consents", "memberships")


def stored(hilo: Rig) -> list[int]:
    """Count the rows of whatever could be kept of a person."""
    return [hilo.count(table) for table in EVERYTHING]


def broken_run(hilo: Rig, phone: Phone) -> None:
    """Leave her open run as a newer program would have written it: no turn can read it."""
    person, run = phone.person, phone.run
    with hilo.unit() as unit:
        unit.runs.save(run.id, person, {**run.state, "v": 99}, run.status, run.prompt)


def broken_name(hilo: Rig, phone: Phone) -> None:
    """Damage what is stored of her."""
    person = phone.person
    with hilo.unit() as unit:
        unit.connection.exec_driver_sql("UPDATE people SET nickname = X'00' WHERE id = ?", (person.id.hex,))


def test_a_group_is_declined_once_for_each_command_and_nothing_is_stored(hilo: Rig) -> None:
    """In a group the bot says, to a command only, that it speaks in private, and keeps nothing of anyone."""
    before = stored(hilo)
    for text in ("hola a todas", f"/start {hilo.invite()}", "gracias", "/menu@memory_bot", "2"):
        hilo.messenger.give(GROUP, Kind.TEXT, text=text, private=False)
    hilo.messenger.give(GROUP, Kind.STICKER, private=False)
    hilo.settle()

    said = [message.text for message in hilo.messenger.thread(GROUP) if not message.mine]
    assert said == [f"{texts().say('group.private', 'es')}\n\n{texts().say('group.private', 'en')}"] * 2
    assert stored(hilo) == before


def test_being_added_to_a_group_and_put_out_of_it_is_silent(hilo: Rig) -> None:
    """What a group's membership tells makes no person and no message."""
    for kind in (Kind.UNBLOCKED, Kind.BLOCKED, Kind.OTHER):
        hilo.messenger.give(GROUP, kind, private=False)
    hilo.settle()

    assert all(message.mine for message in hilo.messenger.thread(GROUP))
    assert sum(stored(hilo)) == 0


def test_another_bot_is_ignored(hilo: Rig) -> None:
    """Two bots never talk to each other, not even with a good invite."""
    phone = hilo.phone()
    phone.send(Kind.TEXT, text=f"/start {hilo.invite()}", robot=True)

    assert phone.news == []
    assert stored(hilo)[0] == 0


def test_an_update_without_a_chat_is_passed_over(hilo: Rig) -> None:
    """An update nobody can be answered about is handled and holds nobody up."""
    with hilo.unit() as unit:
        hilo.receive.accept(unit, [Incoming("memory", "u1", "", Kind.OTHER)])
    hilo.handle()

    assert hilo.rows("SELECT state FROM inbox") == [("done",)]


def test_a_handled_update_is_blanked(hilo: Rig) -> None:
    """Once its turn has committed, an update's words are gone from the inbox."""
    hilo.join()

    assert hilo.rows("SELECT DISTINCT state, body FROM inbox") == [("done", None)]


def test_a_failing_update_is_tried_again_for_two_minutes(hilo: Rig, caplog: pytest.LogCaptureFixture) -> None:
    """It is tried again with longer and longer pauses, two minutes in all; then it is set aside and she is told."""
    phone = hilo.join()
    hilo.ask(phone)
    broken_run(hilo, phone)
    hilo.patient = True
    phone.say("2")
    begun = hilo.now
    while hilo.rows("SELECT count(*) FROM inbox WHERE state = 'pending'") == [(1,)]:
        assert phone.news == []
        hilo.advance(seconds=1)
        hilo.settle()

    assert hilo.rows("SELECT attempts FROM inbox WHERE state = 'poison'") == [(len(RETRIES) + 1,)]
    assert (hilo.now - begun) // timedelta(seconds=1) == 120
    assert phone.told == texts().say("sorry.poison", "es")
    assert hilo.rows("SELECT error FROM inbox WHERE state = 'poison'") == [("ValueError",)]
    assert sum("set aside" in message for message in caplog.messages) == 1


def test_a_failing_update_holds_nobody_else(hilo: Rig) -> None:
    """While one person's update fails, everyone else is answered at once."""
    phone, other = hilo.join(nickname="Ceiba"), hilo.join(nickname="Nopal")
    hilo.ask(phone, other)
    broken_run(hilo, phone)
    hilo.patient = True
    phone.say("2")
    other.say("3")

    assert other.values == {"mood": 3}
    assert "2 de 4" in other.told


def test_her_later_updates_wait_and_come_in_their_order(hilo: Rig) -> None:
    """What she sends while an earlier update fails is handled after it, once the fault is mended."""
    phone = hilo.join()
    hilo.ask(phone)
    sound = phone.run
    broken_run(hilo, phone)
    hilo.patient = True
    phone.say("2")
    phone.say("Hubo junta.")
    assert phone.news == []
    with hilo.unit() as unit:
        unit.runs.save(sound.id, phone.person, sound.state, sound.status, sound.prompt)
    hilo.advance(seconds=60)
    hilo.settle()

    assert hilo.rows("SELECT DISTINCT state FROM inbox") == [("done",)]
    assert phone.answers["mood"].value == 2


def test_what_cannot_even_be_read_is_set_aside(hilo: Rig) -> None:
    """What opens and is no update cannot be looked at for a cry either: it is set aside, and the next ones go on."""
    phone = hilo.join()
    with hilo.unit() as unit:
        unit.inbox.accept([(clock.new_id(), hilo.messenger.name, "9999", phone.chat, b"[]")])
    hilo.patient = True
    phone.say("/menu")
    for _ in range(130):
        hilo.advance(seconds=1)
        hilo.settle()

    assert hilo.rows("SELECT state, count(*) FROM inbox WHERE state != 'done' GROUP BY state") == [("poison", 1)]
    assert texts().say("sorry.poison", "es") in phone.news


def test_her_later_updates_go_on_once_one_is_set_aside(hilo: Rig) -> None:
    """After two minutes the next thing she says is handled: nobody is held for ever."""
    phone = hilo.join()
    hilo.ask(phone)
    broken_run(hilo, phone)
    hilo.patient = True
    phone.say("2")
    phone.say("/apoyo")
    for _ in range(121):
        hilo.advance(seconds=1)
        hilo.settle()

    assert "Llama a Rosa, de día o de noche." in phone.told


def test_an_update_of_someone_whose_name_is_damaged_is_handled(hilo: Rig) -> None:
    """Damage to her record ends no loop and holds no queue, and she is answered; the trail says so once in 30 days."""
    phone = hilo.join()
    broken_name(hilo, phone)
    phone.say("hola")
    assert phone.news
    phone.say("/menu")

    assert hilo.rows("SELECT state FROM inbox WHERE state != 'done'") == []
    assert [entry.detail for entry in hilo.audited("damage.found")] == [{"what": ["nickname"]}]
    for days, times in ((29.5, 1), (0.6, 2)):
        hilo.advance(days=days)
        phone.say("/menu")
        assert len(hilo.audited("damage.found")) == times


def test_a_failed_turn_leaves_no_trace(hilo: Rig) -> None:
    """What raises undoes all of its turn: no answer, no message, no half of either."""
    phone = hilo.join()
    hilo.ask(phone)
    broken_run(hilo, phone)
    hilo.patient = True
    before, outbox = stored(hilo), hilo.rows("SELECT count(*) FROM outbox")
    phone.say("2")

    assert stored(hilo) == before
    assert hilo.rows("SELECT count(*) FROM outbox") == outbox


def test_who_blocks_the_bot_is_unreachable_until_she_unblocks(hilo: Rig) -> None:
    """Blocking is noted at her and at her address; unblocking takes both back; neither says anything."""
    phone = hilo.join()
    phone.look()
    phone.block()
    assert phone.person.participation == "unreachable"
    assert hilo.rows("SELECT count(*) FROM addresses WHERE unreachable_since IS NOT NULL") == [(1,)]
    phone.unblock()
    assert phone.person.participation == "active"
    assert hilo.rows("SELECT count(*) FROM addresses WHERE unreachable_since IS NOT NULL") == [(0,)]

    assert phone.news == []


def test_who_has_another_way_stays_active_when_she_blocks_one(hilo: Rig) -> None:
    """The address is known to be shut; she is still reached at the other, until that is shut too."""
    phone = hilo.join()
    with hilo.unit() as unit:
        unit.addresses.link(phone.person, "web", "c1", clock.new_id())
    phone.block()
    assert phone.person.participation == "active"
    assert hilo.rows("SELECT messenger FROM addresses WHERE unreachable_since IS NOT NULL") == [("memory",)]
    phone.unblock()

    assert phone.person.participation == "active"
    assert hilo.rows("SELECT count(*) FROM addresses WHERE unreachable_since IS NOT NULL") == [(0,)]


def test_whoever_writes_can_be_reached_again(hilo: Rig) -> None:
    """A message of hers brings an unreachable person back, even when no unblocking was told."""
    phone = hilo.join()
    phone.block()
    hilo.messenger._blocked.clear()
    phone.say("/menu")

    assert phone.person.participation == "active"
    assert hilo.rows("SELECT count(*) FROM addresses WHERE unreachable_since IS NOT NULL") == [(0,)]
    assert phone.told == texts().say("home", "es")


@pytest.mark.parametrize("state", ["consenting", "declined"])
def test_blocking_and_unblocking_give_no_consent(hilo: Rig, state: str) -> None:
    """Who had not agreed has not agreed after unblocking either."""
    phone = hilo.phone()
    phone.say(f"/start {hilo.invite()}")
    phone.say("es")
    if state == "declined":
        phone.say("no")
    phone.block()
    phone.unblock()

    assert phone.person.participation == state


def test_a_stranger_who_blocks_is_nobody(hilo: Rig) -> None:
    """Blocking by someone who never came in makes no person."""
    hilo.phone().block()

    assert sum(stored(hilo)) == 0


def test_a_command_nobody_knows_shows_help(hilo: Rig) -> None:
    """An unknown command is answered by what can be said, in the open run and outside."""
    phone = hilo.join()
    phone.say("/xyz")

    assert phone.told == texts().say("help.leader", "es")


@pytest.mark.parametrize("command", ["/paraque", "/saltar", "/regresar", "/luego", "/parar", "/seguir", "/listo"])
def test_a_command_of_a_run_outside_of_one_leads_on(hilo: Rig, command: str) -> None:
    """Said when nothing is open, a run's command does nothing and shows a way on."""
    phone = hilo.join()
    phone.say(command)

    assert len(phone.news) == 1
    assert phone.last.labels


def test_words_behind_a_command_are_no_invite(hilo: Rig) -> None:
    """Whoever asks politely for support gets it."""
    phone = hilo.join()
    phone.say("/apoyo por favor")

    assert "Llama a Rosa, de día o de noche." in phone.told


def test_only_a_press_is_acknowledged(hilo: Rig) -> None:
    """A button spins until its press is known to be seen; words need nothing of the kind."""
    phone = hilo.join()
    hilo.messenger.acknowledged.clear()
    phone.say("/menu")
    assert hilo.messenger.acknowledged == []
    phone.press("Mis ajustes")

    assert len(hilo.messenger.acknowledged) == 1


def test_several_people_at_once_each_get_their_own_answer(hilo: Rig) -> None:
    """Fifty people who answer in one batch are all answered, each in her own chat and in her order."""
    phones = [hilo.join(nickname=f"Ceiba {number}") for number in range(12)]
    hilo.ask(*phones)
    for number, phone in enumerate(phones):
        phone.write(str(number % 5 + 1))
    for phone in phones:
        phone.write("Hubo junta.")
    hilo.settle()

    for number, phone in enumerate(phones):
        assert phone.values["mood"] == number % 5 + 1
