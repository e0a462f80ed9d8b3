"""Asking for support or a call: open until one of the team notes it as done; and how to reach whoever asked."""

import pytest

from bot import clock
from bot.rendering.ids import short_id
from bot.services import support
from bot.team.kit.reading_queries import ReadingQueries
from bot.web import thread
from dialogs import danger
from tests.bot.leader import follow, words
from tests.bot.phone import Phone
from tests.bot.rig import Rig, texts

RINGING = {"danger_words": {"es": [*danger.proposed("es")]}}


SEEDS = """
spec: 1
name: seeds
kind: check_in
languages: [es, en]
minutes: 1
title: {es: Semillas, en: Seeds}
why: {es: Para saber qué semillas hacen falta este año., en: To know which seeds are needed this year.}
steps:
  - type: select_one
    name: need
    label: {es: "¿Qué semillas te faltan?", en: "Which seeds do you need?"}
    choices:
      - name: corn
        label: {es: Maíz, en: Corn}
      - name: nothing
        label: {es: Ninguna, en: None}
"""


def called(hilo: Rig, language: str = "es", choice: str = "2") -> Phone:
    """Let a leader ask for a call in a check-in, to its end."""
    leader = hilo.join(language)
    hilo.ask(leader)
    leader.say("2")
    leader.say("Nada.")
    leader.press(words(leader, "button.all"))
    leader.say(choice)
    if leader.run.status != "completed":
        leader.press(words(leader, "button.skip"))
    return leader


def supported(hilo: Rig) -> Phone:
    """Let a leader ask for support from the care card."""
    leader = hilo.join()
    leader.say("/apoyo")
    leader.press(words(leader, "button.look_for_me"))
    return leader


def waiting(ana: Phone, command: str = "/avisos") -> list[str]:
    """Return the buttons of what was asked for and is not done; an alert that rang says only its day."""
    ana.say(command)
    rang = f"Colibrí · {words(ana, 'alert.rings')} · {words(ana, 'time.today')}"
    return [label for label in ana.last.labels if label.startswith("Colibrí") and label != rang]


@pytest.mark.parametrize("language", ["es", "en"])
def test_a_call_stays_open_however_often_the_answer_is_read(hilo: Rig, language: str) -> None:
    """It stands in the menu, in Por atender and first in Mensajes until one of the team notes it, and names who did."""
    say = texts().say
    ana, eva = hilo.facilitator(language), hilo.facilitator("es", nickname="Eva")
    called(hilo)
    label = f"Colibrí · {say('asked.short.call', language)}"
    ana.say("/leer" if language == "es" else "/read")
    ana.press(say("button.read_next", language))
    ana.say("/menu")
    assert texts().count("today.call", language, 1, names="Colibrí") in ana.told
    assert say("menu.alert", language) in ana.last.labels
    for command in ("/avisos", "/mensajes") if language == "es" else ("/alerts", "/messages"):
        assert waiting(ana, command) == [label]
    ana.press(label)
    assert say("asked.open", language) in (ana.last.text or "")
    ana.press(say("button.asked_done", language))
    assert say("asked.done", language, name="Ana", day=say("time.today", language)) in (ana.last.text or "")
    assert waiting(eva) == []
    eva.say("/menu")
    assert "Pidió que" not in eva.told
    assert [entry.actor for entry in hilo.audited("request.done")] == [str(ana.person.id)]
    ana.press(say("button.asked_undo", language))

    assert waiting(eva) == ["Colibrí · pidió que le llamen"]


def test_of_two_at_once_the_first_did_it(hilo: Rig) -> None:
    """The second sees who it was."""
    ana, eva = hilo.facilitator(), hilo.facilitator(nickname="Eva")
    supported(hilo)
    for phone in (ana, eva):
        waiting(phone)
        phone.press("Colibrí · pidió apoyo")
    button = eva.button(words(eva, "button.asked_done"))
    ana.press(words(ana, "button.asked_done"))
    eva.press_id(*button)

    assert words(eva, "asked.done", name="Ana", day="hoy") in eva.screen()


