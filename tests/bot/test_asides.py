"""What a question cannot take stays beside it: hers to use, to see and to erase, the team's to read, and no answer."""

from pathlib import Path

import pytest

from bot.messengers.port import Kind
from tests.bot import samples
from tests.bot.leader import words
from tests.bot.rig import Phone, Rig
from tests.bot.walker import Roads

STORY = "Hubo junta y se habló del agua; faltaron las de arriba."


def asked(hilo: Rig) -> Phone:
    """Bring someone to the first question of a check-in, which wants a number."""
    phone = hilo.join()
    hilo.ask(phone)
    return phone


def beside(phone: Phone) -> list[tuple[str, tuple[object, ...]]]:
    """List what is kept beside the questions of her newest run."""
    person, run = phone.person, phone.run
    with phone.rig.reading() as unit:
        return [(each.path, each.pieces) for each in unit.asides.of(run.id, person)]


def test_a_story_refused_is_kept_and_offered(hilo: Rig) -> None:
    """Where a number is wanted she tells a story: it is kept, and may be given to the next open question."""
    phone = asked(hilo)
    phone.say(STORY)
    assert words(phone, "aside.passed") in phone.told
    assert beside(phone) == [("mood", (STORY,))]
    assert words(phone, "prompt.aside", words=STORY) in phone.told
    phone.press(words(phone, "button.use_aside"))
    phone.press("Listo")

    assert phone.values == {"mood": None, "week": (STORY,)}
    assert beside(phone) == []


def test_it_is_offered_once_and_stays(hilo: Rig) -> None:
    """Whoever tells something else is not asked again; it stays beside its question, also when that is answered."""
    phone = asked(hilo)
    phone.say(STORY)
    phone.say("Otra cosa.")
    phone.press("Listo")
    phone.press("2 · Que me llamen")
    assert "Usarlo aquí" not in phone.last.labels
    phone.say("Por el agua.")

    assert phone.run.status == "completed"
    assert beside(phone) == [("mood", (STORY,))]


def test_a_slip_is_kept_and_makes_no_ado(hilo: Rig) -> None:
    """A wrong number followed by the right one is kept: nothing is said of it, and nothing offered."""
    phone = asked(hilo)
    phone.say("99")
    phone.say("99")
    assert words(phone, "aside.kept") not in phone.told
    phone.say("2")

    assert "Usarlo aquí" not in phone.last.labels
    assert beside(phone) == [("mood", ("99",))]
    assert phone.values == {"mood": 2}


def test_nothing_is_quoted_on_a_watched_phone(hilo: Rig) -> None:
    """Whose phone others see is offered it all the same, without a word of it on the screen."""
    phone = hilo.join()
    with hilo.unit() as unit:
        unit.people.prefer(phone.person, phone="shared")
    hilo.ask(phone)
    phone.say(STORY)

    assert STORY not in phone.told
    phone.press(words(phone, "button.use_aside"))
    assert phone.values["week"] == (STORY,)


def test_a_text_too_long_is_kept_whole(hilo: Rig) -> None:
    """Past the longest answer nothing is cut off and nothing is lost: it stands beside the question."""
    phone = asked(hilo)
    phone.say("2")
    phone.say("a" * 20_001)

    assert beside(phone) == [("week", ("a" * 20_001,))]


def test_more_than_was_understood_is_kept(hilo: Rig) -> None:
    """Whoever is asked whether she meant a choice, and says yes, has told what she told."""
    phone = asked(hilo)
    for said in ("2", "Ya."):
        phone.say(said)
    phone.press("Listo")
    said = "que me llamen por lo del agua por favor"
    phone.say(said)
    phone.say("sí")

    assert phone.values["need"] == "call"
    assert ("need", (said,)) in beside(phone)


def test_an_edit_of_it_may_be_the_answer(hilo: Rig) -> None:
    """A refused message that she corrects answers its question while that waits; later its words change in place."""
    phone = asked(hilo)
    order = phone.say("no sé, tal vez poco")
    phone.edit(order, "2")
    assert phone.values == {"mood": 2}
    assert beside(phone) == []

    phone = hilo.join(nickname="Ceiba")
    hilo.ask(phone)
    order = phone.say(STORY)
    phone.edit(order, "Hubo junta, y ya.")
    assert words(phone, "aside.edited") in phone.told
    assert beside(phone) == [("mood", ("Hubo junta, y ya.",))]
    assert phone.values == {"mood": None}


