"""The menu: everything that is hers by buttons, on screens that fit a phone and always lead on."""

import asyncio
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import amounts
from tests.bot.house import named
from tests.bot.leader import LANGUAGES, LONGEST, ROWS, answered, check, follow, words
from tests.bot.ready import keep_safe
from tests.bot.rig import RECORD, Rig, texts

LONG = 30  # characters of a nickname at most
WHY = "Para acompañar lo que pasa entre un taller y otro."


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_menu_has_everything_on_one_screen(hilo: Rig, language: str) -> None:
    """Eight rows at most hold her answers, what for and who, her ways, rest, the team, support and help."""
    phone = answered(hilo, language)
    phone.say("/menu")
    check(phone)
    expected = ["mine", "know", "how", "rest", "team", "support", "help"]

    assert phone.last.labels[1:] == [words(phone, f"button.{each}") for each in expected]
    assert len(phone.last.keyboard) <= ROWS


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_screen_leads_on_and_fits(hilo: Rig, language: str) -> None:
    """Each screen of each part of the menu can be reached by buttons alone, in each way of speaking."""
    phone = answered(hilo, language)
    for path in (
        ("mine",),
        ("know", "purposes"),
        ("know", "who"),
        ("know", "agreement"),
        ("how", "languages"),
        ("how", "hours"),
        ("how", "voice"),
        ("how", "gender"),
        ("how", "phone"),
        ("how", "nickname"),
        ("rest", "pause"),
        ("rest", "leave"),
        ("team",),
        ("support",),
        ("help",),
    ):
        phone.say("/menu")
        follow(phone, *(f"button.{each}" for each in path))


def test_a_menu_changes_in_place(hilo: Rig) -> None:
    """Going through the menu leaves one message behind, not one for every press."""
    phone = answered(hilo)
    phone.say("/menu")
    before = len(phone.heard)
    follow(phone, "button.know", "button.who", "button.agreement", "button.menu", "button.how", "button.hours")

    assert len(phone.heard) == before


def test_a_screen_whose_message_is_no_more_is_shown_anew(hilo: Rig) -> None:
    """Whoever presses a button and then clears the chat still sees what she asked for, and goes on from there."""
    phone = answered(hilo)
    phone.say("/menu")
    pressed = phone.button(words(phone, "button.know"))
    asyncio.run(hilo.messenger.delete(phone.chat, [phone.last.order]))
    phone.press_id(*pressed)
    assert phone.told == words(phone, "leader.know")
    shown = len(phone.heard)
    follow(phone, "button.menu", "button.how")

    assert len(phone.heard) == shown


def test_an_old_menu_is_not_changed_out_of_sight(hilo: Rig) -> None:
    """A button of a menu further up answers below, where she looks."""
    phone = answered(hilo)
    phone.say("/menu")
    old = phone.button(words(phone, "button.know"))
    phone.say("/ayuda")
    phone.press_id(*old)

    assert phone.told == words(phone, "leader.know")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_for_names_each_purpose(hilo: Rig, language: str) -> None:
    """Why there is a chat, and the purpose of what she was asked, in the words it was ordered with."""
    with hilo.unit() as unit:
        unit.organisation.set({**RECORD, "why": WHY})
    hilo.advance(minutes=1)
    phone = answered(hilo, language)
    phone.say("/why")

    assert WHY in phone.told
    assert "Para saber cómo va la semana de cada quien." in phone.told
    check(phone)


def test_what_for_before_anything_was_asked(hilo: Rig) -> None:
    """Who was asked nothing yet is told so, where the organisation has not written why there is a chat."""
    with hilo.unit() as unit:
        unit.organisation.set({**RECORD, "why": ""})
    phone = hilo.join()
    phone.say("para qué")

    assert phone.told == words(phone, "leader.purposes.none")


def test_who_reads_names_them_and_who_has_read(hilo: Rig) -> None:
    """She sees who may read, and by whom and on which day the answers of what she was asked were opened."""
    ana = hilo.facilitator(nickname="Ana")
    phone = answered(hilo)
    phone.say("quién lee")
    assert "Pueden leer: Ana." in phone.told
    assert words(phone, "leader.who.unread") in phone.told
    ana.say("/leer")
    ana.press(ana.last.labels[0])
    hilo.advance(days=1)
    ana.press("Cerrar")
    phone.say("/quien")

    assert "· Ana, «¿Cómo vas?», 24 nov" in phone.told
    assert phone.told.count("· Ana") == 1
    check(phone)


