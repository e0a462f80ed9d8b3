"""What is said or pressed out of its place: it changes nothing, is never lost, and always leads on."""

from datetime import timedelta

import pytest

from bot.messengers.port import Kind
from tests.bot import samples
from tests.bot.rig import Phone, Rig, texts

LONG = "Fuimos a la asamblea y se habló del agua. " * 120  # five thousand characters


def asked(hilo: Rig) -> Phone:
    """Bring someone to the first question of a check-in."""
    phone = hilo.join()
    hilo.ask(phone)
    return phone


def counted(hilo: Rig) -> int:
    """Count every revision of every answer."""
    return hilo.count("answers")


@pytest.mark.parametrize("kind", [Kind.STICKER, Kind.OTHER])
def test_what_cannot_be_read_is_said_so(hilo: Rig, kind: Kind) -> None:
    """A sticker or a place is not kept; she hears what is needed, and is asked again."""
    phone = asked(hilo)
    hilo.messenger.files["abc"] = samples.ogg()
    phone.send(kind, file="abc")

    assert texts().say("refused.not_a_number", "es", example="3") in phone.told
    assert "1 de 4" in phone.told
    assert counted(hilo) == 0


@pytest.mark.parametrize("kind", [Kind.VOICE, Kind.PHOTO])
def test_what_can_be_heard_or_seen_leads_on(hilo: Rig, kind: Kind) -> None:
    """A voice note or a photo to a scale is no answer: it stays beside it, and the next question is asked."""
    phone = asked(hilo)
    hilo.messenger.files["abc"] = samples.jpeg() if kind is Kind.PHOTO else samples.ogg()
    phone.send(kind, file="abc")

    assert texts().say(f"aside.passed.{kind.value}", "es") in phone.told
    assert "2 de 4" in phone.told
    assert phone.values == {"mood": None}


def test_what_is_no_word_is_told_what_is_needed_instead(hilo: Rig) -> None:
    """At a question with choices a sticker is answered by how to choose; at an open one, that words are needed."""
    phone = asked(hilo)
    phone.say("2")
    phone.send(Kind.STICKER)
    assert texts().say("refused.not_text", "es") in phone.told
    phone.press("Saltar")
    phone.send(Kind.STICKER)

    assert texts().say("refused.not_a_choice", "es", max="4") in phone.told
    assert "3 de" in phone.told


def test_what_cannot_be_read_leads_on_when_nothing_is_open(hilo: Rig) -> None:
    """Without an open question, a sticker is answered by what can be read and the menu."""
    phone = hilo.join()
    phone.send(Kind.STICKER)

    assert phone.told == texts().say("sorry.only_text", "es")
    assert phone.last.labels == ["Menú"]


def test_five_thousand_characters_are_kept_whole(hilo: Rig) -> None:
    """An open text takes a long message as it is, to the last character."""
    phone = asked(hilo)
    phone.say("2")
    phone.say(LONG)
    phone.press("Listo")

    assert phone.values["week"] == (LONG.strip(),)


def test_five_thousand_characters_elsewhere_are_kept_beside(hilo: Rig) -> None:
    """At a question with choices they stay beside it, which a short sentence says, and the next one is asked."""
    phone = asked(hilo)
    phone.say(LONG)

    assert phone.values == {"mood": None}
    assert hilo.count("asides") == 1
    assert texts().say("aside.passed", "es") in phone.told
    assert all(len(text) < 600 for text in phone.news)


def test_a_whole_book_is_refused_with_its_limit(hilo: Rig) -> None:
    """Past the longest answer, the number that fits is told, and nothing is cut off in silence."""
    phone = asked(hilo)
    phone.say("2")
    phone.say("a" * 20_001)

    assert "20000" in phone.told.replace(",", "")
    assert "week" not in phone.values


