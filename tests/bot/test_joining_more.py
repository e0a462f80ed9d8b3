"""More of the way in: doubts, who reads, age, recordings, names that are free, and the first evening."""

from datetime import datetime

import pytest

from storage.outbox import code_letters
from tests.bot.leader import check, words
from tests.bot.phone import Phone
from tests.bot.rig import RECORD, SIERRA, TUESDAY, Rig, texts

FIRST = {"es": "¿Qué se te hace más fácil?", "en": "What is easiest for you?"}


def consenting(hilo: Rig, language: str = "Español") -> Phone:
    """Bring someone to whatever follows the choice of a language."""
    phone = hilo.phone()
    phone.say(f"/start {hilo.invite()}")
    phone.say(language)
    return phone


def asks_age(hilo: Rig, path: str = "person", **words_: str) -> None:
    """Let the organisation ask for age before consent."""
    with hilo.unit() as unit:
        unit.organisation.set({**RECORD, "minors": {"ask": True, "path": path, "words": words_}})
    hilo.advance(minutes=1)


@pytest.mark.parametrize("language", ["Español", "English"])
def test_who_reads_is_named_before_consent(hilo: Rig, language: str) -> None:
    """[¿Quiénes?] stands under the line that counts them, names them, and asks again."""
    hilo.facilitator(nickname="Ana")
    hilo.facilitator(nickname="Luz", cohort="Costa")
    phone = consenting(hilo, language)
    phone.press(words(phone, "button.readers"))

    assert phone.told == words(phone, "join.readers", names="Ana")
    assert words(phone, "button.agree") in phone.last.labels


def test_doubts_reach_the_team_without_anything_else(hilo: Rig) -> None:
    """The team hears that someone has doubts, once; nothing of her is kept but that, and no consent is taken."""
    ana = hilo.facilitator(nickname="Ana")
    phone = consenting(hilo)
    phone.press("Tengo dudas")
    phone.say("tengo dudas")

    assert phone.told == words(phone, "join.doubts.told")
    assert phone.messages == [("to_team", texts().say("join.doubts.note", "es"))]
    assert hilo.count("consents") == 0
    ana.say("/menu")
    letters = code_letters(phone.person.pseudonym)
    called = texts().say("people.unnamed.mentioned", "es", letters=letters)
    waits = texts().count("today.messages", "es", 1, name=called, day="de hoy")
    assert waits in ana.told
    for step in (texts().say("menu.alert", "es"), None):
        ana.press(step or next(label for label in ana.last.labels if letters in label))
    assert texts().say("join.doubts.note", "es") in (ana.last.text or "")
    eva = hilo.facilitator("en", nickname="Eva")
    eva.say("/menu")
    for step in (texts().say("menu.alert", "en"), None):
        eva.press(step or next(label for label in eva.last.labels if letters in label))
    assert texts().say("join.doubts.note", "en") in (eva.last.text or ""), "in the reader's language"
    # A pseudonym alone tells her nothing: when this person came in does.
    assert texts().say("mail.newcomer", "es", day="hoy") in (ana.last.text or "")


def test_age_is_not_asked_unless_the_organisation_does(hilo: Rig) -> None:
    """Without that decision on record the consent follows the language."""
    assert "Sí, quiero participar" in consenting(hilo).last.labels


@pytest.mark.parametrize("said", ["2 · 18 o más", "2", "19", "tengo 30 años"])
def test_whoever_is_of_age_goes_on(hilo: Rig, said: str) -> None:
    """A button, a digit or an age in figures; what is kept is the side of eighteen, and not the age."""
    asks_age(hilo)
    phone = consenting(hilo)
    assert phone.last.labels == ["1 · Menos de 18", "2 · 18 o más"]
    if "·" in said:
        phone.press(said)
    else:
        phone.say(said)

    assert "Sí, quiero participar" in phone.last.labels
    assert phone.person.preferences == {"age": "adult"}


@pytest.mark.parametrize("said", ["1", "16", "tengo 15"])
def test_under_age_leads_to_a_person(hilo: Rig, said: str) -> None:
    """Nobody under age is asked for consent here: the team is told, by nothing but that."""
    asks_age(hilo)
    hilo.facilitator()
    phone = consenting(hilo)
    phone.say(said)

    assert phone.told == words(phone, "join.minor.person")
    assert phone.messages == [("to_team", texts().say("join.minor.note", "es"))]
    for again in ("sí", "acepto", "/start", "/menu", "hola"):
        phone.say(again)
        assert phone.person.participation == "consenting", again
        assert "Sí, quiero participar" not in phone.last.labels
        check(phone)
    assert hilo.count("consents") == 0
    assert hilo.count("runs") == 0