def test_who_has_read_others_answers_is_not_told(hilo: Rig) -> None:
    """What was read of a group she is not in is none of hers."""
    ana = hilo.facilitator(nickname="Ana", cohort=None, role="admin")
    other = hilo.join(nickname="Nopal", cohort="Costa")
    hilo.ask(other, cohort="Costa")
    other.say("2")
    ana.say("/leer")
    ana.press(ana.last.labels[0])
    phone = answered(hilo)
    phone.say("/quien")

    assert words(phone, "leader.who.unread") in phone.told


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_agreement_is_shown_in_the_very_words(hilo: Rig, language: str) -> None:
    """What she agreed to is shown as she was shown it, whatever the record says today."""
    phone = answered(hilo, language)
    with hilo.reading() as unit:
        (consent,) = unit.consents.of(phone.person)
    with hilo.unit() as unit:
        unit.organisation.set({**RECORD, "name": "Casa Raíz", "retention_months": 60})
    hilo.advance(minutes=1)
    phone.say("/agreement")
    check(phone)
    shown = phone.news[0]
    phone.press(words(phone, "button.next"))
    shown += f" {phone.news[0]}"

    assert consent.text is not None
    assert " ".join(consent.text.split()) in " ".join(shown.split())


def test_tu_and_usted_are_chosen_like_a_language(hilo: Rig) -> None:
    """Usted stands beside Spanish in the list, and everything after is said in it."""
    phone = hilo.join()
    phone.say("idioma")
    phone.press("Español (de usted)")
    phone.say("pausar")

    assert phone.person.language == "es-usted"
    assert phone.person.preferences["register"] == "usted"
    phone.press("Yo le aviso")
    assert "usted diga" in (phone.last.text or "")


@pytest.mark.parametrize("language", ["es", "en"])
def test_hours_are_toggled_and_kept(hilo: Rig, language: str) -> None:
    """Each part of the day is ticked and unticked by its button; none means any hour of the day."""
    phone = hilo.join(language)
    phone.say("/hours")
    evening, weekend = words(phone, "leader.hours.evening"), words(phone, "leader.hours.weekend")
    phone.press(evening)
    phone.press(weekend)
    assert f"✓ {evening}" in phone.last.labels
    assert phone.person.preferences["hours"] == ["evening", "weekend"]
    phone.press(f"✓ {evening}")
    phone.press(f"✓ {weekend}")

    assert phone.person.preferences["hours"] == []
    assert words(phone, "leader.hours.any") in (phone.last.text or "")


def test_reading_or_listening_is_chosen(hilo: Rig) -> None:
    """Her choice is ticked and kept as the first dialog would keep it."""
    phone = hilo.join()
    phone.say("voz")
    phone.press("Oír y hablar")

    assert "✓ Oír y hablar" in phone.last.labels
    assert phone.person.preferences["form"] == "listen"


def test_the_form_that_fits_is_chosen(hilo: Rig) -> None:
    """What she said on her first day stands ticked, and can be changed from the menu."""
    phone = hilo.join()
    with hilo.unit() as unit:
        unit.people.prefer(phone.person, gender="any")
    phone.say("/menu")
    follow(phone, "button.how", "button.gender")
    assert "✓ Me da igual" in phone.last.labels
    phone.press("En femenino")

    assert "✓ En femenino" in phone.last.labels
    assert phone.person.preferences["gender"] == "feminine"


def test_a_new_nickname_is_written_or_picked(hilo: Rig) -> None:
    """She is called as she writes, or by a name that nobody in her group has."""
    phone = hilo.join(nickname="Colibrí")
    phone.say("/menu")
    follow(phone, "button.how", "button.nickname")
    phone.say("Flor de mayo")
    assert phone.person.nickname == "Flor de mayo"
    phone.press("Menú")
    follow(phone, "button.how", "button.nickname", "button.pick")

    assert phone.person.nickname in texts().say("join.nicknames", "es").split(", ")


def test_the_chat_is_tidied_on_request(hilo: Rig) -> None:
    """What the bot said in the last two days leaves the chat; what she wrote and what is older stays."""
    phone = hilo.join()
    old = [message.order for message in phone.heard]
    hilo.advance(hours=49)
    phone.say("/apoyo")
    phone.say("/limpiar")

    assert [message.text for message in phone.heard if message.order not in old] == [words(phone, "leader.tidied")]
    assert {message.order for message in phone.heard} > set(old)
    assert hilo.rows("SELECT count(*) FROM outbox WHERE kind = 'delete' AND state = 'sent'") == [(1,)]


def test_the_web_page_is_tidied_at_once(hilo: Rig) -> None:
    """Where the mailbox is the chat, its words go with the same tap."""
    hilo.messenger.name = "web"
    phone = hilo.join()
    phone.say("/limpiar")
    with hilo.reading() as unit:
        shown = [said.body["text"] for said in unit.outbox.latest("web", phone.chat, 100)]

    assert shown == [words(phone, "leader.tidied")]


