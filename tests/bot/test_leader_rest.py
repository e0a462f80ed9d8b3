"""Pausing, coming back and leaving: at once, by buttons or words, and never into a corner."""

import pytest

from bot.messengers.port import Kind
from tests.bot.leader import answered, check, follow, words
from tests.bot.phone import Phone
from tests.bot.rig import Rig


def paused(hilo: Rig, language: str = "es", span: str = "Una semana") -> Phone:
    """Bring in someone who paused."""
    phone = hilo.join(language)
    phone.say("/pause")
    phone.press(span)
    assert phone.person.participation == "paused"
    return phone


def left(hilo: Rig) -> Phone:
    """Bring in someone who answered and left."""
    phone = answered(hilo)
    phone.say("/salir")
    follow(phone, "button.leave_sure")
    assert phone.person.participation == "left"
    return phone


def test_a_pause_names_its_day_and_nothing_is_asked(hilo: Rig) -> None:
    """She chooses how long, hears until when, and gets nothing before."""
    hilo.join(nickname="Nopal")
    phone = paused(hilo)
    assert "hasta el martes 1 de diciembre" in (phone.last.text or "")
    hilo.order()
    with hilo.reading() as unit:
        assert phone.person.id not in unit.memberships.active(hilo.cohort())
    phone.look()
    hilo.tick()

    assert phone.news == []


@pytest.mark.parametrize(("language", "span"), [("es", "Dos semanas"), ("en", "Two weeks")])
def test_a_pause_ends_by_itself_on_its_day(hilo: Rig, language: str, span: str) -> None:
    """On the morning of that day, at her hour, she is greeted, and may pause again."""
    phone = paused(hilo, language, span)
    phone.look()
    hilo.advance(days=13, hours=22)
    hilo.tick()
    assert phone.news == []
    hilo.advance(hours=2)
    hilo.tick()

    assert phone.told == words(phone, "leader.pause.over")
    assert phone.person.participation == "active"
    check(phone)
    follow(phone, "button.pause_more")


def test_a_pause_without_a_day_ends_when_she_says_so(hilo: Rig) -> None:
    """However long it lasts, she is not called; one word brings her back."""
    phone = paused(hilo, span="Yo te aviso")
    phone.look()
    hilo.advance(days=300)
    hilo.tick()
    assert phone.news == []
    phone.say("seguir")

    assert phone.told == words(phone, "leader.resumed")
    assert phone.person.participation == "active"


def test_what_was_stopped_can_be_gone_on_with(hilo: Rig) -> None:
    """Whoever stopped half-way and says so goes on where she was."""
    phone = hilo.join()
    hilo.ask(phone)
    phone.say("2")
    phone.say("/parar")
    phone.say("/seguir")

    assert phone.run.status == "open"
    assert "2 de 4" in phone.told


def test_coming_back_finds_the_open_question_again(hilo: Rig) -> None:
    """Who pauses in the middle of a question goes on with it."""
    phone = hilo.join()
    hilo.ask(phone)
    phone.say("2")
    phone.say("/pausa")
    phone.press("Un mes")
    phone.press("Ya quiero seguir")

    assert "2 de 4" in phone.told


def test_old_buttons_while_paused_answer_nothing_and_lead_back(hilo: Rig) -> None:
    """A question's button does not go unanswered in silence: she hears that she pauses, and how to go on."""
    phone = hilo.join()
    hilo.ask(phone)
    old = phone.button("2 · 🙁 Bajo")
    phone.say("/pausa")
    phone.press("Una semana")
    phone.press_id(*old)

    assert words(phone, "button.unpause") in phone.last.labels
    assert hilo.count("answers") == 0


def test_words_while_paused_are_not_lost(hilo: Rig) -> None:
    """What she says is offered to the team."""
    phone = paused(hilo)
    phone.say("Se cayó el puente.")

    assert phone.told == words(phone, "home.pass_on")
    assert phone.messages == [("held", "Se cayó el puente.")]


@pytest.mark.parametrize("kind", [Kind.STICKER, Kind.VOICE, Kind.PHOTO, Kind.OTHER])
def test_whatever_is_sent_while_away_leads_on(hilo: Rig, kind: Kind) -> None:
    """A sticker or a voice note of someone who paused or left is answered by where she stands."""
    for phone in (paused(hilo), left(hilo)):
        phone.send(kind, file="abc")
        check(phone)
        assert hilo.rows("SELECT count(*) FROM answers WHERE person_id = ?", phone.person.id.hex)[0][0] in {0, 4}


def test_a_paused_person_has_everything_else(hilo: Rig) -> None:
    """Her answers, who reads, her ways, the team, support and erasure are hers on a pause as well."""
    phone = paused(hilo)
    for command in ("/misdatos", "/quien", "/horario", "/equipo", "/apoyo", "/borrar", "/acuerdo", "/ayuda", "/salir"):
        phone.say(command)
        check(phone)
        assert phone.told != words(phone, "home.paused.until", day="martes 1 de diciembre"), command


