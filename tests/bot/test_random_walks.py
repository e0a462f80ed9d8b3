"""Random walks over the whole bot: whatever she does, she is answered, led on, and never recorded unasked.

How many walks: tests/amounts.py. Where they are more than the short form's, they are also longer, and by chance.
"""

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import amounts
from tests.bot.leader import words
from tests.bot.rig import Phone, Rig, texts
from tests.bot.tongues import foreign, only
from tests.bot.walker import ACTS, Roads, Walker
from tests.by_day import CASES_ALIKE

LONG = amounts.WALKS.extended
STEPS = 80 if LONG else 30
MANY = 10**6
PLACES = 4  # two messengers, two phones
SPOILT = next((place, 3) for place, act in enumerate(ACTS) if act is Walker._send)

steps = st.lists(st.tuples(st.integers(0, MANY), st.integers(0, MANY)), min_size=STEPS // 2, max_size=STEPS)


@pytest.mark.by_day("messenger", "seen_by", why=CASES_ALIKE)
@pytest.mark.parametrize("seen_by", ["mine", "checked"])
@pytest.mark.parametrize("messenger", ["memory", "web"])
@settings(
    max_examples=-(-amounts.WALKS.value // PLACES),
    derandomize=not LONG,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.integers(0, MANY), steps)
@pytest.mark.timeout(0 if LONG else 120)
def test_wherever_she_goes(messenger: str, seen_by: str, begin: int, walk: list[tuple[int, int]]) -> None:
    """No state without a way on, no answer before consent, none to a question unseen, no word in a wrong language.

    On both kinds of messenger, on her own phone and on one that others see: there nothing is quoted and nothing named.
    """
    with tempfile.TemporaryDirectory() as folder:
        roads = Roads(Path(folder))
        try:
            walker = Walker(roads, begin, messenger, seen_by)
            for kind, number in walk:
                walker.step(kind, number)
        finally:
            roads.close()


# What the walks found, each by itself.


def together(hilo: Rig, phone: Phone, label: str, *said: str) -> None:
    """Press a button and write, before the bot hears either."""
    button, order = phone.button(label)
    phone.look()
    hilo.messenger.press_id(phone.chat, button, order)
    for text in said:
        phone.write(text)
    hilo.settle()


@pytest.mark.parametrize("word", ["saltar", "/saltar", "/listo", "/skip"])
def test_a_word_passes_no_question_that_she_had_not_seen(hilo: Rig, word: str) -> None:
    """Written while the next question was on its way, "saltar" does not skip that one: it is asked, and stays open."""
    phone = hilo.join()
    hilo.ask(phone)
    together(hilo, phone, "2 · 🙁 Bajo", word)

    assert phone.values == {"mood": 2}
    assert phone.run.state["position"] == "week"
    assert "2 de 4" in phone.told


def test_words_written_before_any_question_answer_none(hilo: Rig) -> None:
    """With "Mejor ahora" she writes a digit: the first question, which she had not seen, is not answered by it."""
    phone = hilo.join()
    together(hilo, phone, "Mejor ahora", "3")

    assert phone.values == {}
    assert phone.messages == [("held", "3")]
    assert "¿Qué se te hace más fácil?" in phone.told


def test_a_reply_to_an_older_prompt_of_the_open_question_is_told(hilo: Rig) -> None:
    """A question asked twice takes words that reply to its first message, and says that they are kept."""
    phone = hilo.join()
    hilo.ask(phone)
    phone.say("2")
    first = phone.last.order
    phone.say("/menu")
    phone.press("Seguir con las preguntas")
    phone.say("Hubo junta.", reply_to=first)

    assert phone.values["week"] == ("Hubo junta.",)
    assert words(phone, "run.collected") in phone.told
    assert "Listo" in phone.last.labels


def test_words_added_to_an_earlier_text_are_told(hilo: Rig) -> None:
    """Words that reply to an earlier open question go into its answer, and she hears so, with a way on."""
    phone = hilo.join()
    hilo.ask(phone)
    phone.say("2")
    week = phone.last.order
    phone.say("Hubo junta.")
    phone.press("Listo")
    phone.say("Y faltó agua.", reply_to=week)

    assert phone.values["week"] == ("Hubo junta.", "Y faltó agua.")
    assert phone.told == words(phone, "run.added")
    assert phone.last.labels == ["Menú"]


def test_an_earlier_choice_is_told_in_the_language_she_speaks_now(hilo: Rig) -> None:
    """What she chose in Spanish is named in English once she speaks English: when she goes back, and in her answers."""
    phone = hilo.join()
    hilo.ask(phone)
    phone.press("4 · 🙂 Bueno")
    phone.say("/idioma")
    phone.press("English")
    phone.press("Back")
    assert "Your answer before: 🙂 Good" in phone.told

    phone.say("/mydata")
    phone.press(next(label for label in phone.last.labels if label.startswith("How is it going?")))
    assert "→ 🙂 Good" in (phone.last.text or "")


def test_what_was_taken_out_of_the_chat_is_not_edited(hilo: Rig) -> None:
    """After a tidying the messages are gone: answering the question again asks no messenger to change them."""
    phone = hilo.join()
    hilo.ask(phone)
    gone = {message.order for message in phone.heard}
    phone.say("/limpiar")
    phone.say("/menu")
    phone.press("Seguir con las preguntas")
    phone.press("2 · 🙁 Bajo")

    assert phone.values == {"mood": 2}
    assert not gone & {message.order for message in phone.heard}
    assert hilo.rows("SELECT count(*) FROM outbox WHERE state = 'failed'") == [(0,)]


def test_refused_media_leads_on(tmp_path: Path) -> None:
    """A voice note that came in part, when nothing is open, is refused with a way on."""
    roads = Roads(tmp_path)
    walker = Walker(roads, begin=1)
    walker.step(*SPOILT)

    assert words(walker.phone, "media.truncated") in walker.phone.told
    assert walker.phone.last.labels == ["Menú"]
    roads.close()


def test_the_ear_for_languages_hears() -> None:
    """Sentences of one catalog are foreign in the other language, and at home in their own."""
    for language, other in (("es", "en"), ("en", "es")):
        for code in ("home", "run.stopped", "help.leader", "join.declined"):
            said = texts().say(code, language)
            assert foreign(said, other)
            assert not foreign(said, language)
    assert min(map(len, only().values())) > 300