def test_under_age_in_the_organisations_own_words(hilo: Rig) -> None:
    """What the organisation wrote for it is said, and with the path `no` nobody is told."""
    asks_age(hilo, "no", es="Habla con Rosa en la escuela.")
    phone = consenting(hilo)
    phone.say("1")

    assert phone.told == "Habla con Rosa en la escuela."
    assert phone.messages == []


def test_a_wrong_age_is_put_right(hilo: Rig) -> None:
    """Who pressed the wrong side says so, and goes on."""
    asks_age(hilo, "no")
    phone = consenting(hilo)
    phone.say("1")
    phone.press("Me equivoqué de edad")
    phone.press("2 · 18 o más")

    assert "Sí, quiero participar" in phone.last.labels


def test_what_is_no_age_is_asked_again(hilo: Rig) -> None:
    """Words without a figure are no age."""
    asks_age(hilo)
    phone = consenting(hilo)
    phone.say("ya soy grande")

    assert phone.last.labels == ["1 · Menos de 18", "2 · 18 o más"]


def test_old_buttons_do_not_go_around_the_question_of_age(hilo: Rig) -> None:
    """Agreeing by a keyboard from before the organisation asked still asks."""
    phone = consenting(hilo)
    agree = phone.button("Sí, quiero participar")
    asks_age(hilo)
    phone.press_id(*agree)

    assert phone.person.participation == "consenting"
    assert phone.last.labels == ["1 · Menos de 18", "2 · 18 o más"]


def test_who_declined_is_asked_her_age_before_she_agrees_after_all(hilo: Rig) -> None:
    """The way back from a no leads past the same question."""
    phone = consenting(hilo)
    phone.say("no")
    asks_age(hilo)
    phone.press("Sí, quiero participar")
    phone.say("2")
    phone.press("Sí, quiero participar")

    assert phone.person.participation == "naming"


def test_a_recording_is_offered_where_there_is_one(hilo: Rig) -> None:
    """🔊 stands beside a language, and under the consent, only where the file is; a press sends it."""
    hilo.own.mkdir()
    for name in ("language.es.ogg", "consent.es.ogg"):
        (hilo.own / name).write_bytes(b"OggS")
    phone = hilo.phone()
    phone.say(f"/start {hilo.invite()}")
    assert phone.last.labels == ["1 · Español", "🔊", "2 · English"]
    phone.say("Español")
    assert phone.last.labels == ["Sí, quiero participar", "🔊 Oírlo", "Tengo dudas", "No, gracias"]
    phone.press("🔊 Oírlo")

    assert words(phone, "join.heard") in phone.told
    phone.say("English")
    phone.press("2 · English")
    assert "🔊 Listen" not in phone.last.labels


def test_a_picked_name_is_nobody_elses(hilo: Rig) -> None:
    """Whoever has a name picked for her gets one that no one of her group has, thirty people long."""
    names = []
    for _ in range(30):
        phone = consenting(hilo)
        phone.say("sí")
        phone.press("Escoge uno por mí")
        names.append(phone.person.nickname)

    assert len(set(names)) == 30
    assert all(names)


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_first_questions_come_the_next_evening(hilo: Rig, language: str) -> None:
    """That is all for the first day; at seven the next evening they are offered, once, and not before."""
    phone = hilo.join(language)
    hilo.advance(hours=33, minutes=59)
    hilo.tick()
    assert phone.news == []
    hilo.advance(minutes=1)
    for _ in range(3):
        hilo.tick()
        hilo.advance(minutes=1)

    assert len(phone.news) == 1
    phone.press("Sí, ahora" if language == "es" else "Yes, now")
    assert FIRST[language] in phone.told


def test_the_first_questions_can_be_now(hilo: Rig) -> None:
    """[Mejor ahora] begins them, and the next evening stays quiet."""
    phone = hilo.join()
    phone.press("Mejor ahora")
    assert FIRST["es"] in phone.told
    while phone.run.status != "completed":
        phone.press("Saltar")
    phone.look()
    hilo.advance(days=2)
    hilo.tick()

    assert phone.news == []


