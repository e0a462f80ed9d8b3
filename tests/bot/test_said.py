"""Other words for a choice, listed by its author: understood, never shown, never picked out of a story."""

import pytest

from dialogs.model import Dialog
from dialogs.reader import read
from tests.bot.leader import words
from tests.bot.rig import Rig


@pytest.mark.parametrize(
    ("language", "said", "kept"),
    [
        ("es", "mujer", "feminine"),
        ("es", "Chava", "feminine"),
        ("es", "hombre", "masculine"),
        ("es", "Él.", "masculine"),
        ("es", "da igual", "any"),
        ("en", "woman", "feminine"),
        ("en", "non-binary", "neutral"),
        ("en", "whatever", "any"),
    ],
)
def test_what_people_say_of_themselves_is_understood(hilo: Rig, language: str, said: str, kept: str) -> None:
    """At the question which words fit, what somebody is counts as an answer at once."""
    phone = hilo.join(language, seen_by=None)
    phone.say("/menu")
    phone.press(words(phone, "button.welcome"))
    while phone.run.state["position"] != "gender":
        phone.press(words(phone, "button.skip"))
    phone.say(said)

    assert phone.values["gender"] == kept
    assert phone.run.state["position"] == "hope"


def test_a_near_miss_is_offered_and_a_story_is_kept_whole(hilo: Rig) -> None:
    """Half a sentence is asked back; nothing is picked out of a sentence that holds such a word."""
    phone = hilo.join(seen_by=None)
    phone.say("/menu")
    phone.press(words(phone, "button.welcome"))
    while phone.run.state["position"] != "gender":
        phone.press(words(phone, "button.skip"))
    phone.say("soy muchacha")
    assert words(phone, "prompt.near", answer="En femenino") in phone.told
    phone.say("La mujer de mi tío dice otra cosa de eso.")

    assert "gender" not in {path for path, value in phone.values.items() if value is not None}
    assert phone.run.state["position"] == "hope"


@pytest.mark.parametrize(
    ("said", "kept"), [("mal", 2), ("ahí la llevo", 3), ("muy bien", 5), ("bien", 4), ("fatal", 1)]
)
def test_a_scale_takes_the_words_of_its_numbers(hilo: Rig, said: str, kept: int) -> None:
    """How somebody is, in everyday words."""
    phone = hilo.join()
    hilo.ask(phone)
    phone.say(said)

    assert phone.values == {"mood": kept}


def test_asking_for_a_call_in_other_words_rings(hilo: Rig) -> None:
    """A call in other words is a call, and no is nothing."""
    ana = hilo.facilitator()
    phone, other = hilo.join(), hilo.join(nickname="Ceiba")
    hilo.ask(phone, other)
    for each in (phone, other):
        each.say("mal")
        each.press(words(each, "button.skip"))
    ana.look()
    other.say("no")
    assert ana.news == []
    phone.say("Márquenme")

    assert [said for said in ana.news if "hay algo que atender" in said]


SOURCE = """
spec: 1
name: x
kind: reflection
languages: [es]
title: T
why: W
steps:
  - type: select_one
    name: one
    label: L
    choices:
      - {{name: yes, label: Sí, said: "claro, {further}"}}
      - {{name: no, label: No, said: {{es: nel}}}}
"""


def test_the_same_words_for_two_choices_are_told_to_their_author() -> None:
    """And a dialog without further words keeps its version: they are left out where there are none."""
    good, bad = read(SOURCE.format(further="simón"), "x"), read(SOURCE.format(further="nel"), "x")
    assert good.dialog is not None
    assert [choice.also for choice in good.dialog.steps[0].choices] == [("claro", "simón"), ("nel",)]
    assert Dialog.from_dict(good.dialog.to_dict()) == good.dialog
    assert [each.code for each in bad.issues] == ["same_choice_label"]
    plain = SOURCE.replace(', said: "claro, {further}"', "").replace(", said: {{es: nel}}", "").format()
    found = read(plain, "x").dialog
    assert found is not None
    assert all(set(each) == {"name", "label"} for each in found.to_dict()["steps"][0]["choices"])
