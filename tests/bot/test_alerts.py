"""Words of danger that the organisation listed: noticed in answers and messages, told at once, seen to by one."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.messengers.port import Unknown
from bot.rendering import targets
from bot.team.kit.page import SCREEN_LENGTH
from dialogs.danger import RINGS, Matcher
from tests.bot.phone import Phone
from tests.bot.rig import RECORD, Rig, texts

LISTED = {"danger_words": {"es": ["me pegó", "amenaza", "niño perdido"], "en": ["threat"]}}
PROTOCOL = {"danger_protocol": {"es": "Llamar hoy a Rosa.", "en": "Call Rosa today."}}
SAID = "Ayer ME PEGO, y tengo miedo."
NOTICE = texts().say("notice.danger", "es", cohort="Sierra Norte")
MINE = texts().say("button.alert_mine", "es")


@pytest.fixture
def listed(tmp_path: Path) -> Iterator[Rig]:
    """One installation whose organisation has listed words, and what to do."""
    it = Rig(tmp_path, record={**RECORD, **LISTED, **PROTOCOL})
    yield it
    it.close()


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("Me pegó.", True),
        ("¡ME PEGO!", True),
        ("ayer me  pegó otra vez", True),
        ("me pegóstear", False),
        ("hubo amenazas", False),
        ("Amenaza", True),
        ("a threat", True),
        ("threaten", False),
        ("un nino perdido", True),
        ("", False),
    ],
)
def test_only_whole_words_count_and_accents_do_not(said: str, found: bool) -> None:
    """In every language of the list, whatever language she speaks."""
    seen = Matcher(["me pegó", "amenaza", "niño perdido", "threat"]).look(said)

    assert (seen is not None and seen.strength == RINGS) is found


def test_without_a_list_nothing_rings() -> None:
    """An organisation that accepted nothing, or blanks, hears nothing at once; what the tables mark is marked."""
    for phrases in ([], ["", "¡!"]):
        seen = Matcher(phrases).look(SAID)
        assert seen is not None
        assert seen.strength != RINGS
        assert Matcher(phrases).look("¡!") is None


def answering(hilo: Rig, text: str = SAID) -> Phone:
    """Let a leader say something in answer to an open question."""
    leader = hilo.join()
    hilo.ask(leader)
    leader.say("2")
    leader.say(text)
    return leader


def writing(hilo: Rig, text: str = SAID) -> Phone:
    """Let a leader say something to the team."""
    leader = hilo.join()
    leader.say(text)
    return leader


def test_marked_words_stand_in_the_menu(hilo: Rig) -> None:
    """What rang nowhere is a line of what waits, above what is only new, until somebody has seen to it."""
    answering(hilo, "Mi cuñado nos amenazó por ir a la asamblea")
    ana = hilo.facilitator()
    ana.say("/menu")
    told = (ana.last.text or "").split("\n")
    assert told[1] == f"· {texts().count('today.marked', 'es', 1)}"


@pytest.mark.parametrize("said", [answering, writing])
def test_the_team_of_the_group_is_told_at_once(listed: Rig, said: object, caplog: pytest.LogCaptureFixture) -> None:
    """Every facilitator of hers, in her own language: no name, none of the words, the protocol beside it."""
    caplog.set_level(logging.DEBUG)
    ana, eva = listed.facilitator(), listed.facilitator("en", nickname="Eva")
    admin = listed.facilitator(nickname="Sol", cohort=None, role="admin")
    stranger = listed.facilitator(nickname="Luz", cohort="Costa")
    for phone in (ana, eva, admin, stranger):
        phone.look()
    said(listed)  # type: ignore[operator]  # one of two functions

    assert ana.news == [f"{NOTICE}\n\nLlamar hoy a Rosa."]
    assert eva.news == [f"{texts().say('notice.danger', 'en', cohort='Sierra Norte')}\n\nCall Rosa today."]
    assert (admin.news, stranger.news) == ([], [])
    assert ana.last.labels == [texts().say("button.alert_open", "es")]
    assert "pego" not in caplog.text.lower()
    assert listed.count("alerts") == 1


@pytest.mark.parametrize("accepted", [False, True])
def test_what_may_not_have_been_heard_is_said_once_more(listed: Rig, accepted: bool) -> None:
    """The answer of a notice was lost, perhaps with it: seconds later it rings once more, and says so."""
    ana = listed.facilitator()
    listed.messenger.fail(Unknown("cut"), chat=ana.chat, new=True, accepted=accepted)
    answering(listed)
    listed.advance(seconds=3)
    listed.tick()

    assert [text.endswith(f"{NOTICE}\n\nLlamar hoy a Rosa.") for text in ana.news] == [True] * (1 + accepted)
    assert ana.news[-1].startswith(texts().say("prompt.repeat", "es"))


def test_admins_are_told_where_nobody_facilitates(listed: Rig) -> None:
    """Somebody always hears."""
    admin = listed.facilitator(nickname="Sol", cohort=None, role="admin")
    admin.look()
    answering(listed)

    assert admin.news[0].startswith(NOTICE)


def test_what_follows_within_the_hour_is_added(listed: Rig) -> None:
    """A correction, more words and another answer ring no second time; after the hour they do."""
    ana = listed.facilitator()
    leader = listed.join()
    listed.ask(leader)
    leader.say("2")
    ana.look()
    order = leader.say("Todo bien.")
    assert ana.news == []
    leader.edit(order, SAID)
    leader.say("y hubo otra amenaza")
    leader.press("Listo")
    assert len(ana.news) == 1
    leader.press("3 · Información")
    leader.say("amenaza")
    assert [said.startswith(NOTICE) for said in ana.news] == [True, False]
    ana.press("Abrir")
    assert texts().say("alert.added", "es") in (ana.last.text or "")
    ana.look()
    leader.press("Listo")
    listed.advance(minutes=61)
    leader.say("amenaza")

    assert [said.startswith(NOTICE) for said in ana.news] == [True]


def test_what_rings_is_not_asked_about(listed: Rig) -> None:
    """With nothing open it goes to the team at once, as she was told it would."""
    ana, leader = listed.facilitator(), listed.join()
    ana.look()
    leader.say(SAID)

    assert [said.startswith(NOTICE) for said in ana.news] == [True]
    assert texts().say("button.turn_to", "es") in leader.last.labels
    assert "Sí" not in leader.last.labels
    assert leader.messages == [("to_team", SAID)]


@pytest.mark.parametrize(("said", "heading"), [(answering, "¿Qué pasó esta semana"), (writing, "")])
def test_what_was_said_is_shown_with_the_protocol(listed: Rig, said: object, heading: str) -> None:
    """Opened, it tells who, the question and the words, and what was agreed; that she read it is on record."""
    ana = listed.facilitator()
    said(listed)  # type: ignore[operator]  # one of two functions
    ana.press("Abrir")
    shown = ana.last.text or ""

    assert all(
        each in shown
        for each in ("Colibrí", SAID, heading, texts().say("alert.protocol", "es", text="Llamar hoy a Rosa."))
    )
    assert ana.last.protected
    assert [entry.actor for entry in listed.audited("alerts.read")] == [str(ana.person.id)]
    with listed.reading() as unit:
        assert [panel.until is not None for panel in unit.panels.of(ana.person.id, "page")] == [True]
    place = ana.last.order
    ana.press(MINE)
    assert ana.last.order == place
    assert MINE not in ana.last.labels
    assert texts().say("alert.mine.alone", "es") in (ana.last.text or "")


def test_of_two_at_once_one_sees_to_it(listed: Rig) -> None:
    """The second is told who; so are the others; the list is empty then."""
    ana, eva = listed.facilitator(), listed.facilitator(nickname="Eva")
    answering(listed)
    for phone in (ana, eva):
        phone.press("Abrir")
    listed.messenger.press(ana.chat, MINE)
    listed.messenger.press(eva.chat, MINE)
    listed.settle()
    assert texts().say("alert.mine", "es") in ana.told
    assert texts().say("alert.taken", "es", name="Ana") in eva.told
    assert texts().say("alert.taken_already", "es", name="Ana") in eva.told
    with listed.reading() as unit:
        assert unit.alerts.open() == []
    eva.say("/avisos")

    assert eva.told == texts().say("attend.none", "es")


def test_who_says_so_has_read_everything(listed: Rig) -> None:
    """However long it is, it is turned to its end first; what is added meanwhile is shown before anything is noted."""
    ana, eva, leader = listed.facilitator(), listed.facilitator(nickname="Eva"), listed.join()
    leader.say("Hubo una amenaza. " + "Es lo del agua y de la tierra. " * 20 + "Nos vamos mañana.")
    ana.press("Abrir")
    assert MINE not in ana.last.labels
    assert texts().say("button.alert_not_so", "es") not in ana.last.labels
    while texts().say("button.next", "es") in ana.last.labels:
        assert len(ana.last.text or "") <= SCREEN_LENGTH
        ana.press(texts().say("button.next", "es"))
    assert "Nos vamos mañana." in (ana.last.text or "")
    leader.say("Otra amenaza: hoy en la noche.")
    eva.look()
    for button in (MINE, texts().say("button.alert_not_so", "es")):
        ana.press_id(*ana.button(button))
        assert (ana.last.text or "").startswith(texts().say("alert.more", "es"))
        assert "hoy en la noche" in (ana.last.text or "")
        leader.say(f"Amenaza, y {button}.")
    with listed.reading() as unit:
        assert [each.seen_at for each in unit.alerts.ringing()] == [None]
    assert eva.news == []
    ana.press_id(*ana.button(MINE))
    ana.press(MINE)

    assert texts().say("alert.mine", "es") in (ana.last.text or "")
    assert texts().say("alert.taken", "es", name="Ana") in eva.told


@pytest.mark.parametrize("step", ["m", "n"])
def test_a_button_of_before_opens_it_first(listed: Rig, step: str) -> None:
    """As notices of an earlier version have it: nothing is noted of what was not on her screen."""
    ana, leader = listed.facilitator(), listed.join()
    leader.say(SAID)
    with listed.reading() as unit:
        alert = unit.alerts.open()[0]
        speech = listed.turns.speech(unit, ana.person)
        old = speech.button("button.alert_mine", targets.ALERT, f"{step}{alert.id.hex}")
    ana.press_id(old.id)

    assert (ana.last.text or "").startswith(texts().say("alert.read_first", "es"))
    assert SAID in (ana.last.text or "")
    with listed.reading() as unit:
        assert unit.alerts.open()[0].seen_at is None


def test_who_saw_to_it_by_mistake_can_leave_it_to_another(listed: Rig) -> None:
    """It is open again, the others hear so, and one of them sees to it; only who had it can leave it."""
    ana, eva = listed.facilitator(), listed.facilitator("en", nickname="Eva")
    answering(listed)
    ana.press("Abrir")
    ana.press(MINE)
    eva.look()
    ana.press(texts().say("button.alert_open", "es"))
    button = ana.button(texts().say("button.alert_left", "es"))
    ana.press_id(*button)
    assert texts().say("alert.left", "es") in (ana.last.text or "")
    assert texts().say("alert.free", "en", name="Ana") in eva.told
    eva.say("/alerts")
    assert "Colibrí" in eva.last.labels[0]
    eva.press(eva.last.labels[0])
    eva.press(texts().say("button.alert_mine", "en"))
    ana.press_id(*button)

    assert texts().say("alert.seen", "es", name="Eva") in ana.screen()
    assert [entry.actor for entry in listed.audited("alerts.left")] == [str(ana.person.id)]


def test_the_list_of_what_is_to_be_seen_to_fits_a_phone(listed: Rig) -> None:
    """However many there are, they are paged, the longest waiting first, and each can be opened."""
    ana = listed.facilitator()
    leader = listed.join()
    for _ in range(7):
        leader.say("Una amenaza.")
        listed.advance(minutes=61)
    ana.say("/avisos")
    assert ana.last.labels[5:] == [texts().say(f"button.{code}", "es") for code in ("next", "mail_closed", "menu")]
    assert len(set(ana.last.labels)) == 8  # of one person, and told apart by the hour
    ana.press(texts().say("button.next", "es"))
    assert len([label for label in ana.last.labels if label.startswith("Colibrí · aviso · hoy 1")]) == 2
    label = ana.last.labels[0]
    ana.press(label)
    assert label.replace(" · aviso", "") in (ana.last.text or "")

    assert "Una amenaza." in (ana.last.text or "")


@pytest.mark.parametrize("kind", ["o", "m", "p"])
def test_another_group_s_alert_opens_to_nobody_else(listed: Rig, kind: str) -> None:
    """A good button opens nothing of a group that is not hers, and the try is on record."""
    listed.facilitator()
    stranger = listed.facilitator(nickname="Luz", cohort="Costa")
    answering(listed)
    stranger.say("/avisos")
    assert stranger.told == texts().say("attend.none", "es")
    with listed.reading() as unit:
        (alert,) = unit.alerts.open()
        button = listed.turns.speech(unit, stranger.person).buttons.plain("alert", f"{kind}{alert.id.hex}")
    stranger.press_id(button)

    assert stranger.told == texts().say("staff.not_allowed", "es")
    assert len(listed.audited("refused")) == 1
    with listed.reading() as unit:
        assert len(unit.alerts.open()) == 1


def test_from_an_alert_she_can_write_to_whom_it_is_about(listed: Rig) -> None:
    """An answer leads to a message to her, a message to its place in the inbox."""
    ana = listed.facilitator()
    leader = answering(listed)
    ana.press("Abrir")
    ana.press(texts().say("button.alert_write", "es"))
    ana.say("¿Te puedo llamar?")
    ana.press("1 · Mandar a nombre del equipo")

    assert "¿Te puedo llamar?" in leader.told


def test_what_she_erased_is_not_shown(listed: Rig) -> None:
    """The notice leads to a sentence that it is gone."""
    ana = listed.facilitator()
    leader = answering(listed)
    leader.press("Listo")
    with listed.unit() as unit:
        unit.answers.drop(leader.run.id, "week")
    ana.press("Abrir")

    assert texts().say("alert.erased", "es") in (ana.last.text or "")
    assert SAID not in ana.screen()


def test_a_wizard_s_words_are_no_alert(listed: Rig) -> None:
    """What the team itself writes is not looked through."""
    writing(listed, "Hola.").press("Sí")
    ana = listed.facilitator()
    ana.say("/mensajes")
    ana.press(next(label for label in ana.last.labels if label.startswith("Colibrí")))
    ana.press("Contestar")
    ana.say("¿Fue una amenaza?")
    ana.press("1 · Mandar a nombre del equipo")

    assert listed.count("alerts") == 0


def test_what_nobody_read_is_told_again_in_two_hours(listed: Rig) -> None:
    """To the group's facilitators and the admins, every two hours of the day, until somebody presses."""
    ana = listed.facilitator()
    admin = listed.facilitator(nickname="Sol", cohort=None, role="admin")
    answering(listed)
    for minutes, told in ((119, False), (2, True), (60, False), (60, True)):
        ana.look()
        admin.look()
        listed.advance(minutes=minutes)
        listed.tick()
        assert len(ana.news) == len(admin.news) == told
        if told:
            assert ana.news[0].startswith(texts().say("notice.danger.again", "es", cohort="Sierra Norte"))
    admin.press("Abrir")
    admin.press(MINE)
    assert texts().say("alert.taken", "es", name="Sol") in ana.told


