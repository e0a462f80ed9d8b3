"""On a phone that others see, nothing she answered stands on the screen unless she says so; and it is asked again."""

import pytest

from tests.bot.leader import follow, words
from tests.bot.rig import Phone, Rig, texts

WATCHED = ["shared", "checked", "unsaid", None]


def say(code: str, **facts: object) -> str:
    """Return the Spanish sentence of a code."""
    return texts().say(code, "es", **facts)


def come_in(hilo: Rig, said: str | None = None) -> Phone:
    """Let a leader come in and answer what is asked first; `said` is the label of who sees her phone."""
    phone = hilo.join(seen_by=None)
    if said is not None:
        phone.press("Mejor ahora")
        phone.press("Saltar")
        phone.press(said)
        while phone.run.status != "completed":
            phone.press("Saltar")
    return phone


def check_in(hilo: Rig, phone: Phone) -> None:
    """Answer a whole check-in."""
    hilo.ask(phone)
    phone.press("2 · 🙁 Bajo")
    phone.say("Hubo junta por el agua.")
    phone.press("Listo")
    phone.press("1 · Nada por ahora")


@pytest.mark.parametrize("said", ["2 · Lo compartimos", "3 · A veces lo revisan", "4 · No quiero decir", None])
def test_earlier_answers_are_asked_about_before_they_are_shown(hilo: Rig, said: str | None) -> None:
    """The list, a conversation and an answer: not before a yes, which holds for some minutes and goes by closing."""
    phone = come_in(hilo, said)
    check_in(hilo, phone)
    phone.say("/misdatos")
    assert phone.last.text == say("shown.ask")
    assert "¿Cómo vas?" not in " ".join(phone.last.labels)
    follow(phone, "button.answers_no")
    assert "agua" not in (phone.last.text or "")
    phone.say("/misdatos")
    follow(phone, "button.answers_yes")
    phone.press(next(label for label in phone.last.labels if label.startswith("¿Cómo vas?")))
    assert "Hubo junta por el agua." in (phone.last.text or "")
    follow(phone, "button.close", "button.mine")
    assert phone.last.text == say("shown.ask")
    follow(phone, "button.answers_yes")
    hilo.advance(minutes=6)
    phone.press(next(label for label in phone.last.labels if label.startswith("¿Cómo vas?")))

    assert phone.last.text == say("shown.ask")


def test_on_her_own_phone_nobody_asks(hilo: Rig) -> None:
    """Who said that nobody else sees it goes straight to what she answered."""
    phone = come_in(hilo, "1 · Nadie más")
    check_in(hilo, phone)
    assert "✓ 🙁 Bajo" in phone.screen()
    phone.say("/misdatos")

    assert say("shown.ask") not in phone.told
    assert any(label.startswith("¿Cómo vas?") for label in phone.last.labels)


def test_to_review_is_of_use_there(hilo: Rig) -> None:
    """It asks first; a yes shows what she answered, in words, and lets her change it."""
    phone = come_in(hilo, "2 · Lo compartimos")
    check_in(hilo, phone)
    follow(phone, "button.review")
    assert say("shown.ask") in phone.told
    assert "agua" not in phone.told
    follow(phone, "button.answers_yes")
    shown = phone.last.text or ""
    assert "🙁 Bajo" in shown
    assert "Hubo junta por el agua." in shown
    assert say("chosen.discreet") not in shown
    follow(phone, "button.pick_answer")
    phone.press(next(label for label in phone.last.labels if label.startswith("1 · ")))
    follow(phone, "button.change")
    # What she chose before is not ticked on the screen where she chooses anew.
    assert not any(label.startswith("✓") for label in phone.last.labels)
    phone.press("4 · 🙂 Bueno")

    assert phone.values["mood"] == 4


def test_an_own_phone_reviews_at_once(hilo: Rig) -> None:
    """There it is as before: every answer in one message."""
    phone = come_in(hilo, "1 · Nadie más")
    check_in(hilo, phone)
    follow(phone, "button.review")

    assert say("review.heading") in (phone.last.text or "")
    assert "🙁 Bajo" in (phone.last.text or "")


def test_what_is_not_asked_yet_counts_as_watched(hilo: Rig) -> None:
    """Before she has said who sees it, nothing is quoted, and a notice names no topic."""
    phone = come_in(hilo)
    hilo.ask(phone)
    phone.press("2 · 🙁 Bajo")
    assert "✓ Anotado" in phone.screen()
    assert "✓ 🙁 Bajo" not in phone.screen()
    hilo.advance(days=2)
    phone.press("Más tarde")
    hilo.advance(hours=11)
    hilo.tick()

    assert say("leader.notice") in phone.told
    assert "¿Qué pasó esta semana" not in phone.told


@pytest.mark.parametrize("said", ["2 · Lo compartimos", None])
def test_what_she_and_the_team_wrote_is_asked_about_too(hilo: Rig, said: str | None) -> None:
    """On a phone that others see, her messages to the team open by a yes, which holds for some minutes."""
    hilo.facilitator()
    phone = come_in(hilo, said)
    phone.say("/equipo Me quedé sin agua.")
    phone.say("/equipo")
    follow(phone, "button.spoken")
    assert phone.last.text == say("shown.ask.messages")
    follow(phone, "button.answers_yes")
    assert "Me quedé sin agua." in (phone.last.text or "")
    follow(phone, "button.erase_messages", "button.rather_keep")
    assert "Me quedé sin agua." in (phone.last.text or "")
    follow(phone, "button.close")
    assert phone.last.text == say("leader.closed.messages")
    follow(phone, "button.team", "button.spoken", "button.answers_yes")
    assert "Me quedé sin agua." in (phone.last.text or "")
    hilo.advance(minutes=6)
    phone.say("/equipo")
    follow(phone, "button.spoken")

    assert phone.last.text == say("shown.ask.messages")


