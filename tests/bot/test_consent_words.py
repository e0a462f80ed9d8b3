"""Consent is meant: what people type to the question whether they take part, in both languages, and what it costs."""

import re

import pytest

from bot.messengers.port import Kind
from dialogs.languages import own_name
from storage.outbox import code_letters
from tests.bot.leader import check, words
from tests.bot.phone import Phone
from tests.bot.rig import SIERRA, Rig, texts

YES, ASKED_BACK, NO, NO_BACK, DOUBT, LATER, WHO, READS, TEAM, LOST = (
    *("yes", "yes?", "no", "no?", "doubt", "later"),
    *("who", "reads", "team", "lost"),
)
# Written before the reading of them: how people say yes, no and "who are you", and what is none of these.
TABLE = [
    ("sí", YES),
    ("Si", YES),
    ("¡Sí!", YES),
    ("siii", YES),
    ("sí, quiero", YES),
    ("Claro que sí", YES),
    ("si acepto", YES),
    ("sí, por favor", YES),
    ("Yes", YES),
    ("I agree", YES),
    ("va", ASKED_BACK),
    ("ok", ASKED_BACK),
    ("órale", ASKED_BACK),
    ("está bien", ASKED_BACK),
    ("👍", ASKED_BACK),
    ("👍🏽", ASKED_BACK),
    ("bueno", ASKED_BACK),
    ("1", ASKED_BACK),
    ("si quiero partisipar", ASKED_BACK),
    ("kiero participar", ASKED_BACK),
    ("pues sí", ASKED_BACK),
    ("simón", ASKED_BACK),
    ("si no hay otra", ASKED_BACK),
    ("sure", ASKED_BACK),
    ("i want to take prat", ASKED_BACK),
    ("no", NO),
    ("No, gracias.", NO),
    ("mejor no", NO),
    ("ya no", NO),
    ("no quiero", NO),
    ("no thank you", NO),
    ("3", NO_BACK),
    ("👎", NO_BACK),
    ("creo que no", NO_BACK),
    ("no pues quién sabe", NO_BACK),
    ("tengo dudas", DOUBT),
    ("no sé", DOUBT),
    ("not sure", DOUBT),
    ("todavía no", LATER),
    ("lo voy a pensar", LATER),
    ("not now", LATER),
    ("¿quién eres?", WHO),
    ("quien es", WHO),
    ("oye, ¿eres un robot o qué?", WHO),
    ("who are you", WHO),
    ("ayuda", WHO),
    ("¿quién va a leer esto?", READS),
    ("¿es del gobierno?", TEAM),
    ("es del gobierno", TEAM),
    ("y si mi esposo lo ve", TEAM),
    ("will my boss know?", TEAM),
    ("mañana llueve", LOST),
    ("me duele mucho lo del agua", LOST),
    ("🙂", LOST),
]
SAYS = {
    ASKED_BACK: "join.perhaps",
    NO_BACK: "join.perhaps_not",
    DOUBT: "join.doubts.told",
    LATER: "join.not_yet",
    TEAM: "join.question",
    LOST: "join.not_understood",
}


def consenting(hilo: Rig, language: str = "Español") -> Phone:
    """Bring someone to the question whether they agree."""
    phone = hilo.phone()
    phone.say(f"/start {hilo.invite()}")
    phone.say(language)
    assert phone.person.participation == "consenting"
    return phone


@pytest.mark.parametrize(("said", "meant"), TABLE)
def test_what_people_type_to_the_question(hilo: Rig, said: str, meant: str) -> None:
    """Only what cannot be anything else is a yes or a no, and everything is answered by what it was."""
    hilo.facilitator(nickname="Ana")
    phone = consenting(hilo)
    phone.say(said)

    expected = {YES: "naming", NO: "declined"}.get(meant, "consenting")
    assert phone.person.participation == expected
    if meant in SAYS:
        assert phone.told == words(phone, SAYS[meant])
    if meant == WHO:
        assert phone.told.startswith(words(phone, "join.who"))
        assert "la Escuela de Liderazgo" in phone.told
    if meant == READS:
        assert phone.told == words(phone, "join.readers", names="Ana")
    if expected == "consenting":
        assert hilo.count("consents") == 0
        check(phone)