def test_the_first_questions_wait_for_the_floor(hilo: Rig) -> None:
    """While something else is open they are not pushed in between."""
    phone = hilo.join()
    hilo.advance(hours=33)
    hilo.ask(phone)
    phone.look()
    hilo.advance(hours=1)
    hilo.tick()

    assert phone.news == []


def test_what_was_promised_is_said_in_words(hilo: Rig) -> None:
    """The hour is told as people tell it."""
    phone = hilo.phone()
    phone.say(f"/start {hilo.invite()}")
    phone.say("Español")
    phone.say("sí")
    phone.say("Ceiba")

    assert "Mañana a las 7 de la tarde te hago unas preguntas" in phone.told
    assert datetime.fromisoformat(phone.person.preferences["welcome_at"]) > TUESDAY


def test_commands_count_on_the_way_in(hilo: Rig) -> None:
    """Erasing and choosing another language can be asked for before there is a yes."""
    phone = consenting(hilo)
    phone.say("/idioma")
    assert "2 · English" in phone.last.labels
    phone.say("/borrar")

    assert words(phone, "button.erase_all_sure") in phone.last.labels


def test_the_groups_own_languages_come_first(hilo: Rig) -> None:
    """A group that speaks Nahuatl sees it on top, by its own name."""
    hilo.cohort("Huasteca", ("nhe", "es"))
    phone = hilo.phone()
    phone.say(f"/start {hilo.invite(cohort='Huasteca')}")

    assert phone.last.labels[0] == "1 · Nauatl (Huasteca oriental)"
    assert SIERRA not in phone.screen()


@pytest.mark.parametrize(
    ("said", "nickname"),
    [
        ("saltar", None),
        ("No, gracias", None),
        ("no", None),
        ("más tarde", None),
        ("No me digas", "No me digas"),
        ("7", "7"),
        ("${x} <b>{}</b>", "${x} <b>{}</b>"),
    ],
)
def test_a_no_is_nobodys_name(hilo: Rig, said: str, nickname: str | None) -> None:
    """Typed instead of pressed, a no or a skip leaves her without a nickname; anything else is one, as it stands."""
    phone = consenting(hilo)
    phone.say("sí")
    phone.say(said)

    assert phone.person.participation == "active"
    assert phone.person.nickname == nickname


def test_what_stands_on_the_button_picks_a_name(hilo: Rig) -> None:
    """Typed as it stands, "pick one for me" picks one."""
    phone = consenting(hilo)
    phone.say("sí")
    phone.say("escoge uno por mi")

    assert phone.person.nickname in words(phone, "join.nicknames").split(", ")


@pytest.mark.parametrize("said", ["ayuda", "menú", "para qué"])
def test_a_plain_word_is_nobodys_name(hilo: Rig, said: str) -> None:
    """A word that asks for something is no name: she is asked again."""
    phone = consenting(hilo)
    phone.say("sí")
    phone.say(said)

    assert phone.told == words(phone, "join.name")
    assert phone.person.participation == "naming"


@pytest.mark.parametrize("said", ["no", "Mejor no"])
def test_a_no_leaves_the_name_she_had(hilo: Rig, said: str) -> None:
    """Asked in the menu for another nickname, a typed no keeps the old one."""
    phone = hilo.join(nickname="Ceiba")
    phone.say("/menu")
    for code in ("button.how", "button.nickname"):
        phone.press(words(phone, code))
    phone.say(said)

    assert phone.told == words(phone, "leader.words.cancelled")
    assert phone.person.nickname == "Ceiba"


def test_the_menu_is_no_name(hilo: Rig) -> None:
    """Asked for another nickname, "menú" leads to the menu."""
    phone = hilo.join(nickname="Ceiba")
    phone.say("/menu")
    for code in ("button.how", "button.nickname"):
        phone.press(words(phone, code))
    phone.say("menú")

    assert phone.told == words(phone, "home")
    assert phone.person.nickname == "Ceiba"


@pytest.mark.parametrize("role", ["admin", "facilitator", "translator"])
@pytest.mark.parametrize("language", ["Español", "English"])
def test_each_of_the_team_is_told_what_she_is_invited_to(hilo: Rig, language: str, role: str) -> None:
    """An admin is not told that she facilitates, nor a translator that she reads."""
    phone = hilo.phone()
    phone.say(f"/start {hilo.invite(role, SIERRA if role == 'facilitator' else None)}")
    phone.say(language)

    assert words(phone, f"join.staff.{role}") in phone.told