def test_a_near_miss_is_offered(hilo: Rig) -> None:
    """A misspelt choice is not guessed: what was probably meant is offered."""
    phone = asked(hilo)
    for skipped in ("2", "Ya."):
        phone.say(skipped)
    phone.press("Listo")
    phone.say("informasion")

    assert "¿Quisiste decir «Información»?" in phone.told
    assert "need" not in phone.values


def test_a_press_on_a_month_old_button_changes_nothing(hilo: Rig) -> None:
    """A button of a question long past is answered kindly, and what is open is asked again."""
    phone = asked(hilo)
    old = phone.button("2 · 🙁 Bajo")
    phone.say("5")
    phone.say("Ya.")
    phone.press("Listo")
    phone.press("1 · Nada por ahora")
    before = counted(hilo)
    hilo.advance(days=30)
    phone.press_id(*old)
    assert phone.told.startswith(texts().say("misplaced.closed", "es"))
    assert "Menú" in phone.last.labels
    hilo.ask(phone)
    phone.press_id(*old)

    assert phone.told.startswith(texts().say("misplaced.closed", "es"))
    assert counted(hilo) == before


def test_a_press_on_an_earlier_question_of_the_run(hilo: Rig) -> None:
    """A keyboard passed over is stale while its run is open: the open question follows."""
    phone = asked(hilo)
    old = phone.button("2 · 🙁 Bajo")
    phone.say("5")
    phone.press_id(*old)

    assert texts().say("misplaced.stale", "es") in phone.told
    assert "2 de 4" in phone.told
    assert phone.values == {"mood": 5}


@pytest.mark.parametrize("forged", ["", "x", "A" * 64, "ñandú", "\x00", "AAAA" * 12])
def test_a_forged_button_changes_nothing(hilo: Rig, forged: str) -> None:
    """An id that was made up is told to be an old button, and the open question is asked again."""
    phone = asked(hilo)
    phone.press_id(forged)

    assert counted(hilo) == 0
    assert "1 de 4" in phone.told


def test_a_button_copied_from_another_chat_changes_nothing(hilo: Rig) -> None:
    """A button carries its chat: pressed elsewhere it is nothing, for whichever run and whomever it names."""
    hers, other = hilo.join(nickname="Ceiba"), hilo.join(nickname="Nopal")
    hilo.ask(hers, other)
    stolen, menu = hers.button("2 · 🙁 Bajo"), hers.button("Más tarde")
    for button, order in (stolen, menu):
        other.press_id(button, order)
        assert texts().say("misplaced.stale", "es") in other.told

    assert counted(hilo) == 0
    assert hers.run.status == other.run.status == "open"


def test_a_signed_button_of_someone_elses_run_changes_nothing(hilo: Rig) -> None:
    """Even with a good signature for her own chat, a run of another person is not hers to answer."""
    hers, other = hilo.join(nickname="Ceiba"), hilo.join(nickname="Nopal")
    hilo.ask(hers)
    with hilo.reading() as unit:
        speech = hilo.turns.speech(unit, other.person)
        made = speech.buttons.run(hers.run.id, hers.run.prompt, "choose", "mood", "2")
    other.press_id(made)

    assert counted(hilo) == 0
    assert hers.run.status == "open"


def test_two_lines_written_at_once_belong_to_the_question_seen(hilo: Rig) -> None:
    """Two updates in the inbox before either is handled both answer the question that was on her screen."""
    phone = asked(hilo)
    phone.write("2")
    phone.write("4")
    hilo.settle()

    assert phone.values == {"mood": 4}
    assert "2 de 4" in phone.told


def test_two_lines_of_a_story_written_at_once_are_both_in_it(hilo: Rig) -> None:
    """Lines of an open text that arrive in one batch are pieces of the same answer, in their order."""
    phone = asked(hilo)
    phone.say("2")
    phone.write("Hubo junta.")
    phone.write("Y faltó agua.")
    hilo.settle()

    assert phone.values["week"] == ("Hubo junta.", "Y faltó agua.")


