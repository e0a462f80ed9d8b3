"""Reading: what is new, one after the other; by question, by person, by day. Nothing of it stays in the chat."""

import re
from datetime import timedelta
from uuid import UUID

import pytest

from bot import clock
from bot.conversation.screen import Screen
from bot.media.store import add
from bot.messengers.port import Kind
from bot.pipeline.screens import Screens
from bot.rendering.ids import short_id
from bot.team.home.menu import Menu
from storage.erasure import erase, erase_answer
from tests.bot import samples
from tests.bot.leader import ROWS, words
from tests.bot.rig import Phone, Rig, texts
from tests.media_rows import answering

LONGEST = 1000
LANGUAGES = ("es", "en")
NEXT, BEFORE = texts().say("button.next", "es"), texts().say("button.before", "es")
STORY = "Fuimos a la asamblea y se habló del agua otra vez, sin acuerdo. "


def check_in(phone: Phone, story: str, need: str = "1 · Nada por ahora") -> None:
    """Answer a whole check-in that was taken up."""
    phone.say("2")
    phone.say(story)
    phone.press("Listo")
    phone.press(need)
    if need != "1 · Nada por ahora":
        phone.say("Luego te cuento.")


def told(hilo: Rig, nickname: str, story: str, need: str = "1 · Nada por ahora", cohort: str = "Sierra Norte") -> Phone:
    """Bring in a leader who answers a check-in of her own, a minute after whoever came before."""
    hilo.advance(minutes=1)
    phone = hilo.join(nickname=nickname, cohort=cohort)
    hilo.ask(phone, cohort=cohort)
    check_in(phone, story, need)
    return phone


def screens(phone: Phone) -> None:
    """Everything the bot said fits a phone."""
    for message in phone.heard:
        assert len(message.text or "") <= LONGEST, message.text
        assert len(message.keyboard) <= ROWS, message.labels


def nexts(ana: Phone) -> str:
    """Return the button that leads to what is next."""
    return next(label for label in ana.last.labels if re.match(r"Lo que sigue|Next \(", label))


def test_what_is_new_comes_one_after_the_other_and_support_first(hilo: Rig) -> None:
    """Whoever asked for support is read first, the others in the order they wrote; each one once."""
    for nickname, need in (
        ("Ceiba", "1 · Nada por ahora"),
        ("Nopal", "2 · Que me llamen"),
        ("Amate", "1 · Nada por ahora"),
    ):
        told(hilo, nickname, f"Historia de {nickname}.", need)
    ana = hilo.facilitator()
    ana.say("/leer")
    ana.press("Leer lo que sigue")
    seen = [ana.last.text or ""]
    for _ in range(2):
        ana.press(nexts(ana))
        seen.append(ana.last.text or "")
    place = ana.last.order

    assert [re.search(r"Historia de (\w+)", text)[1] for text in seen] == ["Nopal", "Ceiba", "Amate"]  # type: ignore[index]  # each has one
    assert not [label for label in ana.last.labels if label.startswith("Lo que sigue")]
    assert all(text.startswith(name) for text, name in zip(seen, ("Nopal", "Ceiba", "Amate"), strict=True))
    ana.say("/leer")
    assert words(ana, "read.all_read") in (ana.last.text or "")
    assert ana.last.order != place
    screens(ana)


def test_whoever_stops_goes_on_where_she_stopped(hilo: Rig) -> None:
    """In the middle of a long answer, too: the next time begins with the page she has not seen."""
    told(hilo, "Ceiba", "Primero. " + STORY * 30)
    told(hilo, "Nopal", "Segundo.")
    ana = hilo.facilitator()
    ana.say("/leer")
    ana.press("Leer lo que sigue")
    assert "Primero." in (ana.last.text or "")
    ana.press("Cerrar")
    hilo.advance(days=1)
    ana.say("/leer")
    ana.press("Leer lo que sigue")
    assert "Primero." not in (ana.last.text or "")
    assert "asamblea" in (ana.last.text or "")
    while words(ana, "button.text_next") in ana.last.labels:
        ana.press(words(ana, "button.text_next"))
    ana.press(nexts(ana))

    assert "Segundo." in (ana.last.text or "")
    screens(ana)