def test_support_is_open_once_until_it_is_done(hilo: Rig) -> None:
    """Pressed twice it is one; after it was done, the next is another."""
    ana, leader = hilo.facilitator(), supported(hilo)
    leader.say("/apoyo")
    leader.press(words(leader, "button.look_for_me"))
    assert hilo.count("support_requests") == 1
    waiting(ana)
    ana.press("Colibrí · pidió apoyo")
    ana.press(words(ana, "button.asked_done"))
    leader.say("/apoyo")
    leader.press(words(leader, "button.look_for_me"))

    assert hilo.count("support_requests") == 2
    assert waiting(ana) == ["Colibrí · pidió apoyo"]


def test_a_changed_need_changes_what_is_asked_and_nothing_shuts_it(hilo: Rig) -> None:
    """Somebody else may hold the phone: whatever is chosen later, only the team notes that it was done."""
    ana, leader = hilo.facilitator(), called(hilo, choice="3")
    assert waiting(ana) == ["Colibrí · pidió información"]
    for choice, label in (
        ("4 · Verlo en persona", "pidió verse en persona"),
        ("1 · Nada por ahora", "pidió verse en persona"),
    ):
        leader.press(words(leader, "button.review"))
        leader.press(words(leader, "button.change_number", number=3))
        leader.press(choice)
        assert waiting(ana) == [f"Colibrí · {label}"]


def test_nothing_is_asked_where_nothing_is_needed(hilo: Rig) -> None:
    """Nothing for now opens nothing."""
    hilo.facilitator()
    leader = called(hilo, choice="1")

    assert hilo.count("support_requests") == 0
    assert words(leader, "button.reach") not in leader.last.labels


def test_another_group_s_request_opens_to_nobody_else(hilo: Rig) -> None:
    """Neither the request nor the note, and the try is on record."""
    hilo.facilitator()
    luz = hilo.facilitator(nickname="Luz", cohort="Costa")
    leader = supported(hilo)
    assert waiting(luz) == []
    with hilo.reading() as unit:
        (request,) = unit.support_requests.of(leader.person.id)
        buttons = hilo.turns.speech(unit, luz.person).buttons
        ids = [buttons.plain("support_one", f"{step}{short_id(request.id)}") for step in "odn"]
    for button in ids:
        luz.press_id(button)
        assert luz.told == words(luz, "staff.not_allowed")
    assert len(hilo.audited("refused")) == 3


@pytest.mark.parametrize("asking", [called, supported])
def test_how_to_reach_her_is_asked_seen_and_shut(hilo: Rig, asking: object) -> None:
    """She writes it after asking; the team opens it, she sees who did; done shuts it; 30 days later it is gone."""
    ana = hilo.facilitator()
    leader = asking(hilo)  # type: ignore[operator]  # one of two functions
    with hilo.unit() as unit:
        unit.people.prefer(leader.person, phone="mine")
    follow(leader, "button.reach", "button.reach_call", "button.reach_no", "button.reach_where")
    leader.say("Con mi tía, 951 000 0000")
    leader.press(words(leader, "button.reach_other"))
    leader.say("Que es del taller")
    assert words(leader, "reach.is.where", said="Con mi tía, 951 000 0000") in leader.told
    (label,) = waiting(ana)
    ana.press(label)
    assert "mi tía" not in (ana.last.text or "")
    ana.press(words(ana, "button.asked_reach"))
    shown = ana.last.text or ""
    assert "Con mi tía, 951 000 0000" in shown
    assert words(ana, "asked.note.call", said=words(ana, "reach.no")) in shown
    assert words(ana, "alert.watched") not in shown
    leader.say("/apoyo")
    leader.press(words(leader, "button.reach"))
    assert "lo abrió Ana" in leader.told
    ana.press(words(ana, "button.return"))
    note = ana.button(words(ana, "button.asked_reach"))
    ana.press(words(ana, "button.asked_done"))
    ana.press_id(*note)
    assert words(ana, "asked.note.shut") in ana.screen()
    leader.say("/apoyo")
    leader.press(words(leader, "button.reach"))
    assert "Ana anotó que ya se hizo" in leader.told
    hilo.advance(days=29)
    hilo.tick()
    assert hilo.count("reach_notes") == 1
    hilo.advance(days=2)
    hilo.tick()

    assert hilo.count("reach_notes") == 0


