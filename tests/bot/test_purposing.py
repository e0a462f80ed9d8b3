"""What something is asked for, in a group with people of several languages: said in each, or honestly in one."""

import pytest

from storage.cohorts import Cohort
from tests.bot.asking import prepare, send
from tests.bot.leader import check, words
from tests.bot.rig import PURPOSE, SIERRA, Phone, Rig, texts

THERE = "To know how everybody's week is going."
SAY_IN = {"es": ("inglés", THERE), "en": ("Spanish", PURPOSE)}
STRANGE = {"es": "(El equipo lo escribió en inglés.)", "en": "(The team wrote this in Spanish.)"}


def why(phone: Phone) -> str:
    """Ask what an offer is for; returns the answer."""
    phone.press(words(phone, "button.why"))
    return phone.told


def ordered(hilo: Rig, ana: Phone) -> None:
    """Send the order in the making, and let it arrive."""
    ana.press(words(ana, "button.ask_send"))
    hilo.tick()


def say_in(ana: Phone, language: str, *said: str) -> None:
    """Say the purpose in a further language."""
    ana.press(words(ana, "button.ask_why_in", language=language))
    for each in said:
        ana.say(each)


@pytest.mark.parametrize("language", ["es", "en"])
def test_a_purpose_is_said_in_the_languages_people_are_spoken_to(hilo: Rig, language: str) -> None:
    """The last look tells to how many it would be strange; once it was said so too, everybody reads her own."""
    paloma, robin = hilo.join("es", "Paloma"), hilo.join("en", "Robin")
    ana = hilo.facilitator(language)
    prepare(ana, {"es": "¿Cómo vas?", "en": "How is it going?"}[language], PURPOSE if language == "es" else THERE)
    other, said = SAY_IN[language]
    own = {"es": "español", "en": "English"}[language]
    assert texts().count("ask.why.lacking", language, 1, languages=other, language=own) in (ana.last.text or "")
    check(ana)
    say_in(ana, other, said)
    check(ana)
    assert words(ana, "button.ask_why_in", language=other) not in ana.last.labels
    ordered(hilo, ana)

    assert f"¿Para qué? {PURPOSE}\n" in why(paloma)
    assert f"What is it for? {THERE}\n" in why(robin)
    for phone in (paloma, robin):
        assert STRANGE[phone.person.language or ""] not in phone.screen()


@pytest.mark.parametrize(("written", "reads"), [("es", "en"), ("en", "es")])
def test_a_purpose_in_another_language_is_said_to_be_so(hilo: Rig, written: str, reads: str) -> None:
    """Whoever is spoken to in another language than it was written in reads that it was; nobody else does."""
    stranger, neighbour = hilo.join(reads, "Robin"), hilo.join(written, "Paloma")
    ana = hilo.facilitator(written)
    send(ana, {"es": "¿Cómo vas?", "en": "How is it going?"}[written])
    hilo.tick()

    assert STRANGE[reads] in why(stranger)
    assert STRANGE[written] not in why(neighbour)
    stranger.say("/paraque")
    assert PURPOSE[:30] in stranger.told


def test_who_is_spoken_to_formally_reads_it_as_her_own(hilo: Rig) -> None:
    """A form of address is not another language: nothing is asked of the facilitator, and nothing is said."""
    maria = hilo.join("es", "María")
    with hilo.unit() as unit:
        unit.people.change(maria.person, language="es-usted")
    ana = hilo.facilitator()
    prepare(ana)
    assert "español" not in (ana.last.text or "")
    ordered(hilo, ana)

    assert "escribió en" not in why(maria)


def test_all_of_a_card_is_said_in_the_further_language(hilo: Rig) -> None:
    """For whom and how it is used are asked for as well where the card says them, and only there."""
    robin = hilo.join("en", "Robin")
    ana = hilo.facilitator()
    ana.say("/preguntar")
    ana.press("¿Cómo vas?")
    ana.say(PURPOSE)
    ana.press("Saltar")
    ana.say("Se platica el jueves")
    ana.press("5 · Hasta que se cumpla")
    say_in(ana, "inglés", THERE, "We'll talk about it on Thursday")
    ordered(hilo, ana)
    told = why(robin)

    for line in (
        f"What is it for? {THERE}",
        "How will it be used? We'll talk about it on Thursday",
        "Until it's done.",
    ):
        assert line in told
    assert "jueves" not in told


def test_the_same_purpose_is_offered_once(hilo: Rig) -> None:
    """Said in a further language it takes the place of the one before, and is used again with both."""
    hilo.join("en", "Robin")
    ana = hilo.facilitator()
    send(ana)
    hilo.tick()
    ana.say("/preguntar")
    ana.press("Sobre este chat")
    (first,) = [label for label in ana.last.labels if label.startswith("1 · ")]
    ana.press(first)
    say_in(ana, "inglés", THERE)
    ordered(hilo, ana)
    ana.say("/preguntar")
    ana.press("Del taller a la vida")
    (again,) = [label for label in ana.last.labels if label[:4] in {"1 · ", "2 · "}]
    ana.press(again)

    assert words(ana, "button.ask_why_in", language="inglés") not in ana.last.labels


def test_what_was_sent_is_not_reworded(hilo: Rig) -> None:
    """A button of a last look that lies above does nothing once the order was given."""
    robin = hilo.join("en", "Robin")
    ana = hilo.facilitator()
    prepare(ana)
    button, order = ana.button(words(ana, "button.ask_why_in", language="inglés"))
    ordered(hilo, ana)
    ana.press_id(button, order)

    assert (ana.last.text or "").endswith(texts().count("ask.sent", "es", 1, cohort=SIERRA))
    assert words(ana, "button.ask_cancel") in ana.last.labels
    assert hilo.count("broadcasts") == 1
    assert STRANGE["en"] in why(robin)


def test_people_are_counted_by_the_language_they_are_spoken_to(hilo: Rig) -> None:
    """Those a broadcast may reach, and nobody else."""
    for language, name in (("es", "Paloma"), ("en", "Robin"), ("en", "Wren"), ("en", "Heron")):
        hilo.join(language, name)
    away = hilo.join("en", "Lark")
    away.say("/pausa")
    away.press("Until I tell you")
    cohort: Cohort | None
    with hilo.reading() as unit:
        cohort = unit.cohorts.by_name(SIERRA)
        assert cohort is not None
        assert unit.memberships.languages(cohort.id) == {"es": 1, "en": 3}