def test_on_her_own_phone_what_was_written_opens_at_once(hilo: Rig) -> None:
    """Nobody asks who said that nobody else sees it."""
    hilo.facilitator()
    phone = come_in(hilo, "1 · Nadie más")
    phone.say("/equipo Me quedé sin agua.")
    phone.say("/equipo")
    follow(phone, "button.spoken")

    assert "Me quedé sin agua." in (phone.last.text or "")


DISCREET = """
spec: 1
name: quiet
kind: check_in
languages: [es]
minutes: 1
title: {es: Así}
why: {es: Para saber.}
steps:
  - {type: select_one, name: home, appearance: discreet, label: {es: "¿Estás a gusto en tu casa?"},
     choices: [{name: "yes", label: {es: Sí}}, {name: "no", label: {es: No mucho}}]}
  - {type: select_one, name: work, label: {es: "¿Y en el trabajo?"},
     choices: [{name: "yes", label: {es: Sí}}, {name: "no", label: {es: No mucho}}]}
"""


def test_discreet_does_what_it_says(hilo: Rig) -> None:
    """A question that its author marked leaves no answer standing in the chat, not even on a phone of her own."""
    hilo.own.mkdir()
    (hilo.own / "quiet.yaml").write_text(DISCREET, "utf-8")
    hilo.again()
    phone = come_in(hilo, "1 · Nadie más")
    hilo.ask(phone, dialog="quiet")
    phone.press("2 · No mucho")
    assert "✓ Anotado" in phone.screen()
    phone.press("Regresar")
    assert "Antes contestaste" not in phone.told
    assert not any(label.startswith("✓") for label in phone.last.labels)
    phone.press("2 · No mucho")
    phone.press("2 · No mucho")
    assert phone.screen().count("✓ No mucho") == 1
    follow(phone, "button.review")
    noted, home, work = say("chosen.discreet"), "¿Estás a gusto en tu casa?", "¿Y en el trabajo?"
    assert (phone.last.text or "").endswith(f"1 · {home}\n→ {noted}\n\n2 · {work}\n→ No mucho")
    phone.say("/misdatos")
    phone.press(next(label for label in phone.last.labels if label.startswith("Así")))
    assert (phone.last.text or "").endswith(f"{home}\n→ {noted}\n\n{work}\n→ No mucho")
    follow(phone, "button.pick_answer")
    phone.press(f"1 · {home}")

    assert "→ No mucho" in (phone.last.text or "")  # by a tap of its own


@pytest.mark.parametrize(("said", "then"), [("button.phone_same", "mine"), ("button.phone_changed", "checked")])
def test_every_three_months_it_is_asked_who_sees_it(hilo: Rig, said: str, then: str) -> None:
    """After a conversation, never over a question; whatever she says, it holds, and is asked again in three months."""
    phone = come_in(hilo, "1 · Nadie más")
    asked = say("phone.changed")
    check_in(hilo, phone)
    assert asked not in phone.screen()
    hilo.advance(days=92)
    check_in(hilo, phone)
    assert phone.last.text == asked
    follow(phone, said)
    if then == "checked":
        phone.press(say("leader.phone.checked"))
    hilo.advance(days=30)
    check_in(hilo, phone)
    assert phone.screen().count(asked) == 1
    assert phone.person.preferences["phone"] == then
    hilo.advance(days=92)
    check_in(hilo, phone)

    assert phone.screen().count(asked) == 2
    assert words(phone, "button.phone_same") in phone.last.labels


def test_who_completes_nothing_is_asked_at_her_next_coming(hilo: Rig) -> None:
    """Whoever answers nothing is asked when she comes by herself; never over the question that her words go to."""
    phone = hilo.join(seen_by=None)
    asked = say("phone.changed")
    phone.say("/menu")
    hilo.advance(days=92)
    phone.say("¿El jueves hay junta?")
    assert asked not in phone.screen()  # over "Si me dices que sí, se lo paso."
    phone.press("No")
    assert phone.last.text == asked
    phone.say("/menu")
    assert phone.screen().count(asked) == 1
    phone.press(say("button.phone_changed"))
    phone.press(say("leader.phone.checked"))
    assert phone.person.preferences["phone"] == "checked"
    hilo.advance(days=92)
    phone.say("/menu")
    assert phone.screen().count(asked) == 2


def test_over_an_open_question_there_is_a_button(hilo: Rig) -> None:
    """Where an offer or a question stands, the menu has it, until it was answered; words still go to the question."""
    phone = hilo.join()
    phone.say("/menu")
    hilo.advance(days=92)
    hilo.order()
    hilo.tick()
    phone.say("/menu")
    assert say("phone.changed") not in [message.text for message in phone.heard]
    phone.press(say("button.phone_due"))
    phone.press(say("leader.phone.shared"))
    phone.say("/menu")

    assert phone.person.preferences["phone"] == "shared"
    assert say("button.phone_due") not in phone.last.labels


def test_the_team_is_asked_nothing_of_their_phones_by_coming(hilo: Rig) -> None:
    """One of the team is asked neither at first nor after months."""
    ana = hilo.facilitator()
    for _ in range(3):
        ana.say("/menu")
        hilo.advance(days=92)

    assert say("phone.changed") not in ana.screen()