def test_what_was_seen_to_is_not_told_again(listed: Rig) -> None:
    """Hours later all is quiet."""
    ana = listed.facilitator()
    answering(listed)
    ana.press("Abrir")
    ana.press(MINE)
    ana.look()
    listed.advance(hours=26)
    listed.tick()

    assert ana.news == []


@pytest.mark.parametrize("language", ["es", "en"])
def test_of_several_alerts_those_that_are_left_are_told(listed: Rig, language: str) -> None:
    """Whoever hears that one is seen to hears how many are not, of her own groups, and can go there."""
    ana, eva = listed.facilitator(), listed.facilitator(language, nickname="Eva")
    for name in ("Ceiba", "Nopal", "Amate"):
        leader = listed.join(nickname=name)
        leader.say(SAID)
    stranger = listed.join(nickname="Manglar", cohort="Costa")
    stranger.say(SAID)
    for left in (2, 1):
        eva.look()
        ana.say("/avisos")
        ana.press(ana.last.labels[0])
        ana.press(MINE)
        assert texts().count("alert.taken.one", language, left, name="Ana") in eva.told
        assert texts().say("button.alerts", language) in eva.last.labels
    eva.look()
    ana.say("/avisos")
    ana.press(ana.last.labels[0])
    ana.press(MINE)

    assert eva.told == texts().say("alert.taken", language, name="Ana")
    assert texts().say("button.alerts", language) not in eva.last.labels


def test_what_else_was_answered_still_waits_to_be_read(listed: Rig) -> None:
    """An alert shows one answer: opening it takes none of the others from what is next to read."""
    ana = listed.facilitator()
    leader = answering(listed)
    leader.press("Listo")
    leader.press("2 · Que me llamen")
    leader.say("Del agua.")
    ana.press(texts().say("button.alert_open", "es"))
    ana.press(MINE)
    ana.say("/leer")
    ana.press(texts().say("button.read_next", "es"))

    assert "Que me llamen" in (ana.last.text or "")
