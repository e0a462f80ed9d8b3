"""Nobody may think that a program looks at a voice note, a picture, or words in a language without a list."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.messengers.port import Kind
from tests.bot import samples
from tests.bot.leader import words
from tests.bot.rig import Phone, Rig
from tests.bot.walker import Roads

STORY = "Tlen panok nochi tonalmej."


@pytest.fixture
def roads(tmp_path: Path) -> Iterator[Roads]:
    """An installation that fetches voice notes and photos."""
    roads = Roads(tmp_path)
    yield roads
    roads.close()


def give(roads: Roads, phone: Phone, kind: Kind = Kind.VOICE, seconds: int = 24) -> None:
    """Send a voice note or a photo."""
    phone.look()
    content = samples.ogg() if kind is Kind.VOICE else samples.jpeg()
    roads.messenger.give_file(phone.chat, kind, content, seconds=seconds if kind is Kind.VOICE else None)
    roads.settle()


def at_the_week(roads: Roads, language: str = "es") -> Phone:
    """Bring someone to the check-in's open question."""
    phone = roads.join(language)
    roads.ask(phone)
    phone.say("2")
    return phone


def speaker(roads: Roads) -> Phone:
    """Bring in somebody who speaks Nahuatl, up to the check-in's open question."""
    phone = roads.phone()
    phone.say(f"/start {roads.invite()}")
    phone.say("Nahuatl")
    phone.press(words(phone, "button.agree"))
    phone.press(words(phone, "button.skip"))
    roads.order()
    roads.tick()
    phone.press(words(phone, "button.start"))
    phone.say("2")
    return phone


@pytest.mark.parametrize(("language", "day"), [("es", "jueves"), ("en", "Thursday")])
@pytest.mark.parametrize(("kind", "code"), [(Kind.VOICE, "voice"), (Kind.PHOTO, "photo")])
def test_it_is_told_when_a_person_hears_it(roads: Roads, language: str, day: str, kind: Kind, code: str) -> None:
    """On a Tuesday, a voice note is answered with the day, Thursday, and with where to turn if it cannot wait."""
    phone = at_the_week(roads, language)
    give(roads, phone, kind)

    assert words(phone, f"unlooked.{code}.on", day=day) in phone.told
    assert words(phone, "button.support") in phone.last.labels
    phone.press(words(phone, "button.support"))
    assert "555 0101" in phone.told


def test_on_the_day_itself_no_day_is_promised(roads: Roads) -> None:
    """On a reading day, and where no day is on record, it is only said that no program listens."""
    roads.advance(days=2)
    phone = at_the_week(roads)
    give(roads, phone)
    assert words(phone, "unlooked.voice") in phone.told
    assert "jueves" not in phone.told

    with roads.unit() as unit:
        unit.organisation.set({**unit.organisation.get(), "reading_days": []})
    give(roads, phone)
    assert words(phone, "unlooked.voice") in phone.told


def test_also_to_a_question_with_buttons(roads: Roads) -> None:
    """What is kept beside a question is told about in the same way."""
    phone = roads.join()
    roads.ask(phone)
    give(roads, phone)

    assert words(phone, "unlooked.voice.on", day="jueves") in phone.told
    assert words(phone, "button.support") in phone.last.labels


def test_also_what_goes_to_the_team(roads: Roads) -> None:
    """A voice note sent to the team, asked for or passed on, is answered so; one that is not passed on is not."""
    phone = roads.join()
    phone.say("/equipo")
    give(roads, phone)
    assert words(phone, "unlooked.voice.on", day="jueves") in phone.told
    assert words(phone, "button.support") in phone.last.labels

    give(roads, phone)
    phone.press(words(phone, "button.no"))
    assert words(phone, "unlooked.voice.on", day="jueves") not in phone.told
    give(roads, phone)
    phone.press(words(phone, "button.yes"))
    assert words(phone, "home.passed_on") in phone.told
    assert words(phone, "unlooked.voice.on", day="jueves") in phone.told


def test_words_that_are_looked_at_get_no_such_line(roads: Roads) -> None:
    """Whoever writes Spanish is not told that no program looks."""
    phone = at_the_week(roads)
    phone.say("Hubo junta.")

    assert "ningún programa" not in phone.told
    assert words(phone, "button.support") not in phone.last.labels


