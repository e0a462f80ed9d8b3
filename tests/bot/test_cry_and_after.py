"""What stays after a cry: its warning for the team, what she is told of it, what goes from her screen, and one line."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.messengers.port import Kind
from dialogs import danger
from tests.bot.leader import follow
from tests.bot.phone import Phone
from tests.bot.rig import RECORD, Rig, texts
from tests.bot.test_cry import SAID, consenting

RINGING = {"danger_words": {"es": [*danger.proposed("es")], "en": [*danger.proposed("en")]}}


def say(code: str, **facts: object) -> str:
    """Return a sentence in Spanish."""
    return texts().say(code, "es", **facts)


@pytest.fixture
def hilo(tmp_path: Path) -> Iterator[Rig]:
    """One installation that accepted every phrase that is proposed, with a facilitator."""
    it = Rig(tmp_path, record={**RECORD, **RINGING})
    it.facilitator()
    yield it
    it.close()


def ana(hilo: Rig) -> Phone:
    """Return the facilitator's phone, with all seen so far."""
    phone = Phone(hilo, "5000000001")
    phone.look()
    return phone


def seen_by_nobody(phone: Phone) -> None:
    """Say in the settings that nobody else sees the phone, as whoever holds it can."""
    phone.say("/menu")
    follow(phone, "button.how", "button.phone", "leader.phone.mine")


def test_a_phone_nobody_asked_about_is_not_called_watched(hilo: Rig) -> None:
    """It is not known who sees it, and that is what the team reads, with what to do; here she has no page alone."""
    phone = hilo.join(seen_by=None)
    reader = ana(hilo)
    phone.say(SAID)
    reader.press(say("button.alert_open"))
    assert (reader.last.text or "").startswith(say("alert.unasked"))
    assert say("alert.page") not in (reader.last.text or "")
    assert say("alert.watched") not in reader.told


def test_what_was_written_on_a_watched_phone_keeps_its_warning(hilo: Rig) -> None:
    """Whoever holds the phone can set that nobody else sees it: the alert and the conversation still warn."""
    phone = hilo.join(seen_by="checked")
    reader = ana(hilo)
    phone.say(SAID)
    seen_by_nobody(phone)
    reader.press(say("button.alert_open"))
    assert (reader.last.text or "").startswith(say("alert.was_watched"))
    reader.press(say("button.alert_message"))

    assert say("alert.was_watched") in (reader.last.text or "")


def test_on_her_own_phone_the_whole_answer_is_given_though_one_came_before(hilo: Rig) -> None:
    """The first cry was answered as on a watched phone: what there is to say is said with the next."""
    phone = hilo.join(seen_by="checked")
    phone.say(SAID)
    seen_by_nobody(phone)
    phone.say(SAID)
    assert (phone.last.text or "").startswith(say("cry.heard"))
    phone.say(SAID)

    assert phone.last.text == say("cry.again")


def test_before_a_yes_she_knows_that_her_words_were_not_kept(hilo: Rig) -> None:
    """What she is told names no danger; after taking it away the three ways to answer consent stand there again."""
    phone = consenting(hilo)
    phone.say(SAID)
    assert phone.last.text == say("cry.watched.wordless")
    phone.press(say("button.take_away"))
    assert phone.last.text == say("cry.gone")
    assert phone.last.labels[:3] == [say("button.agree"), say("button.doubts"), say("button.decline")]
    phone.press(say("button.agree"))

    assert phone.person.participation == "naming"


def test_an_alert_without_words_stays_open_after_it_was_read(hilo: Rig) -> None:
    """That somebody who is only arriving asked for help is left of it, until one of the team notes that it is done."""
    phone = consenting(hilo)
    reader = ana(hilo)
    phone.say(SAID)
    reader.press(say("button.alert_open"))
    reader.press(say("button.alert_mine"))
    assert say("button.alert_request") in reader.last.labels
    reader.say("/avisos")
    assert say("asked.short.support") in reader.last.labels[0]
    reader.press(reader.last.labels[0])
    reader.press(say("button.asked_done"))
    reader.say("/avisos")

    assert say("attend.none") in (reader.last.text or "")


@pytest.mark.parametrize("messenger", ["telegram", "web"])
def test_taking_it_away_takes_the_card_and_what_was_pressed(hilo: Rig, messenger: str) -> None:
    """The card and the answer to a call stood above: they go with the cry."""
    hilo.messenger.name = messenger
    phone = hilo.join(seen_by="checked")
    phone.say(SAID)
    phone.press(say("button.support"))
    card = RECORD["care_card"]["es"]
    assert card in phone.screen()
    phone.press(say("button.look_for_me"))
    assert phone.last.text == say("cry.called.watched")
    assert phone.last.labels[:2] == [say("button.reach.watched"), say("button.take_away")]
    phone.press(say("button.take_away"))
    hilo.settle()

    assert phone.last.text == say("cry.gone")
    if messenger == "web":
        rows = hilo.rows("SELECT count(*) FROM outbox WHERE kind = 'delete'")
        assert rows[0][0] >= 2
    else:
        assert card not in phone.screen()
        assert say("cry.called.watched") not in phone.screen()


def test_one_cry_is_one_line_that_says_what_it_is(hilo: Rig) -> None:
    """The alert, not its conversation as well; counted once, and nothing precedes it. What she is told is the fact."""
    phone = hilo.join(nickname="Ceiba")
    other = hilo.join(nickname="Luna")
    other.say("Hola a todas.")
    other.say("sí")
    reader = ana(hilo)
    phone.say(SAID)
    phone.say(SAID)
    assert phone.last.text == say("cry.again")  # it stands before everything else
    reader.say("/avisos")
    assert reader.last.labels[0] == f"Ceiba · {say('alert.rings')} · {say('time.today')}"
    assert len([label for label in reader.last.labels if label.startswith("Ceiba")]) == 1
    assert any(label.startswith("Luna") for label in reader.last.labels)
    reader.say("/menu")
    assert texts().count("today.alerts", "es", 1) in reader.told
    assert texts().count("today.messages", "es", 1, name="Luna", day="de hoy") in reader.told


def test_a_reply_is_warned_of_once_more_before_it_goes(hilo: Rig) -> None:
    """The phone was set back while the reply was written."""
    phone = hilo.join()
    reader = ana(hilo)
    phone.say(SAID)
    reader.press(say("button.alert_open"))
    assert say("alert.watched") not in reader.told
    reader.press(say("button.alert_message"))
    reader.press(say("button.mail_reply"))
    phone.say("/menu")
    follow(phone, "button.how", "button.phone", "leader.phone.checked")
    reader.say("Estoy en la casa de Rosa.")

    assert (reader.last.text or "").startswith(say("alert.watched"))


def test_a_picture_before_a_yes_is_answered_alike(hilo: Rig) -> None:
    """A caption is heard as words are, and not kept either."""
    phone = consenting(hilo)
    hilo.messenger.give_file(phone.chat, Kind.PHOTO, b"x", text=SAID)
    hilo.settle()

    assert say("cry.watched.wordless") in phone.told