def test_a_long_answer_loses_no_word(hilo: Rig) -> None:
    """However long an answer is, turning its pages shows all of it, and each page fits."""
    story = " ".join(f"palabra{number}" for number in range(450))
    leader = hilo.join(nickname="Ceiba")
    hilo.ask(leader)
    leader.say("2")
    for start in range(0, 450, 150):
        leader.say(" ".join(story.split()[start : start + 150]))
    leader.press("Listo")
    ana = hilo.facilitator()
    ana.say("/leer")
    ana.press("Leer lo que sigue")
    pages = [ana.last.text or ""]
    while words(ana, "button.text_next") in ana.last.labels:
        ana.press(words(ana, "button.text_next"))
        pages.append(ana.last.text or "")

    assert re.findall(r"palabra\d+", " ".join(pages)) == story.split()
    assert len(pages) > 5
    screens(ana)


def test_what_changed_after_it_was_read_is_new_again(hilo: Rig) -> None:
    """An answer that was edited waits again; one that was only looked at does not."""
    leader = told(hilo, "Ceiba", "Hubo junta.")
    ana = hilo.facilitator()
    ana.say("/leer")
    ana.press("Leer lo que sigue")
    hilo.advance(hours=1)
    ana.say("/leer")
    assert "Leer lo que sigue" not in ana.last.labels
    leader.press("Cambiar")
    hilo.advance(minutes=1)
    ana.say("/leer")
    assert "Leer lo que sigue" not in ana.last.labels
    leader.press("2 · Que me llamen")
    hilo.advance(minutes=1)
    ana.say("/leer")
    ana.press("Leer lo que sigue")

    assert "→ Que me llamen" in (ana.last.text or "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_way_of_reading_leads_to_the_answer(hilo: Rig, language: str) -> None:
    """By question, by person and by day, in both languages, on screens that fit."""
    told(hilo, "Ceiba", "Lo del agua.")
    ana = hilo.facilitator(language)
    for way, path in (
        ("button.by_question", ["Sierra", "2"]),
        ("button.by_question", ["Sierra", words(ana, "button.all_questions")]),
        ("button.by_person", ["Ceiba"]),
        ("button.by_day", ["2026 · 1"]),
    ):
        ana.say("/leer")
        ana.press(words(ana, way))
        for label in path:
            chosen = ana.last.labels[1] if label == "2" else next(each for each in ana.last.labels if label in each)
            ana.press(chosen)
        assert "→ Lo del agua." in (ana.last.text or ""), way
        assert "Ceiba" in (ana.last.text or "")
        screens(ana)


def test_answers_to_one_question_are_read_in_a_row(hilo: Rig) -> None:
    """Everybody's answer to a question, a few at a time, forth and back; long ones take pages of their own."""
    leaders = [hilo.join(nickname=f"Ceiba{number}") for number in range(8)]
    hilo.ask(*leaders)
    for number, leader in enumerate(leaders):
        check_in(leader, f"Historia{number}. " + (STORY * 20 if number == 3 else ""))
    ana = hilo.facilitator()
    ana.say("/leer")
    ana.press("Por pregunta")
    ana.press(ana.last.labels[0])
    ana.press(ana.last.labels[1])
    seen = [ana.last.text or ""]
    while NEXT in ana.last.labels:
        ana.press(NEXT)
        seen.append(ana.last.text or "")
    back = [seen[-1]]
    while BEFORE in ana.last.labels:
        ana.press(BEFORE)
        back.append(ana.last.text or "")

    found = " ".join(seen)
    assert re.findall(r"Historia\d", found) == [f"Historia{number}" for number in range(8)]
    assert found.count("asamblea") == 20
    assert back == seen[::-1]
    assert 3 <= len(seen) <= 8
    screens(ana)
    assert len({entry.subject for entry in hilo.audited("answers.read")}) == 8
    with hilo.reading() as unit:
        (cohort,) = unit.cohorts.list()
        assert unit.readings.waiting(ana.person.id, cohort.id).runs == 8  # of each, one answer was read


def test_an_order_of_one_question_is_read_by_question_alone(hilo: Rig) -> None:
    """Whoever gave one answer has been read whole when that was."""
    leader = hilo.join(nickname="Ceiba")
    hilo.ask(leader)
    leader.say("2")
    ana = hilo.facilitator()
    ana.say("/leer")
    ana.press("Por pregunta")
    ana.press(ana.last.labels[0])
    ana.press(ana.last.labels[0])
    assert "menos de tres" in (ana.last.text or "")
    ana.press("Quién dijo qué")
    assert "🙁 Bajo" in (ana.last.text or "")
    ana.say("/leer")

    assert "Leer lo que sigue" not in ana.last.labels


def test_many_people_are_found_by_the_first_letter(hilo: Rig) -> None:
    """Beyond a screen of names one chooses a letter first; accents do not count, and what is no letter has a place."""
    with hilo.unit() as unit:
        cohort_id = unit.cohorts.add(clock.new_id(), "Costa", ("es",)).id
        for nickname in ("Ámbar", "amate", *(f"Ceiba {number}" for number in range(14)), "7 Mares"):
            person = unit.people.create(clock.new_id(), hilo.now, "active", "es")
            unit.people.change(person, nickname=nickname)
            unit.memberships.join(clock.new_id(), person.id, cohort_id)
            hilo.turns.begin(unit, person, hilo.content.dialog("check_in"), "person", cohort_id=cohort_id, offer=False)
            row = unit.runs.latest(person)
            assert row is not None
            unit.answers.add(clock.new_id(), row.id, "mood", person, '{"value":2,"label":"Bajo"}', hilo.now)
    ana = hilo.facilitator(cohort="Costa")
    ana.say("/leer")
    ana.press("Por persona")
    assert ana.last.labels[:3] == ["A", "C", "#"]
    ana.press("A")
    assert ana.last.labels[:2] == ["amate", "Ámbar"]
    ana.press(words(ana, "button.return"))
    ana.press("C")
    names = [label for label in ana.last.labels if label.startswith("Ceiba")]
    ana.press(NEXT)
    names += [label for label in ana.last.labels if label.startswith("Ceiba")]
    ana.press(names[-1])

    assert len(set(names)) == 14
    assert f"{names[-1]} · ¿Cómo vas?" in (ana.last.text or "")
    screens(ana)


def test_pages_live_in_one_message(hilo: Rig) -> None:
    """Turning pages and changing the way changes one message; a new one blanks the old one."""
    for nickname in ("Ceiba", "Nopal"):
        told(hilo, nickname, f"Historia de {nickname}.")
    ana = hilo.facilitator()
    ana.say("/leer")
    place, before = ana.last.order, len(ana.heard)
    ana.press("Leer lo que sigue")
    ana.press(nexts(ana))
    ana.press("Otra forma de leer")
    ana.press("Por fecha")
    ana.press(ana.last.labels[0])
    assert (ana.last.order, len(ana.heard)) == (place, before)
    assert "Historia de" in ana.screen()
    ana.say("/leer")

    assert "Historia de" not in ana.screen()
    assert hilo.count("panels") == 1


def test_a_page_is_blanked_after_half_an_hour_also_by_a_bot_that_was_restarted(hilo: Rig) -> None:
    """Half an hour after the last turn, and not before; a new process knows of it from the database alone."""
    told(hilo, "Ceiba", "Lo del agua.")
    ana = hilo.facilitator()
    ana.say("/leer")
    hilo.advance(minutes=20)
    ana.press("Leer lo que sigue")
    hilo.advance(minutes=29)
    hilo.tick()
    assert "Lo del agua." in ana.screen()
    hilo.again()
    hilo.advance(minutes=1)
    hilo.tick()

    assert "agua" not in ana.screen()
    assert words(ana, "read.over") in ana.screen()
    assert hilo.count("panels") == 0
    assert hilo.tick() == 0
    ana.press(words(ana, "button.menu"))
    assert ana.last.labels[0] == "Atender"


def voice(hilo: Rig, phone: Phone) -> None:
    """Answer an open question with a voice note that is on the shelf."""
    with hilo.unit() as unit:
        row = unit.runs.open(phone.person)
        assert row is not None
        shelved = hilo.media_store.put(phone.person.id, phone.person.key, samples.ogg(), 84)
        value = f'{{"value":[{{"media":"voice","id":"{shelved.id.hex}","seconds":84}}],"label":""}}'
        unit.answers.add(clock.new_id(), row.id, "week", phone.person, value, hilo.now)
        add(unit, shelved, row.id, "week")


def test_a_voice_note_can_be_played_whatever_comes_after_it(hilo: Rig) -> None:
    """On a page that goes on with the next answer, the button that plays the one before is still there."""
    leader = hilo.join(nickname="Ceiba")
    hilo.ask(leader)
    leader.say("2")
    voice(hilo, leader)
    leader.say("Y con palabras.")
    leader.press("Listo")
    with hilo.unit() as unit:
        row = unit.runs.open(leader.person)
        assert row is not None
        (item,) = answering(unit, row.id)
        value = f'{{"value":[{{"media":"voice","id":"{item.id.hex}","seconds":84}},"{STORY * 20}"],"label":""}}'
        unit.answers.add(clock.new_id(), row.id, "week", leader.person, value, hilo.now)
    leader.press("1 · Nada por ahora")
    ana = hilo.facilitator()
    ana.say("/leer")
    ana.press("Leer lo que sigue")
    while words(ana, "button.text_next") in ana.last.labels:
        ana.press(words(ana, "button.text_next"))
    assert "¿Necesitas algo del equipo?" in (ana.last.text or "")

    assert "🔊 Ceiba · 1:24" in ana.last.labels


def test_less_than_a_minute_is_told_in_seconds(hilo: Rig) -> None:
    """Three seconds of voice are not called a minute."""
    leader, ana = hilo.join(), hilo.facilitator()
    hilo.ask(leader)
    leader.say("2")
    hilo.messenger.give_file(leader.chat, Kind.VOICE, samples.ogg(), seconds=3)
    hilo.settle()
    leader.press("Listo")
    leader.press("1 · Nada por ahora")
    ana.say("/menu")

    assert "(3 segundos de audio)" in ana.told


def test_what_is_played_is_taken_out_again(hilo: Rig) -> None:
    """A voice note goes when the page is turned or closed, and after half an hour; each playing is on record."""
    leaders = [hilo.join(nickname=name) for name in ("Ceiba", "Nopal")]
    hilo.ask(*leaders)
    for leader in leaders:
        voice(hilo, leader)
    ana = hilo.facilitator()
    ana.say("/leer")
    assert "(3 min de audio)" in ana.told
    ana.press("Leer lo que sigue")
    for ending in ("next", "close", "time"):
        if ending == "time":
            ana.say("/leer")
            ana.press("Por persona")
            ana.press("Nopal")
        name = "Ceiba" if ending == "next" else "Nopal"
        before = len(ana.heard)
        ana.press(f"🔊 {name} · 1:24")
        assert len(ana.heard) == before + 1
        if ending == "next":
            ana.press("Lo que sigue (1 por leer)")
        elif ending == "close":
            ana.press("Cerrar")
        else:
            hilo.advance(minutes=31)
            hilo.tick()
        assert len(ana.heard) == before, ending

    assert len(hilo.audited("answers.played")) == 3
    assert hilo.count("panels") == 0


def test_a_leader_sees_by_whom_and_when_each_thing_was_read(hilo: Rig) -> None:
    """Only what was read of hers is told, with the day; what was read of others is not."""
    ceiba, nopal = (told(hilo, name, f"Historia de {name}.") for name in ("Ceiba", "Nopal"))
    ana = hilo.facilitator(nickname="Ana")
    ana.say("/leer")
    ana.press("Leer lo que sigue")
    for phone in (ceiba, nopal):
        phone.say("/quien")

    assert "· Ana, «¿Cómo vas?», 24 nov" in ceiba.told
    assert words(nopal, "leader.who.unread") in nopal.told
    (reading,) = hilo.rows("SELECT run_id, person_id FROM readings")
    assert UUID(reading[1]) == ceiba.person.id


@pytest.mark.parametrize("head", ["P", "n", "b", "q", "Q"])
def test_a_good_button_of_another_group_opens_nothing(hilo: Rig, head: str) -> None:
    """Whatever a button names, its cohort is looked at again, and the try is on record or shows nothing."""
    leader = told(hilo, "Ceiba", "Lo del agua.")
    stranger = hilo.facilitator(nickname="Eva", cohort="Costa")
    of = {"P": leader.person.id, "n": leader.run.id}.get(head, leader.run.broadcast_id)
    assert of is not None
    end = ".0" if head == "q" else ".0.0"
    with hilo.reading() as unit:
        button = hilo.turns.speech(unit, stranger.person).buttons.plain("read", f"{head}{short_id(of)}{end}")
    stranger.press_id(button, stranger.last.order)

    assert "agua" not in stranger.screen()
    assert "Ceiba" not in stranger.screen()
    assert hilo.audited("answers.read") == []
    assert hilo.count("readings") == 0


def test_lists_of_another_group_stay_empty(hilo: Rig) -> None:
    """No name, no day and no order of a group that is not hers is listed."""
    told(hilo, "Ceiba", "Lo del agua.")
    told(hilo, "Nopal", "Lo de la costa.", cohort="Costa")
    eva = hilo.facilitator(nickname="Eva", cohort="Costa")
    for way in ("button.by_question", "button.by_person", "button.by_day"):
        eva.say("/leer")
        eva.press(words(eva, way))
        assert "Sierra" not in eva.screen()
        assert "Ceiba" not in eva.screen()
    assert eva.last.labels[0].endswith("· 1")


def test_a_role_that_ended_leaves_nothing_in_the_chat(hilo: Rig) -> None:
    """Her open page is blanked in time even when she may read no more."""
    told(hilo, "Ceiba", "Lo del agua.")
    ana = hilo.facilitator()
    ana.say("/leer")
    ana.press("Leer lo que sigue")
    with hilo.unit() as unit:
        unit.roles.revoke(ana.person.id, "facilitator")
    hilo.advance(minutes=31)
    hilo.tick()

    assert "agua" not in ana.screen()


def test_two_readers_read_each_for_herself(hilo: Rig) -> None:
    """What one has read still waits for the other."""
    told(hilo, "Ceiba", "Lo del agua.")
    ana, eva = hilo.facilitator(), hilo.facilitator(nickname="Eva")
    ana.say("/leer")
    ana.press("Leer lo que sigue")
    eva.say("/leer")

    assert "Leer lo que sigue" in eva.last.labels


def test_namesakes_are_told_apart(hilo: Rig) -> None:
    """Two people of one nickname stand in the list with letters of their pseudonyms."""
    phones = [told(hilo, "Ceiba", f"Historia {number}.") for number in range(2)]
    ana = hilo.facilitator()
    ana.say("/leer")
    ana.press("Por persona")

    assert set(ana.last.labels[:2]) == {f"Ceiba ({phone.person.pseudonym[2:6]})" for phone in phones}


def test_a_chat_that_was_tidied_meanwhile_is_left_alone(hilo: Rig) -> None:
    """A page that she took out of the chat herself is not changed any more."""
    told(hilo, "Ceiba", "Lo del agua.")
    ana = hilo.facilitator()
    ana.say("/leer")
    ana.press("Leer lo que sigue")
    ana.say("/limpiar")
    before = [message.order for message in ana.heard]
    hilo.advance(minutes=31)
    hilo.tick()

    assert [message.order for message in ana.heard] == before
    assert hilo.rows("SELECT count(*) FROM outbox WHERE state = 'failed'") == [(0,)]
    assert hilo.count("panels") == 0


def test_a_menu_that_took_a_pages_place_stays(hilo: Rig) -> None:
    """Half an hour later only what was read goes, and no menu with it."""
    told(hilo, "Ceiba", "Lo del agua.")
    ana = hilo.facilitator()
    ana.say("/leer")
    with hilo.unit() as unit:
        (panel,) = unit.panels.of(ana.person.id, "page")
        screen = Screen(hilo.turns.speech(unit, ana.person), ana.person, panel.outbox_seq)
        next(part for part in Screens(hilo.turns).parts if isinstance(part, Menu)).home(screen)
    hilo.send()
    hilo.advance(minutes=31)
    hilo.tick()

    assert ana.last.labels[0] == words(ana, "menu.alert")


@pytest.mark.parametrize("whole", [True, False])
def test_what_is_erased_leaves_the_teams_chats_at_once(hilo: Rig, whole: bool) -> None:
    """Whoever erases an answer, or herself, waits for nobody's half hour."""
    leader = told(hilo, "Ceiba", "Lo del agua.")
    ana = hilo.facilitator()
    ana.say("/leer")
    ana.press("Leer lo que sigue")
    assert "Lo del agua." in ana.screen()
    person, run_id = leader.person, leader.run.id
    with hilo.unit() as unit:
        if whole:
            erase(unit, person.id)
        else:
            erase_answer(unit, person, run_id, "week")
    hilo.tick()

    assert "agua" not in ana.screen()


def test_choices_are_read_in_the_readers_language(hilo: Rig) -> None:
    """What was chosen is told in the language of whoever reads; what was said stays as it was said."""
    told(hilo, "Ceiba", "Lo del agua.", "2 · Que me llamen")
    ana = hilo.facilitator("en")
    ana.say("/read")
    ana.press("Read what's next")

    assert all(said in (ana.last.text or "") for said in ("→ 🙁 Low", "→ A call", "→ Lo del agua."))


def test_what_is_just_being_sent_is_taken_out_once_it_is_there(hilo: Rig) -> None:
    """A voice note in flight when its page is closed waits for its number, and nobody is kept busy by it."""
    leader = hilo.join(nickname="Ceiba")
    hilo.ask(leader)
    voice(hilo, leader)
    ana = hilo.facilitator()
    ana.say("/leer")
    ana.press("Leer lo que sigue")
    hilo.messenger.press(ana.chat, "🔊 Ceiba · 1:24")
    hilo.keep()
    hilo.handle()
    with hilo.unit() as unit:
        (row,) = unit.outbox.claim(hilo.now, hilo.now + timedelta(minutes=1), 9)
    hilo.advance(minutes=31)
    with hilo.unit() as unit:
        assert hilo.ticking.step(unit, 9) == 1  # the page
        assert hilo.ticking.step(unit, 9) == 0
        unit.outbox.sent(row.seq, 4711, unit.now)
    with hilo.unit() as unit:
        assert hilo.ticking.step(unit, 9) == 1

    assert hilo.rows("SELECT count(*) FROM outbox WHERE kind = 'delete'") == [(1,)]
    assert hilo.count("panels") == 0


def test_of_several_pages_one_says_that_they_are_gone(hilo: Rig) -> None:
    """Whatever was opened goes from her chat; the last of the pages says so, and no two sentences stand in a row."""
    told(hilo, "Ceiba", "Lo del agua.")
    ana = hilo.facilitator()
    for command in ("/avisos", "/leer", "/avisos"):
        ana.say(command)
        hilo.advance(minutes=1)
    assert hilo.count("panels") > 1
    for _ in range(4):
        hilo.advance(minutes=31)
        hilo.tick()

    assert hilo.count("panels") == 0
    assert ana.screen().count(words(ana, "read.over")) == 1