def test_the_table_has_forty_ways() -> None:
    """Forty ways at least, and each of the three things that the issue names is there."""
    assert len(TABLE) >= 40
    assert {YES, NO, WHO} <= {meant for _, meant in TABLE}


@pytest.mark.parametrize("doubt", ["press", "¿quién eres?", "¿es del gobierno?", "todavía no"])
@pytest.mark.parametrize("said", ["va", "ok", "1", "sí", "claro que sí", "👍", "yes"])
def test_after_a_doubt_only_an_explicit_yes_counts(hilo: Rig, doubt: str, said: str) -> None:
    """Whoever doubted or asked is asked back for anything but the button or "sí, quiero"."""
    phone = consenting(hilo)
    if doubt == "press":
        phone.press("Tengo dudas")
    else:
        phone.say(doubt)
        if doubt == "¿es del gobierno?":
            phone.press("No")  # it is not to be passed on
        phone.say("hola")  # so that no other question is the last one that was asked
    phone.say(said)
    assert phone.person.participation == "consenting"
    assert phone.told == words(phone, "join.perhaps.doubted")
    phone.say(said)
    assert phone.person.participation == "consenting"
    phone.say("Sí, quiero")

    assert phone.person.participation == "naming"


def test_what_was_asked_back_is_settled_by_the_button(hilo: Rig) -> None:
    """A near miss leads on by one press; without a doubt before, a plain yes does as well."""
    phone = consenting(hilo)
    phone.say("órale")
    phone.press("Sí, quiero participar")
    assert phone.person.participation == "naming"

    other = consenting(hilo)
    other.say("ok")
    other.say("sí")
    assert other.person.participation == "naming"


def test_not_yet_leaves_everything_open(hilo: Rig) -> None:
    """[Todavía no] is neither a yes nor a no."""
    phone = consenting(hilo)
    phone.say("va")
    phone.press("Todavía no")

    assert phone.person.participation == "consenting"
    assert phone.last.labels == ["Sí, quiero participar", "Tengo dudas", "No, gracias"]
    assert hilo.count("consents") == 0


def test_who_declined_comes_back_only_by_an_explicit_yes(hilo: Rig) -> None:
    """After a no, "ok" is asked back too."""
    phone = consenting(hilo)
    phone.say("no")
    phone.say("ok")
    assert (phone.person.participation, phone.told) == ("declined", words(phone, "join.perhaps.doubted"))
    phone.say("sí quiero")

    assert phone.person.participation == "naming"


@pytest.mark.parametrize("way", ["press", "typed"])
def test_a_question_goes_to_the_team_if_she_says_so(hilo: Rig, way: str) -> None:
    """Her words reach the team after her own yes to that, which is no yes to taking part; the reply reaches her."""
    ana = hilo.facilitator(nickname="Ana")
    phone = consenting(hilo)
    phone.say("¿Es del gobierno?")
    assert phone.messages == [("held", "¿Es del gobierno?")]
    if way == "press":
        phone.press("Sí")
    else:
        phone.say("sí")

    assert phone.told == words(phone, "join.question.passed.day", day="jueves")
    assert phone.person.participation == "consenting"
    assert phone.messages == [("to_team", "¿Es del gobierno?")]
    ana.say("/mensajes")
    ana.press(next(label for label in ana.last.labels if code_letters(phone.person.pseudonym) in label))
    ana.press("Contestar")
    ana.say("No, es de la Escuela.")
    ana.press("1 · Mandar a nombre del equipo")
    phone.press("Abrir")
    assert "No, es de la Escuela." in phone.told
    phone.press("Contestar")
    assert phone.told == words(phone, "join.ask_here")
    phone.say("sí quiero")
    assert phone.person.participation == "naming"