def test_support_is_there_in_every_state(hilo: Rig) -> None:
    """The care card is shown before language and consent, while naming, active, paused, left, and just erased."""
    card = RECORD["care_card"]["es"]
    phone = hilo.phone("es")
    for step in (f"/start {hilo.invite()}", "Español", "no", "sí quiero", "Ceiba", "/pausa", "/seguir", "/salir"):
        phone.say(step)
        if step == "/pausa":
            phone.press("Una semana")
        if step == "/salir":
            phone.press("Sí, me salgo")
        for asked in ("/apoyo", "necesito apoyo", "APOYO"):
            phone.say(asked)
            assert phone.last.text == card, (step, asked)
    phone.say("/borrar")
    follow(phone, "button.erase_all")
    phone.press("Sí, borra todo")
    phone.press("Necesito apoyo")

    assert phone.last.text == card
    assert phone.last.labels == ["Necesito apoyo"]


def test_who_works_here_and_takes_part_has_both(hilo: Rig) -> None:
    """A facilitator who is in a group as well finds what is hers one press away."""
    phone = hilo.facilitator()
    phone.say(f"/start {hilo.invite(cohort='Costa')}")
    phone.press("Sí, quiero participar")
    phone.say("/menu")
    check(phone)
    follow(phone, "button.leader")

    assert phone.last.labels[:2] == ["Mis respuestas", "¿Quién lee y para qué?"]


class Walk:
    """Someone who presses whatever is there, and writes what nobody expects."""

    WORDS = ("menú", "pausa", "saltar", "hola", "2", "", "/borrar", "/paraque", "ya no", "seguir", "más tarde")

    def __init__(self, folder: Path, language: str) -> None:
        self.hilo = Rig(folder)
        self.hilo.facilitator()
        self.phone = answered(self.hilo, language)
        self.phone.say("/menu")

    def step(self, choice: int) -> bool:
        """Press one of the newest buttons, or write, or let time pass; False once she is erased."""
        phone, buttons = self.phone, [button for row in self.phone.last.keyboard for button in row]
        kind, which = choice % 8, choice // 8
        if kind == 0:
            phone.say(self.WORDS[which % len(self.WORDS)] or "…")
        elif kind == 1:
            self.hilo.advance(hours=which % 30)
            self.hilo.tick()
        elif kind == 2 and phone.person.participation == "active":
            self.hilo.order()
            self.hilo.tick()
        else:
            phone.press_id(buttons[which % len(buttons)].id, phone.last.order)
        check(phone)
        return self.hilo.rows("SELECT count(*) FROM person_addresses") == [(2,)]


@settings(max_examples=amounts.WALKS.value // 4, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(LANGUAGES), st.lists(st.integers(0, 2000), min_size=5, max_size=40))
def test_whatever_she_presses_leads_on(language: str, choices: list[int]) -> None:
    """No press, word or hour in any order raises, leaves her without a button, or makes a screen that does not fit."""
    with tempfile.TemporaryDirectory() as folder:
        walk = Walk(Path(folder), language)
        for choice in choices:
            if not walk.step(choice):
                break
        walk.hilo.close()


@pytest.mark.parametrize("language", ["es", pytest.param("en", marks=pytest.mark.proof)])
def test_with_long_names_every_screen_fits_as_well(bare: Rig, language: str) -> None:
    """However long organisation, group, team and she are called, a screen has at most 500 characters."""
    with bare.unit() as unit:
        unit.organisation.set({**RECORD, "name": named(3)})
        keep_safe(unit)
    for place in (5, 6, 7):
        bare.facilitator(nickname=named(place)[:LONG], cohort=named(1))
    phone = bare.join(language, named(9)[:LONG], cohort=named(1))
    bare.ask(phone, cohort=named(1))
    phone.say("2")
    phone.say("Hubo junta.")
    phone.press(words(phone, "button.all"))
    phone.say("1")
    for path in (
        ("mine",),
        ("know", "purposes"),
        ("know", "who"),
        ("know", "agreement"),
        ("how", "languages"),
        ("how", "hours"),
        ("how", "nickname"),
        ("rest", "pause"),
        ("rest", "leave"),
        ("team",),
        ("support",),
        ("help",),
    ):
        phone.say("/menu")
        follow(phone, *(f"button.{each}" for each in path))
    long = {message.text: len(message.text or "") for message in phone.heard if len(message.text or "") > LONGEST}

    assert long == {}