def test_erased_it_stands_nowhere_any_more(hilo: Rig) -> None:
    """What was typed of it leaves the rows that a page is made of."""
    hilo.facilitator()
    leader = supported(hilo)
    follow(leader, "button.reach", "button.reach_where")
    leader.say("Con mi tía, en la tienda de la esquina")
    with hilo.unit() as unit:
        echo = {"text": "Con mi tía, en la tienda de la esquina"}
        row = unit.outbox.put(clock.new_id(), leader.person, "web", "w", "echo", 0, echo)
        unit.outbox.sent(row, row, unit.now, keep=True)
    assert hilo.rows("SELECT count(*) FROM outbox WHERE kind = 'echo' AND body IS NOT NULL") == [(1,)]
    leader.say("/apoyo")
    follow(leader, "button.reach", "button.reach_drop")

    assert hilo.rows("SELECT count(*) FROM outbox WHERE kind = 'echo' AND body IS NOT NULL") == [(0,)]


def test_it_stays_while_it_is_needed(hilo: Rig) -> None:
    """As long as what she asked for is open, however long that takes; she can erase it at any time."""
    hilo.facilitator()
    leader = supported(hilo)
    follow(leader, "button.reach", "button.reach_call", "button.reach_yes")
    hilo.advance(days=60)
    hilo.tick()
    assert hilo.count("reach_notes") == 1
    leader.say("/apoyo")
    follow(leader, "button.reach", "button.reach_drop")

    assert hilo.count("reach_notes") == 0


def test_what_was_asked_for_before_the_update_is_told_once(hilo: Rig) -> None:
    """An earlier version kept it as an answer and told nobody: each of the team is told at the first look, and once."""
    ana, eva = hilo.facilitator(), hilo.facilitator(nickname="Eva")
    called(hilo)
    with hilo.unit() as unit:  # as such a database has it
        unit.connection.exec_driver_sql("DELETE FROM support_requests")
        unit.connection.exec_driver_sql("DELETE FROM alerts")
        for phone in (ana, eva):
            unit.people.prefer(phone.person, told_of_before=None)
            unit.people.look(phone.person.id, unit.now)
    for phone in (ana, eva):
        phone.look()
    hilo.advance(minutes=1)
    hilo.tick()
    told = words(ana, "notice.before")
    assert [phone.news.count(told) for phone in (ana, eva)] == [1, 1]
    ana.press(words(ana, "menu.read"))
    ana.press(words(ana, "button.read_next"))
    assert "Que me llamen" in (ana.last.text or "")
    for phone in (ana, eva):
        phone.look()
    with hilo.unit() as unit:
        unit.people.look(eva.person.id, unit.now)
    hilo.tick()

    assert told not in eva.told


def test_what_was_asked_for_before_is_found_beside_what_is_noted(hilo: Rig) -> None:
    """What an earlier version kept, and what was noted since, stand in the menu each once and come first."""
    ana = hilo.facilitator()
    early = called(hilo)
    with hilo.unit() as unit:  # as such a database has it
        unit.connection.exec_driver_sql("DELETE FROM support_requests")
        unit.connection.exec_driver_sql("DELETE FROM alerts")
    nothing, late = called(hilo, choice="1"), called(hilo)
    with hilo.reading() as unit:
        queries = ReadingQueries(unit, ana.person)
        people = [person for _, person in queries.unnoted_support()]
        assert early.person.id in people
        assert nothing.person.id not in people
        assert [person for _, person in queries.support()] == [early.person.id, late.person.id]
    ana.say("/menu")
    assert texts().count("today.support", "es", 1, names="Colibrí") in ana.told
    assert texts().count("today.call", "es", 1, names="Colibrí") in ana.told


def test_a_start_writes_down_from_when_on_requests_are_noted(hilo: Rig) -> None:
    """Up to the newest answer of an earlier version everything is looked through; of a fresh one, nothing ever is."""
    ana = hilo.facilitator()
    with hilo.unit() as unit:
        (cohort,) = (each for each in unit.cohorts.list() if not each.practice)
        assert support.noted_from(unit, cohort) is None  # no start has been, and nobody asked for anything
        support.note_from(unit)
        assert support.noted_from(unit, cohort) == 0
        unit.organisation.set({key: value for key, value in unit.organisation.get().items() if "noted" not in key})
    early = called(hilo)
    with hilo.unit() as unit:  # as a database of an earlier version has it
        unit.connection.exec_driver_sql("DELETE FROM support_requests")
        support.note_from(unit)
        newest = unit.unread_said.newest()
        assert support.noted_from(unit, cohort) == newest > 0
    late = called(hilo)
    with hilo.unit() as unit:
        support.note_from(unit)  # a later start changes nothing
        assert support.noted_from(unit, cohort) == newest
        queries = ReadingQueries(unit, ana.person)
        assert [person for _, person in queries.unnoted_support()] == [early.person.id]
        assert [person for _, person in queries.support()] == [early.person.id, late.person.id]