@pytest.mark.parametrize("command", ["/salir", "/leave"])
def test_leaving_takes_two_taps_and_ends_what_was_open(hilo: Rig, command: str) -> None:
    """Nothing is asked any more, open and stopped runs are over, and the consent is withdrawn, append-only."""
    phone = hilo.join()
    hilo.ask(phone)
    phone.say("2")
    phone.say(command)
    assert phone.person.participation == "active"
    follow(phone, "button.leave_sure")

    assert phone.person.participation == "left"
    assert phone.run.status == "expired"
    with hilo.reading() as unit:
        given, withdrawn = unit.consents.of(phone.person)
    assert (given.action, withdrawn.action) == ("given", "withdrawn")
    assert withdrawn.text == given.text
    assert words(phone, "button.erase_all") in phone.last.labels


def test_withdrawing_what_she_agreed_to_stops_all_prompts(hilo: Rig) -> None:
    """From the agreement's own screen: after the second tap no broadcast reaches her."""
    phone = answered(hilo)
    phone.say("/acuerdo")
    follow(phone, "button.withdraw", "button.withdraw_sure")
    phone.look()
    hilo.join(nickname="Nopal")
    hilo.order()
    hilo.tick()

    assert phone.news == []
    assert phone.person.participation == "left"


def test_after_leaving_nothing_becomes_an_answer(hilo: Rig) -> None:
    """Old buttons, old questions replied to, plain words and commands change no answer and begin no run."""
    phone = answered(hilo)
    mood, change = phone.button("Menú"), phone.button("Cambiar")
    question = next(message.order for message in phone.heard if "2 de 4" in (message.text or ""))
    phone.say("/salir")
    follow(phone, "button.leave_sure")
    before = hilo.rows("SELECT id, revision FROM answers ORDER BY id"), hilo.count("runs")
    for button in (mood, change):
        phone.press_id(*button)
        check(phone)
    phone.say("otra cosa", reply_to=question)
    for said in ("/seguir", "/pausa", "seguir", "pausa", "/paraque", "/luego", "/preguntar", "menú", "cambiar"):
        phone.say(said)
        check(phone)
        assert phone.person.participation == "left", said

    assert (hilo.rows("SELECT id, revision FROM answers ORDER BY id"), hilo.count("runs")) == before


def test_after_leaving_an_old_button_of_the_menu_shows_the_way_back(hilo: Rig) -> None:
    """What only participants can choose is not asked of her any more."""
    phone = hilo.join()
    phone.say("/menu")
    follow(phone, "button.how")
    hours = phone.button(words(phone, "button.hours"))
    phone.say("/salir")
    follow(phone, "button.leave_sure")
    phone.press_id(*hours)

    assert words(phone, "button.come_back") in phone.last.labels


def test_after_leaving_her_answers_are_still_hers(hilo: Rig) -> None:
    """She sees them and erases them."""
    phone = left(hilo)
    phone.press("Mis respuestas")
    phone.press(phone.last.labels[0])
    follow(phone, "button.erase_run", "button.erase_sure")

    assert hilo.count("answers") == 0


def test_who_left_can_come_back_and_is_asked_anew(hilo: Rig) -> None:
    """Coming back takes a new yes; her name is still hers."""
    phone = left(hilo)
    phone.press("Volver a participar")
    assert "Sí, quiero participar" in phone.last.labels
    assert phone.person.participation == "consenting"
    phone.press("Sí, quiero participar")

    assert phone.person.participation == "active"
    assert phone.person.nickname == "Colibrí"
    with hilo.reading() as unit:
        assert [each.action for each in unit.consents.of(phone.person)] == ["given", "withdrawn", "given"]


@pytest.mark.parametrize("had", [True, False])
def test_who_comes_back_is_promised_the_first_questions_only_if_they_come(hilo: Rig, had: bool) -> None:
    """Whoever had them before is welcomed back; the others are told when they come."""
    phone = hilo.join()
    if had:
        phone.press("Mejor ahora")
    phone.say("/salir")
    follow(phone, "button.leave_sure", "button.come_back", "button.agree")
    assert (phone.told == words(phone, "leader.resumed")) is had
    assert ("Mejor ahora" in phone.last.labels) is not had
    hilo.advance(days=2)
    hilo.tick()

    assert ("preguntas cortas" in phone.told) is not had


def test_who_works_here_leaves_the_group_and_keeps_the_role(hilo: Rig) -> None:
    """A facilitator who takes part leaves as a participant alone."""
    phone = hilo.facilitator()
    phone.say(f"/start {hilo.invite(cohort='Costa')}")
    phone.press("Sí, quiero participar")
    phone.say("/salir")
    follow(phone, "button.leave_sure")
    with hilo.reading() as unit:
        assert list(unit.memberships.of(phone.person.id)) == []
        assert [role.role for role in unit.roles.of(phone.person.id)] == ["facilitator"]

    assert phone.person.participation == "active"
    phone.say("/leer")
    assert words(phone, "staff.not_allowed") not in phone.told


def test_who_only_works_here_has_nothing_to_leave(hilo: Rig) -> None:
    """She is told who takes a role back."""
    phone = hilo.facilitator()
    for command in ("/salir", "/pausa", "ya no"):
        phone.say(command)
        assert phone.told == words(phone, "leader.rest.staff")
    assert phone.person.participation == "active"


def test_enough_is_enough(hilo: Rig) -> None:
    """«Ya no» shows both ways at once, in the middle of a question with choices too."""
    phone = hilo.join()
    hilo.ask(phone)
    phone.say("ya no")

    assert phone.last.labels == ["Descansar un tiempo", "Salirme", "Menú"]