def test_a_language_without_a_list(roads: Roads) -> None:
    """Who speaks a language without words of danger hears once a conversation that a person reads it, and when."""
    roads.cohort("Sierra Norte", ("nah", "es", "en"))
    phone = speaker(roads)
    line = words(phone, "unlooked.words.on", language="Nahuatl", day="jueves")
    phone.say(STORY)
    assert line in phone.told
    assert words(phone, "button.support") in phone.last.labels
    phone.say(STORY)
    assert line not in phone.told
    phone.say("/quien")
    assert line in phone.told
    assert words(phone, "join.watched") not in phone.told

    with roads.unit() as unit:
        unit.organisation.set({**unit.organisation.get(), "danger_words": {"nah": ["nechmaga"]}})
    other = speaker(roads)
    other.say(STORY)
    assert "ningún programa" not in other.told


def test_unheard_voice_comes_first_in_the_summary(roads: Roads) -> None:
    """Before anything else that waits: minutes that were not heard, in answers, beside them and in messages."""
    ana = roads.facilitator()
    phone = roads.join()
    roads.ask(phone)
    give(roads, phone, seconds=50)
    give(roads, phone, seconds=50)
    phone.press(words(phone, "button.all"))
    phone.say("/equipo")
    give(roads, phone, seconds=50)
    ana.say("/menu")
    for code in ("menu.more", "menu.digest", "button.digest_now"):
        ana.press(words(ana, code))

    lines = (ana.last.text or "").splitlines()
    assert lines[1].startswith("· Primero, lo que no has oído: 3 minutos de audio.")


def test_a_rehearsal_says_nothing_of_it(hilo: Rig) -> None:
    """What one of the team tries is kept nowhere, and nobody hears it."""
    ana = hilo.facilitator()
    with hilo.unit() as unit:
        dialog = hilo.content.dialog("check_in")
        hilo.turns.begin(unit, ana.person, dialog, "staff", offer=False, rehearsal={"why": {"es": "※"}})
    hilo.send()
    hilo.messenger.files["abc"] = samples.ogg()
    ana.send(Kind.VOICE, file="abc")

    assert "audios" not in ana.told


def test_the_consent_speaks_of_words_of_danger_only_where_there_is_a_list(roads: Roads) -> None:
    """Who speaks a language without one agrees to what is so; once the team has a list, she is asked again."""
    roads.cohort("Sierra Norte", ("nah", "es", "en"))
    phone = roads.phone()
    phone.say(f"/start {roads.invite()}")
    phone.say("Nahuatl")
    assert words(phone, "join.unwatched", language="Nahuatl") in phone.told
    assert words(phone, "join.watched") not in phone.told
    phone.press(words(phone, "button.agree"))
    phone.press(words(phone, "button.skip"))
    phone.say("/menu")
    assert words(phone, "button.renew") not in phone.screen()
    with roads.unit() as unit:
        unit.organisation.set({**unit.organisation.get(), "danger_words": {"nah": ["nechmaga"]}})
    roads.advance(seconds=6)
    phone.say("/menu")

    assert words(phone, "join.watched") in phone.told
    assert words(phone, "button.renew") in phone.last.labels


def test_unheard_voice_is_read_first(roads: Roads) -> None:
    """After words of danger, before what came earlier or asks for support; beside a question too; once heard, not."""
    ana = roads.facilitator()
    first, second, third = (roads.join(nickname=name) for name in ("Ceiba", "Nopal", "Amate"))
    roads.ask(first, second, third)
    first.say("2")
    first.say("Lo del agua.")
    first.press(words(first, "button.all"))
    first.press("3 · Información")
    second.say("3")
    second.say("Nada nuevo.")
    give(roads, third)
    for name in ("Amate", "Ceiba", "Nopal"):
        ana.say("/leer")
        ana.press(words(ana, "button.read_next"))
        assert (ana.last.text or "").startswith(name)
    second.say("Mi vecino me grita.")
    third.say("4")
    give(roads, third)
    for name in ("Nopal", "Amate"):
        ana.say("/leer")
        ana.press(words(ana, "button.read_next"))
        assert (ana.last.text or "").startswith(name)