def test_what_is_offered_that_nothing_notes_is_looked_for_everywhere(hilo: Rig) -> None:
    """A dialog of one's own that offers something else at the same question: what is chosen there is found, too."""
    ana, _ = hilo.facilitator(), called(hilo)
    hilo.own.mkdir(exist_ok=True)
    (hilo.own / "seeds.yaml").write_text(SEEDS, "utf-8")
    hilo.again()
    leader = hilo.join()
    hilo.ask(leader, dialog="seeds")
    leader.say("1")
    with hilo.reading() as unit:
        assert (leader.run.id, leader.person.id) in ReadingQueries(unit, ana.person).support()


@pytest.mark.parametrize("press", ["button.alert_mine", "button.asked_done"])
def test_who_takes_it_up_confirms_only_what_stood_there(hilo: Rig, press: str) -> None:
    """What was written after the request is read by itself: neither having read nor having done the one is of it."""
    with hilo.unit() as unit:
        unit.organisation.set({**unit.organisation.get(), **RINGING})
    ana, leader = hilo.facilitator(), hilo.join()
    leader.say("/apoyo")
    leader.press(texts().say("button.look_for_me", "es"))
    ana.say("/avisos")
    ana.press(ana.last.labels[0])
    before = ana.button(texts().say(press, "es"))
    leader.say("Mi marido me pega.")
    ana.press_id(*before)
    with hilo.reading() as unit:
        assert len(unit.alerts.ringing()) == 1
    if press == "button.alert_mine":
        assert "Mi marido me pega." in (ana.last.text or "")
        ana.press(texts().say("button.alert_request", "es"))
        ana.press(texts().say("button.asked_done", "es"))
        assert texts().say("asked.words", "es") in (ana.last.text or "")
        return
    assert texts().say("asked.words", "es") in (ana.last.text or "")
    assert texts().say("button.alert_request", "es") not in ana.last.labels
    ana.press(texts().say("button.asked_words", "es"))
    assert "Mi marido me pega." in (ana.last.text or "")
    ana.press(texts().say("button.alert_mine", "es"))
    ana.say("/avisos")

    assert "Colibrí · aviso" not in ana.told


def looked_for(hilo: Rig) -> Phone:
    """Let somebody whose phone others look at press that they want to be looked for, on the card that a tap opened."""
    leader = hilo.join(seen_by="checked")
    leader.say("/apoyo")
    leader.press(words(leader, "button.look_for_me"))
    return leader


def test_on_a_phone_that_others_see_it_is_asked_by_a_neutral_tap_and_goes(hilo: Rig) -> None:
    """Nothing says what a button leads to; nothing is quoted; words go as they are typed, the screen in two minutes."""
    ana = hilo.facilitator()
    leader = looked_for(hilo)
    assert leader.told == words(leader, "cry.called.watched")
    assert words(leader, "button.reach") not in leader.last.labels
    leader.press(words(leader, "button.reach.watched"))
    assert leader.told == words(leader, "reach.shown.watched")
    leader.press(words(leader, "button.reach_where"))
    hilo.tick()
    assert words(leader, "reach.shown.watched") not in leader.screen()  # one after the other, never two
    leader.say("Con mi tía, 951 000 0000")
    hilo.tick()
    assert "tía" not in leader.screen()
    assert words(leader, "reach.ask.where") not in leader.screen()
    assert words(leader, "reach.is.where", said=words(leader, "chosen.discreet")) in (leader.last.text or "")
    hilo.advance(minutes=3)
    hilo.tick()
    assert words(leader, "reach.shown.watched") not in leader.screen()
    (label,) = waiting(ana)
    ana.press(label)
    assert (ana.last.text or "").startswith(words(ana, "alert.watched"))
    ana.press(words(ana, "button.asked_reach"))

    assert "Con mi tía, 951 000 0000" in (ana.last.text or "")
    assert "tía" not in " ".join(str(row) for row in hilo.rows("SELECT * FROM reach_notes"))