def test_an_edit_that_is_no_answer_is_kept(hilo: Rig) -> None:
    """The answer she changed into something it cannot be stays as it was, and her words stand beside it."""
    phone = asked(hilo)
    order = phone.say("2")
    phone.edit(order, STORY)

    assert phone.values == {"mood": 2}
    assert beside(phone) == [("mood", (STORY,))]


@pytest.fixture
def roads(tmp_path: Path) -> Roads:
    """An installation that fetches voice notes and photos."""
    return Roads(tmp_path)


def test_a_voice_note_where_a_number_is_wanted(roads: Roads) -> None:
    """It is kept with its file, offered where voice is taken, and its file goes with the answer it becomes."""
    phone = asked(roads)
    phone.look()
    roads.messenger.give_file(phone.chat, Kind.VOICE, samples.ogg(), seconds=24)
    roads.settle()
    assert words(phone, "aside.passed.voice") in phone.told
    assert roads.rows("SELECT path FROM media") == [(roads.storage.vault.path_hash(phone.run.id, "mood"),)]
    phone.press(words(phone, "button.use_aside"))

    assert roads.rows("SELECT path FROM media") == [(roads.storage.vault.path_hash(phone.run.id, "week"),)]
    assert beside(phone) == []
    roads.close()


def test_a_photo_with_words_under_it(roads: Roads) -> None:
    """Both are kept; the team finds them beside the question, and she erases them with it."""
    phone = asked(roads)
    roads.messenger.give_file(phone.chat, Kind.PHOTO, samples.jpeg(), text="Así quedó el tanque de allá arriba.")
    roads.settle()
    (found,) = beside(phone)
    assert len(found[1]) == 2

    ana = roads.facilitator()
    ana.say("/leer")
    ana.press("Leer lo que sigue")
    sent = f"{words(ana, 'piece.photo')}\nAsí quedó el tanque de allá arriba."  # in the order in which it was sent
    assert words(ana, "read.aside", words=sent) in (ana.last.text or "")
    assert any(label.startswith("📷") for label in ana.last.labels)
    phone.say("/misdatos")
    phone.press(next(label for label in phone.last.labels if label.startswith("¿Cómo vas?")))
    assert "Así quedó el tanque" in (phone.last.text or "")
    phone.press(words(phone, "button.pick_answer"))
    phone.press(next(label for label in phone.last.labels if label.startswith("1 ·")))
    phone.press(words(phone, "button.erase_answer"))
    phone.press(words(phone, "button.erase_sure"))
    assert beside(phone) == []
    assert roads.count("media") == 0
    assert phone.run.state["position"] == "week"
    roads.close()


def test_the_team_reads_it_as_no_answer(hilo: Rig) -> None:
    """Beside the answer, marked as none; a slip beside an answered question is not worth reading."""
    phone = asked(hilo)
    phone.say("99")
    phone.say(STORY)
    phone.say("2")
    ana = hilo.facilitator()
    ana.say("/leer")
    ana.press("Leer lo que sigue")
    assert words(ana, "read.aside", words=STORY) in (ana.last.text or "")
    assert "99" not in (ana.last.text or "")


def test_words_of_danger_are_heard_in_it(hilo: Rig) -> None:
    """What the organisation listed is heard also where the words were no answer."""
    with hilo.unit() as unit:
        unit.organisation.set({**unit.organisation.get(), "danger_words": {"es": ["me pega"]}})
    ana = hilo.facilitator()
    phone = asked(hilo)
    ana.look()
    phone.say("es que me pega cuando salgo")

    assert hilo.count("alerts") == 1
    assert ana.news


def test_a_rehearsal_keeps_nothing(hilo: Rig) -> None:
    """What one of the team tries on herself leaves nothing, whatever she says in it."""
    ana = hilo.facilitator()
    with hilo.unit() as unit:
        card = {"es": "※"}
        person = ana.person
        hilo.turns.begin(unit, person, hilo.content.dialog("check_in"), "staff", offer=False, rehearsal={"why": card})
    hilo.send()
    ana.say(STORY)

    assert hilo.count("asides") == 0


def test_it_goes_with_her_and_with_its_time(hilo: Rig) -> None:
    """Retention takes it, and so does the erasure of all of her."""
    phone = asked(hilo)
    phone.say(STORY)
    hilo.advance(days=500)
    hilo.tick()
    assert hilo.count("asides") == 0

    other = hilo.join(nickname="Ceiba")
    hilo.ask(other)
    other.say(STORY)
    assert hilo.count("asides") == 1
    other.say("/borrar")
    other.press(words(other, "button.erase_all"))
    other.press(words(other, "button.erase_all_sure"))
    assert hilo.count("asides") == 0