def test_a_question_survives_writing_on(hilo: Rig) -> None:
    """What follows belongs to it; whatever else she asks or says leaves it there, and one yes passes all of it on."""
    ana = hilo.facilitator(nickname="Ana")
    phone = consenting(hilo)
    phone.say("¿Es del gobierno?")
    phone.say("es que luego andan cobrando")
    assert phone.told == words(phone, "join.question.more")
    phone.say("¿quién va a leer esto?")
    assert phone.news == [words(phone, "join.readers", names="Ana"), words(phone, "join.question.still")]
    for code in ("button.doubts", "button.not_yet"):
        phone.say(words(phone, code))
        assert phone.news[-1] == words(phone, "join.question.still")
    phone.say("sí")

    assert phone.told == words(phone, "join.question.passed.day", day="jueves")
    assert [where for where, _ in phone.messages if where == "held"] == []
    assert {"¿Es del gobierno?", "es que luego andan cobrando"} <= {said for _, said in phone.messages}
    ana.say("/mensajes")
    assert phone.person.participation == "consenting"


@pytest.mark.parametrize("said", ["pues sí", "👍", "claro que sí"])
def test_a_near_yes_to_a_question_is_asked_back(hilo: Rig, said: str) -> None:
    """It may mean the team or taking part: neither is done before a button says which."""
    hilo.facilitator(nickname="Ana")
    phone = consenting(hilo)
    phone.say("¿Es del gobierno?")
    phone.say(said)
    assert phone.told == words(phone, "join.question.near")
    assert phone.messages == [("held", "¿Es del gobierno?")]
    assert phone.person.participation == "consenting"
    phone.press(words(phone, "button.pass_question"))

    assert phone.messages == [("to_team", "¿Es del gobierno?")]
    assert phone.person.participation == "consenting"


@pytest.mark.parametrize("way", ["Sí", "No"])
def test_a_question_outlives_her_yes_to_taking_part(hilo: Rig, way: str) -> None:
    """Whoever agrees before that was decided is asked again once she is in; a button of before still counts."""
    hilo.facilitator(nickname="Ana")
    phone = consenting(hilo)
    phone.say("¿Es del gobierno?")
    old = phone.button(way)
    phone.say("Sí, quiero")
    if way == "No":
        phone.press_id(*old)  # while she is asked for a name: that is asked again
        assert phone.news == [words(phone, "home.not_passed_on"), words(phone, "join.name")]
        assert phone.messages == []
        return
    phone.press("Saltar")
    assert words(phone, "join.question.still") in phone.news
    phone.press(way)

    assert phone.messages == [("to_team", "¿Es del gobierno?")]
    assert phone.told == words(phone, "join.question.passed.day", day="jueves")
    phone.press_id(*old)
    assert phone.told == words(phone, "home.decided")


def test_a_cry_after_a_question_is_not_kept_with_it(hilo: Rig) -> None:
    """Before consent only that somebody asks for help is kept, whatever else is held."""
    with hilo.unit() as unit:
        unit.organisation.set({**unit.organisation.get(), "danger_words": {"es": ["mi marido me pega"]}})
    hilo.facilitator(nickname="Ana")
    phone = consenting(hilo)
    phone.say("¿Es del gobierno?")
    phone.say("Mi marido me pega y mi vecino me grita")
    phone.say("Mi vecino me grita.")

    assert phone.messages == [("held", "¿Es del gobierno?")]


def test_a_question_that_she_keeps_to_herself_is_gone(hilo: Rig) -> None:
    """A no, typed or pressed, drops the words, and is no no to taking part."""
    for way in ("No", "press"):
        phone = consenting(hilo)
        phone.say("¿Es del gobierno?")
        phone.press("No") if way == "press" else phone.say(way)

        assert phone.messages == []
        assert phone.told == words(phone, "join.question.dropped")
        assert phone.person.participation == "consenting"