def test_on_a_page_what_was_typed_of_it_is_kept_in_no_row(hilo: Rig) -> None:
    """A page is made of rows here: the words, and the question they answer, leave them at once."""
    hilo.messenger.name = "web"
    hilo.facilitator()
    leader = looked_for(hilo)
    follow(leader, "button.reach.watched", "button.reach_where")
    kept = "SELECT count(*) FROM outbox WHERE kind = ? AND body IS NOT NULL"
    said, shown = (hilo.rows(kept.replace("?", f"'{kind}'"))[0][0] for kind in ("echo", "message"))
    with hilo.reading() as unit:
        newest = thread.newest(unit, leader.chat)
        before = thread.shown(unit, leader.chat, newest)
    leader.say("Con mi tía, 951 000 0000")
    with hilo.reading() as unit:
        news = thread.news(unit, leader.chat, newest, before)
    # The page, which shows her words as sent until they come back, is told that they will not.
    assert news is not None
    assert len(news.taken) == 1

    assert hilo.rows(kept.replace("?", "'echo'")) == [(said,)]
    assert hilo.rows(kept.replace("?", "'message'")) == [(shown,)]  # the question went, and the note is there instead
    assert hilo.count("reach_notes") == 1


def test_whoever_holds_the_phone_later_changes_nothing_of_it(hilo: Rig) -> None:
    """What is written once the question is long gone from the screen is no answer to it."""
    hilo.facilitator()
    leader = looked_for(hilo)
    follow(leader, "button.reach.watched", "button.reach_where")
    hilo.advance(minutes=11)
    leader.say("¿Con quién hablas?")

    assert hilo.count("reach_notes") == 0
    assert words(leader, "home.pass_on") in leader.told


def test_after_a_check_in_it_is_asked_by_a_neutral_tap_as_well(hilo: Rig) -> None:
    """A call that is asked for in a check-in on such a phone; not writing leads back, and nothing is kept."""
    hilo.facilitator()
    leader = hilo.join(seen_by="shared")
    hilo.ask(leader)
    for said in ("2", "Nada.", words(leader, "button.all"), "2"):
        leader.say(said)
    if leader.run.status != "completed":
        leader.press(words(leader, "button.skip"))
    follow(leader, "button.reach.watched", "button.reach_other", "button.rather_not")

    assert leader.last.text == words(leader, "reach.shown.watched")
    assert hilo.count("reach_notes") == 0


def test_too_long_or_cancelled_nothing_is_written(hilo: Rig) -> None:
    """A sentence says how much fits; not writing is one press."""
    hilo.facilitator()
    leader = supported(hilo)
    follow(leader, "button.reach", "button.reach_hour")
    leader.say("a" * 201)
    assert leader.told == words(leader, "reach.long", most=200)
    leader.press(words(leader, "button.return"))
    follow(leader, "button.reach_hour", "button.rather_not")
    leader.say("Mañana")

    assert hilo.count("reach_notes") == 0


def test_who_practises_asks_nobody(hilo: Rig) -> None:
    """One of the team who tries the check-in on her own phone is not on anybody's list."""
    sol = hilo.facilitator(nickname="Sol", cohort=None, role="admin")
    sol.say("/estado")
    sol.press(words(sol, "button.practise"))
    sol.press("2 · 🙁 Bajo")
    sol.say("Nada.")
    sol.press(words(sol, "button.all"))
    sol.press("2 · Que me llamen")

    assert hilo.count("support_requests") == 0


@pytest.mark.parametrize("language", ["es", "en"])
def test_what_is_typed_at_the_call_question_is_kept_there(hilo: Rig, language: str) -> None:
    """A condition is no yes and no answer to what is open beside; a yes that is typed is a yes."""
    phone = hilo.join(language, "Ceiba")
    hilo.facilitator(language)
    hilo.ask(phone)
    phone.say({"es": "/apoyo", "en": "/support"}[language])
    phone.press(words(phone, "button.look_for_me"))
    phone.press(words(phone, "button.reach"))
    phone.press(words(phone, "button.reach_call"))
    condition = {"es": "solo si contesto yo", "en": "only if I pick up"}[language]
    phone.say(condition)
    assert condition in phone.told
    phone.press(words(phone, "button.reach_call"))
    phone.say({"es": "sí", "en": "yes"}[language])

    assert words(phone, "reach.yes") in phone.told
    assert condition in phone.told
    assert hilo.count("asides") == hilo.count("answers") == 0