def test_the_second_line_to_the_last_question_is_not_lost(hilo: Rig) -> None:
    """When the first of two lines ends the run, the second is added to the answer or offered to the team."""
    phone = asked(hilo)
    for said in ("2", "Ya."):
        phone.say(said)
    phone.press("Listo")
    phone.press("2 · Que me llamen")
    phone.write("Por el agua.")
    phone.write("Y por mi mamá.")
    hilo.settle()

    kept = f"{phone.values['need_about']} {phone.messages}"
    assert "Por el agua." in kept
    assert "Y por mi mamá." in kept


def test_a_reply_belongs_to_the_message_it_replies_to(hilo: Rig) -> None:
    """Words that reply to an earlier question answer that one, and the open one stays open."""
    phone = asked(hilo)
    mood = phone.last.order
    phone.say("2")
    phone.say("5", reply_to=mood)

    assert phone.values == {"mood": 5}
    assert phone.run.state["position"] == "week"


def test_a_reply_to_a_run_that_is_over_is_not_lost(hilo: Rig) -> None:
    """Words that reply to a question of a finished conversation are offered to the team."""
    phone = asked(hilo)
    mood = phone.last.order
    phone.say("2")
    phone.press("Saltar")
    phone.press("1 · Nada por ahora")
    phone.say("Lo pensé mejor.", reply_to=mood)

    assert "Lo pensé mejor." in f"{phone.values} {phone.messages}"


def test_the_same_update_twice_is_one_effect(hilo: Rig) -> None:
    """An update that arrives again, in one batch or later, is known by its number and handled once."""
    phone = asked(hilo)
    phone.say("2")
    phone.write("Hubo junta.")
    updates = hilo.run(hilo.messenger.fetch(None, 0)).updates
    for _ in range(2):
        with hilo.unit() as unit:
            hilo.receive.accept(unit, [*updates, *updates])
        hilo.handle()
        hilo.send()

    assert phone.values["week"] == ("Hubo junta.",)
    assert phone.news == [texts().say("run.collected", "es")]


def test_pressing_twice_is_one_answer(hilo: Rig) -> None:
    """An impatient second press is stale: one answer, one next question."""
    phone = asked(hilo)
    button, order = phone.button("2 · 🙁 Bajo")
    hilo.messenger.press_id(phone.chat, button, order)
    hilo.messenger.press_id(phone.chat, button, order)
    phone.look()
    hilo.settle()

    assert counted(hilo) == 1
    assert phone.values == {"mood": 2}


def test_an_edited_message_corrects_its_answer(hilo: Rig) -> None:
    """A message she changes changes the answer it gave, as a new revision."""
    phone = asked(hilo)
    phone.say("2")
    order = phone.say("Hubo junta.")
    phone.edit(order, "No hubo junta.")

    assert texts().say("run.amended", "es") in phone.told
    assert phone.values["week"] == ("No hubo junta.",)


def test_words_when_nothing_is_open_are_offered_to_the_team(hilo: Rig) -> None:
    """They are no answer, they wait for her word, and yes passes them on."""
    phone = hilo.join()
    phone.say("Se cayó el puente.")
    assert phone.told == texts().say("home.pass_on", "es")
    assert phone.messages == [("held", "Se cayó el puente.")]
    phone.press("Sí")

    assert phone.told == texts().say("home.passed_on", "es")
    assert phone.messages == [("to_team", "Se cayó el puente.")]
    assert counted(hilo) == 0


def test_no_erases_what_was_offered_to_the_team(hilo: Rig) -> None:
    """No means gone: not kept anywhere."""
    phone = hilo.join()
    phone.say("Se cayó el puente.")
    phone.press("No")

    assert phone.told == texts().say("home.not_passed_on", "es")
    assert hilo.count("messages") == 0


def test_yes_after_no_does_not_claim_what_is_not_so(hilo: Rig) -> None:
    """Once erased, a message is not said to have been passed on."""
    phone = hilo.join()
    phone.say("Se cayó el puente.")
    phone.press("No")
    phone.press("Sí")

    assert texts().say("home.passed_on", "es") not in phone.told


