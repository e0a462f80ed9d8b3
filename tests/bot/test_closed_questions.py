"""A question with buttons takes what people bring: a voice note, a sentence, the words on its buttons, "ninguna"."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from bot.messengers.port import Kind
from tests.bot import samples
from tests.bot.leader import words
from tests.bot.rig import Phone, Rig
from tests.bot.walker import Roads
from tests.paths import path_of


def beside(phone: Phone) -> list[tuple[str, tuple[object, ...]]]:
    """List what is kept beside the questions of the newest run."""
    person, run = phone.person, phone.run
    with phone.rig.reading() as unit:
        return [(each.path, each.pieces) for each in unit.asides.of(run.id, person)]


def asked(hilo: Rig, dialog: str = "check_in", language: str = "es") -> Phone:
    """Bring someone to the first question of a conversation."""
    phone = hilo.join(language)
    hilo.ask(phone, dialog=dialog)
    return phone


@pytest.fixture
def roads(tmp_path: Path) -> Iterator[Roads]:
    """An installation that fetches voice notes and photos."""
    roads = Roads(tmp_path)
    yield roads
    roads.close()


def speak(roads: Roads, phone: Phone) -> None:
    """Send a voice note."""
    phone.look()
    roads.messenger.give_file(phone.chat, Kind.VOICE, samples.ogg(), seconds=24)
    roads.settle()


def test_a_whole_conversation_by_voice(roads: Roads) -> None:
    """Whoever only speaks comes to the end: each voice note stays beside its question, and the team can play it."""
    phone = asked(roads)
    speak(roads, phone)
    assert words(phone, "aside.passed.voice") in phone.told
    assert phone.run.state["position"] == "week"
    speak(roads, phone)
    phone.press(words(phone, "button.all"))
    speak(roads, phone)

    assert phone.run.status == "completed"
    # What was said in other ways is not left uncounted: it is told to be kept, too.
    assert phone.rig.turns.texts.count("run.completed.beside", "es", 2) in (phone.last.text or "")
    assert [path for path, _ in beside(phone)] == ["mood", "need"]
    with roads.reading() as unit:
        rows = roads.rows("SELECT run_id, path FROM media")
        assert sorted(path_of(unit.vault, run, hashed) for run, hashed in rows) == ["mood", "need", "week"]
    ana = roads.facilitator()
    ana.say("/leer")
    ana.press("Leer lo que sigue")
    assert sum(label.startswith("🔊") for label in ana.last.labels) == 3


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("es", "pues depende del día, a veces sí y a veces no"),
        ("es", "ninguna"),
        ("es", "No sé."),
        ("en", "none of these"),
        ("en", "it depends on the week, honestly"),
    ],
)
def test_a_sentence_of_her_own_and_none(hilo: Rig, language: str, said: str) -> None:
    """It stays beside the question as it was said, and the next question is asked; the choice can be made later."""
    phone = asked(hilo, language=language)
    phone.say(said)

    assert words(phone, "aside.passed") in phone.told
    assert beside(phone) == [("mood", (said,))]
    assert phone.run.state["position"] == "week"
    assert words(phone, "chosen.beside") in [label for message in phone.thread for label in message.labels]
    phone.press(words(phone, "button.change"))
    phone.press("2 · 🙁 Bajo" if language == "es" else "2 · 🙁 Low")
    assert phone.values["mood"] == 2
    assert phone.run.state["position"] == "week"


@pytest.mark.parametrize("language", ["es", "en"])
def test_three_misses_are_three_sentences(hilo: Rig, language: str) -> None:
    """No miss gets the sentence of the one before, and after the third the conversation goes on."""
    phone = asked(hilo, language=language)
    told = []
    for said in ("mmm", "mhm", "ajajá"):
        phone.say(said)
        told.append((phone.last.text or "").partition("\n\n")[0])

    assert len(set(told)) == 3
    assert told[2] == words(phone, "aside.passed")
    assert phone.run.state["position"] == "week"
    assert [pieces for _, pieces in beside(phone)] == [("mmm",), ("mhm",), ("ajajá",)]


def test_a_required_question_stays_and_never_says_the_same(hilo: Rig) -> None:
    """What its author requires is asked again; what was told is kept, and no two sentences in a row are the same."""
    phone = asked(hilo, "significant_change")
    while phone.run.state["position"] != "reach":
        phone.say("Que ya hay agua en la casa de arriba.")
        if words(phone, "button.all") in phone.last.labels:
            phone.press(words(phone, "button.all"))
    told = []
    for said in ("mmm", "depende de quién lo vaya a leer", "mhm", "ajá", "pues"):
        phone.say(said)
        assert phone.run.state["position"] == "reach"
        told.append((phone.last.text or "").partition("\n\n")[0])

    assert all(before != after for before, after in pairwise(told))
    assert ("reach", ("depende de quién lo vaya a leer",)) in beside(phone)


@pytest.mark.parametrize(
    ("language", "label", "done", "stop"),
    [("es", "En la noche", "listo", "parar aqui"), ("en", "Evening", "done", "Stop here.")],
)
def test_the_words_on_its_own_buttons(hilo: Rig, language: str, label: str, done: str, stop: str) -> None:
    """Typed, with or without accents, they do what the buttons do."""
    phone = asked(hilo, "welcome", language)
    phone.say(words(phone, "button.skip"))
    phone.say(words(phone, "button.back"))
    assert phone.run.state["position"] == "form"
    for _ in range(2):
        phone.say(words(phone, "button.skip").lower())
    assert phone.run.state["position"] == "hours"
    phone.press(f"3 · {label}")
    phone.say(done)
    assert phone.values["hours"] == ("evening",)
    assert phone.run.state["position"] == "signal"
    phone.say(stop)

    assert phone.run.status == "stopped"
    assert words(phone, "run.stopped") in phone.told
    assert beside(phone) == []


def test_a_near_choice_is_offered_and_may_be_refused_in_words(hilo: Rig) -> None:
    """A slip of a choice inside other words is asked back; "otra cosa", the words on its button, asks again."""
    phone = asked(hilo, "welcome")
    for _ in range(3):
        phone.say("saltar")
    assert phone.run.state["position"] == "signal"
    phone.say("nomás a ratitos")
    assert words(phone, "prompt.near", answer="A ratos") in phone.told
    phone.say("otra cosa")
    assert phone.run.state["position"] == "signal"
    assert "signal" not in phone.values
    phone.say("nomás a ratitos")
    phone.say("sí")
    assert phone.values["signal"] == "patchy"


def test_words_that_are_an_answer_stay_one(hilo: Rig) -> None:
    """Where the answer is in words, "listo" is one; "es todo", the words on its button, ends it."""
    phone = asked(hilo)
    phone.say("2")
    phone.say("listo")
    assert phone.run.state["position"] == "week"
    phone.say("Listo")
    assert phone.values["week"] == ("listo",)
    assert phone.run.state["position"] == "need"


def test_an_answer_that_was_given_stays(hilo: Rig) -> None:
    """Whoever changes an answer and tells something instead keeps the one there was."""
    phone = asked(hilo)
    phone.say("2")
    phone.press(words(phone, "button.change"))
    phone.say("mejor lo cuento cuando nos veamos")

    assert phone.values["mood"] == 2
    assert phone.run.state["position"] == "week"
    assert beside(phone) == [("mood", ("mejor lo cuento cuando nos veamos",))]


def test_nothing_is_quoted_on_a_watched_phone(hilo: Rig) -> None:
    """On a phone that others see, no word of what was told stands in the reply."""
    phone = hilo.join()
    with hilo.unit() as unit:
        unit.people.prefer(phone.person, phone="checked")
    hilo.ask(phone)
    phone.say("es que esta semana estuvo muy dura")

    assert words(phone, "aside.passed") in phone.told
    assert "dura" not in phone.told


def test_a_wizard_is_not_passed(hilo: Rig) -> None:
    """One of the team who types something else is asked again, each time in other words; nothing is kept."""
    ana = hilo.facilitator()
    ana.say("/invitar")
    ana.press(words(ana, "button.invite_new"))
    ana.say("14")
    assert ana.run.state["position"] == "days"
    told = []
    for said in ("mmm", "no sé bien cuántas van a ser", "mhm"):
        ana.say(said)
        told.append((ana.last.text or "").partition("\n\n")[0])

    assert len(set(told)) == 3, told
    assert hilo.count("asides") == 0
