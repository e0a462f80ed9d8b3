"""Nothing is asked that is not used: each answer of the first dialog, each property of a group, changes something."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from bot.cli.administration import fill
from bot.cli.operate.interview import ASKED
from bot.messengers.registry import of
from bot.product_languages import of_organisation
from bot.rendering.speech import Speech
from bot.services import care
from bot.services.links import Site, bot_name
from bot.services.member_status import addressed
from bot.services.phones import watched
from bot.team.answers import digest
from bot.team.people.cohorts import FIELDS
from storage.cohorts import Cohort
from storage.people import Person
from storage.unit import Unit
from tests.bot.rig import Rig

Read = Callable[[Rig, Unit, Person], object]


def _plays(hilo: Rig, unit: Unit, person: Person) -> object:
    return hilo.turns.speech(unit, person).plays


def _listening(hilo: Rig, unit: Unit, person: Person) -> object:
    return hilo.turns.speech(unit, unit.people.prefer(person, form="listen")).plays


WELCOME: Mapping[str, tuple[str, str, Read]] = {
    "form": ("Leer y escribir", "Oír y hablar", _plays),
    "phone": ("Nadie más", "Lo compartimos", lambda _, __, person: watched(person)),
    "hours": ("En la mañana", "En la noche", lambda hilo, unit, person: hilo.turns.organisation.hours(unit, person)),
    "signal": ("Bien", "Casi no tengo", _listening),
    "register": ("De tú", "De usted", lambda _, __, person: person.language),
    "gender": ("En femenino", "En masculino", lambda _, __, person: addressed(person)),
}
"""Each question of the first dialog whose answer Hilo itself reads: two answers, and what they decide."""
READ_BY_THE_TEAM = {"hope"}
GROUP: Mapping[str, tuple[dict[str, Any], Callable[[Rig, Unit, Person, Cohort], object]]] = {
    "languages": ({"languages": ("en",)}, lambda _, unit, __, cohort: unit.cohorts.get(cohort.id)),
    "zone": ({"zone": "America/Tijuana"}, lambda hilo, unit, person, _: hilo.turns.organisation.zone(unit, person)),
    "form": ({"form": "listen"}, lambda hilo, unit, person, _: _plays(hilo, unit, person)),
    "hours": (
        {"hours": ["evening"]},
        lambda hilo, unit, _, cohort: hilo.turns.organisation.sends_from(unit, cohort, hilo.now),
    ),
    "data": ({"data": "scarce"}, lambda hilo, unit, person, _: _listening(hilo, unit, person)),
    "approval": ({"approval": True}, lambda _, unit, __, cohort: (unit.cohorts.get(cohort.id) or cohort).context),
}


SITE = Site(messengers=frozenset({"telegram"}))
Used = Callable[[Rig, Unit, Speech], object]
CARD = {"es": "Llama a Rosa.", "en": "Call Rosa."}


def fact(name: str) -> Used:
    """Read a sentence or value from the organisation's record as people are told it."""
    return lambda hilo, _, speech: getattr(hilo.turns.organisation, name)(speech)


def noted(name: str) -> Used:
    """Read a value that depends on nobody who is spoken to."""
    return lambda hilo, unit, _: getattr(hilo.turns.organisation, name)(unit)


def digested(hilo: Rig, speech: Speech) -> str:
    """Read the weekly summary."""
    assert speech.person is not None
    return digest.text(hilo.turns, speech, speech.person)


SETUP: Mapping[str, tuple[dict[str, Any], Used]] = {
    "name": ({"name": "Casa Raíz"}, noted("name")),
    "token": ({"username": "otro_bot"}, lambda _, unit, __: bot_name(unit, SITE, of("telegram"))),
    "zone": ({"zone": "America/Tijuana"}, noted("zone")),
    "languages": ({"languages": ["en"]}, lambda hilo, unit, _: of_organisation(hilo.turns.organisation.record(unit))),
    "reading_days": ({"reading_days": [6]}, fact("reading_days")),
    "retention_months": ({"retention_months": 3}, fact("kept_line")),
    "care_card": ({"care_card": CARD}, lambda hilo, _, speech: care.card(hilo.turns.organisation, speech)),
    "cohorts": ({"cohorts": [{"name": "Costa Chica"}]}, lambda _, unit, __: len(unit.cohorts.list())),
    "why": ({"why": CARD}, fact("reasons")),
    "stop_when": ({"stop_when": "cuando acabe el curso"}, lambda hilo, _, speech: digested(hilo, speech)),
    "watch": ({"after_alert": CARD}, fact("after_alert")),
    "danger_words": (
        {"danger_words": {"es": ["me corrieron"]}},
        lambda hilo, unit, _: hilo.turns.organisation.danger(unit).look("me corrieron"),
    ),
    "minors": ({"minors": {"anybody": True, "person": "Rosa"}}, fact("minors")),
}
"""Each question of the setup: another answer, as setup keeps it, and what people then read or get."""


def test_every_question_has_a_reader(hilo: Rig) -> None:
    """A question that is added to the first dialog, or a property of a group, needs a line here that shows its use."""
    asked = {step.name for step in hilo.content.dialog("welcome").questions}

    assert asked == WELCOME.keys() | READ_BY_THE_TEAM
    assert set(FIELDS.values()) == set(GROUP)


@pytest.mark.parametrize("question", WELCOME)
def test_an_answer_of_the_first_dialog_decides_something(hilo: Rig, question: str) -> None:
    """Of two people who answer otherwise, one is treated otherwise."""
    *answers, read = WELCOME[question]
    seen = []
    for number, answer in enumerate(answers):
        phone = hilo.join(nickname=f"Flor {number}")
        phone.press("Mejor ahora")
        while (at := phone.run.state["position"]) != question:
            assert at
            phone.press("Saltar")
        phone.press(next(label for label in phone.last.labels if label.endswith(answer)))
        if "Listo" in phone.last.labels:  # several may be picked
            phone.press("Listo")
        with hilo.unit() as unit:
            seen.append(read(hilo, unit, phone.person))

    assert seen[0] != seen[1]


@pytest.mark.parametrize("property_", GROUP)
def test_a_property_of_a_group_decides_something(hilo: Rig, property_: str) -> None:
    """Whoever has said nothing otherwise is treated otherwise once it is changed."""
    changed, read = GROUP[property_]
    phone = hilo.join()
    with hilo.unit() as unit:
        (cohort,) = unit.cohorts.list()
        before = read(hilo, unit, phone.person, cohort)
        columns = {name: value for name, value in changed.items() if name in {"languages", "zone"}}
        context = {name: value for name, value in changed.items() if name not in columns}
        unit.cohorts.change(after := replace(cohort, context={**cohort.context, **context}, **columns))
    with hilo.unit() as unit:
        assert read(hilo, unit, phone.person, after) != before


def test_every_question_of_the_setup_decides_something(hilo: Rig) -> None:
    """With another answer to any of them people read, or get, something else; a new question needs a line here."""
    assert set(SETUP) == set(ASKED)
    phone = hilo.join()
    hilo.now = hilo.now.replace(day=3)  # the first week of a month
    for question, (answer, read) in SETUP.items():
        with hilo.reading() as unit:
            before = read(hilo, unit, hilo.turns.speech(unit, phone.person))
        with hilo.unit() as unit:
            fill(unit, answer)
        hilo.turns.organisation.refresh()
        with hilo.reading() as unit:
            assert read(hilo, unit, hilo.turns.speech(unit, phone.person)) != before, question