@pytest.mark.parametrize("kind", [Kind.VOICE, Kind.PHOTO])
def test_a_voice_note_before_consent_is_answered(hilo: Rig, kind: Kind) -> None:
    """It is not kept, and she is told so instead of hearing the same again."""
    phone = hilo.phone()
    phone.say(f"/start {hilo.invite()}")
    phone.send(kind)
    assert texts().say("join.no_media.yet", "es") in phone.screen()
    phone.say("Español")
    phone.send(kind)

    assert phone.told == words(phone, "join.no_media")
    assert "Sí, quiero participar" in phone.last.labels
    assert hilo.count("media") == 0


def counted(*told: str) -> int:
    """Return how many words there are to read."""
    return len(re.findall(r"[^\W_]+", " ".join(told)))


AGED = {"nobody": None, "adult": ("2 · 18 o más", "2 · 18 or over"), "minor": ("1 · Menos de 18", "1 · Under 18")}


def shown_before_the_yes(hilo: Rig, accepts: str, tag: str, messenger: str, age: str) -> tuple[Phone, list[str]]:
    """Come as far as the question, and return everything there was to read, the join page and its question counted."""
    hilo.cohort(SIERRA, ("es-usted", "es", "en"))
    for nickname in ("Ana", "Eva", "Luz"):
        hilo.facilitator(nickname=nickname)
    if AGED[age]:
        minors = {"anybody": True, "person": "Rosa Pérez", "reported_to": {"es": "el DIF", "en": "the DIF"}}
        with hilo.unit() as unit:
            unit.organisation.set({**unit.organisation.get(), "minors": minors})
    invite = hilo.invite(uses=9)
    first = hilo.phone()
    first.say(f"/start {invite}")
    hilo.advance(minutes=1)
    hilo.messenger.name = messenger
    phone = hilo.phone(accepts)
    phone.say(f"/start {invite} first" if messenger == "web" else f"/start {invite}")
    if messenger != "web":
        phone.press("Es mi primera vez" if accepts.startswith("es") else "It's my first time")
    phone.say(own_name(tag))
    for label in AGED[age] or ():
        if label in phone.last.labels:
            phone.press(label)
            break
    page = [texts().say(f"web.join.{part}", each) for part in ("title", "text") for each in ("es", "en")]
    told = [message.text or "" for message in phone.heard]
    return phone, told + (page if messenger == "web" else [])


@pytest.mark.parametrize("age", AGED)
@pytest.mark.parametrize(("accepts", "tag"), [("es-MX", "es"), ("es-MX", "es-usted"), ("en", "en")])
@pytest.mark.parametrize("messenger", ["web", "telegram"])
def test_there_are_few_words_before_the_yes(hilo: Rig, accepts: str, tag: str, messenger: str, age: str) -> None:
    """At most 140 words, join page and greeting in both languages counted; who reads, risk and leaving among them.

    Also in usted, where age is asked, by an invite that others have used, and under eighteen: there whose yes is
    needed as well and who has to be told of harm are among them.
    """
    phone, shown = shown_before_the_yes(hilo, accepts, tag, messenger, age)
    said = texts()
    assert phone.person.language == tag
    own = "join.minor" if age == "minor" else "join"
    for code in ("join.watched", f"{own}.no_harm", f"{own}.risk.{messenger}"):
        assert said.say(code, tag) in phone.screen()
    if age == "minor":
        office = "The DIF" if tag == "en" else "El DIF"
        assert said.say("join.minor.adult", tag, person="Rosa Pérez") in phone.screen()
        assert said.say("join.minor.report", tag, reported_to=office) in phone.screen()
    assert said.count("fact.readers", tag, 3) in phone.screen()
    assert "Sí, quiero participar" in phone.last.labels or "Yes, I want to take part" in phone.last.labels
    assert counted(*shown) <= 140, (counted(*shown), shown)