def test_no_after_yes_does_not_claim_what_is_not_so(hilo: Rig) -> None:
    """Once with the team, a message is not said to have been erased while it is still there."""
    phone = hilo.join()
    phone.say("Se cayó el puente.")
    phone.press("Sí")
    phone.press("No")

    assert texts().say("home.not_passed_on", "es") not in phone.told or phone.messages == []


def test_what_nobody_confirmed_is_erased_after_a_day(hilo: Rig) -> None:
    """A message she neither passed on nor erased is not kept for ever, and yes a day later is honest."""
    phone = hilo.join()
    phone.say("Se cayó el puente.")
    hilo.now += timedelta(hours=25)
    with hilo.unit() as unit:
        hilo.ticking.tidy(unit)
    assert hilo.count("messages") == 0
    phone.press("Sí")

    assert phone.told == texts().say("home.gone", "es")


def test_words_that_follow_an_offer_are_no_yes(hilo: Rig) -> None:
    """An offer is taken up by its button; words are not guessed at, and are not lost."""
    phone = hilo.join()
    hilo.order()
    hilo.tick()
    phone.say("ahorita no puedo, se murió mi tía")

    assert phone.run.status == "offered"
    assert "Sí, ahora" in phone.screen()
    assert "murió mi tía" in f"{phone.messages} {phone.values}"


def test_what_nobody_said_is_answered_by_nothing(hilo: Rig) -> None:
    """A timer that was set or a message that was pinned is no wrong answer: nothing is said, nothing asked again."""
    phone = asked(hilo)
    phone.send(Kind.NOTICE)

    assert phone.news == []
    assert phone.run.prompt == 1


def test_an_edit_without_a_change_says_nothing(hilo: Rig) -> None:
    """The same words told as changed are no new revision, and she is told of no correction."""
    phone = asked(hilo)
    phone.say("2")
    order = phone.say("Hubo junta.")
    before = counted(hilo)
    phone.edit(order, "Hubo junta.")

    assert phone.news == []
    assert counted(hilo) == before


def test_words_under_a_file_are_not_lost(hilo: Rig) -> None:
    """A video cannot be opened and she hears so; what she wrote under it is her answer."""
    phone = asked(hilo)
    phone.say("2")
    phone.send(Kind.OTHER, file="video", text="Así quedó el puente.")

    assert texts().say("sorry.file", "es") in phone.told
    assert phone.values["week"] == ("Así quedó el puente.",)


@pytest.mark.parametrize("said", ["\u200b", "\ufeff\u200d", "\x00", "\u2800", "\u202e"])
def test_what_shows_nothing_is_no_answer(hilo: Rig, said: str) -> None:
    """Marks without width and control characters are no words: she is asked again."""
    phone = asked(hilo)
    phone.say("2")
    phone.say(said)

    assert texts().say("refused.empty", "es") in phone.told
    assert "week" not in phone.values


@pytest.mark.parametrize(("said", "mood"), [("🙁", 2), ("😀", 5), ("👍", None), ("·", None)])
def test_a_face_is_the_choice_that_shows_it(hilo: Rig, said: str, mood: int | None) -> None:
    """The face that stands on one button alone is its answer; another picture is told what is needed."""
    phone = asked(hilo)
    phone.say(said)

    assert phone.values.get("mood") == mood


def test_help_shows_the_way_to_support_and_back(hilo: Rig) -> None:
    """Whoever asks for help in the middle of questions sees support and the way back to them."""
    phone = asked(hilo)
    phone.say("ayuda")

    go_on, support, menu = (texts().say(f"button.{code}", "es") for code in ("go_on", "support", "menu"))
    assert phone.last.labels == [go_on, support, menu]
    phone.press(go_on)
    assert "1 de 4" in phone.told
