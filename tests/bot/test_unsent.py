"""What could not be sent, and what nobody knows of: listed for the team, sent again or left."""

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.messengers.port import Gone, Kind, MessengerError, Rejected, Unknown
from storage.erasure import erase_messages
from tests.bot.leader import check, words
from tests.bot.rig import Phone, Rig, texts
from tests.bot.test_exporting import MAKE
from tests.bot.test_staff import answered

WORDS = "Mañana vamos a verlo, con Rosa."
LEADER, YES = {"es": "Colibrí", "en": "Robin"}, {"es": "Sí", "en": "Yes"}
REFUSED, CUT = Rejected("400: too odd"), Unknown("timed out")
AGAIN = {"es": "Por si no te llegó:", "en": "In case it didn't reach you:"}


def fail(hilo: Rig, phone: Phone, error: MessengerError, times: int = 1) -> None:
    """Let the next new messages to a phone fail; the answer of one that is cut is lost once it was sent."""
    hilo.messenger.fail(error, times, chat=phone.chat, accepted=isinstance(error, Unknown), new=True)


def wrote(hilo: Rig, ana: Phone, error: MessengerError, language: str = "es", said: str = WORDS) -> Phone:
    """Let the team answer a leader, and the answer fail."""
    leader = hilo.join(language, LEADER[language])
    leader.say("☂ ☂")
    leader.press(YES[language])
    ana.say("/messages")
    ana.press(next(label for label in ana.last.labels if label.startswith(LEADER[language])))
    ana.press(words(ana, "button.mail_reply"))
    ana.say(said)
    fail(hilo, leader, error)
    ana.press(ana.last.labels[0])
    leader.look()
    return leader


def line(phone: Phone, state: str, kind: str, name: str, at: str = "") -> str:
    """Return the line that tells of something that was not sent, up to its day."""
    what, when = words(phone, f"unsent.kind.{kind}"), "※"
    return words(phone, f"unsent.{state}", what=what, name=name, when=when).partition("※")[0] + at


def listed(phone: Phone) -> str:
    """Go to the list by the menu; returns what it says."""
    phone.say("/menu")
    phone.press(words(phone, "menu.alert"))
    phone.press(words(phone, "menu.unsent"))
    check(phone)
    return phone.last.text or ""


def open_first(phone: Phone) -> None:
    """Open the first of the list."""
    listed(phone)
    phone.press(phone.last.labels[0])
    check(phone)


def audited(hilo: Rig) -> list[tuple[str, str]]:
    """List what was decided, the oldest first, and by whom."""
    found = [each for code in ("resent", "left", "over") for each in hilo.audited(f"unsent.{code}")]
    return [(each.action, each.actor) for each in sorted(found, key=lambda each: each.at)]


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize(("error", "state"), [(REFUSED, "failed"), (CUT, "unknown")])
def test_what_was_not_sent_is_sent_again_from_the_menu(
    hilo: Rig, language: str, error: MessengerError, state: str, caplog: pytest.LogCaptureFixture
) -> None:
    """To whom, what and when, never in which words; sent again it says why, where it may have been sent before."""
    caplog.set_level(logging.DEBUG)
    ana = hilo.facilitator(language)
    leader = wrote(hilo, ana, error, language)
    ana.say("/menu")
    assert texts().count("today.unsent", language, 1) in (ana.last.text or "")
    told = listed(ana)
    assert line(ana, state, "team", LEADER[language], {"es": "hoy", "en": "today"}[language]) in told
    assert ana.last.protected
    ana.press(ana.last.labels[0])
    check(ana)
    assert words(ana, f"unsent.why.{state}") in (ana.last.text or "")
    ana.press(words(ana, "button.unsent_resend"))
    check(ana)

    assert (ana.last.text or "").startswith(words(ana, "unsent.resent"))
    assert words(ana, "unsent.none") in (ana.last.text or "")
    (news,) = leader.news
    assert WORDS in news
    assert news.startswith(AGAIN[language]) is (state == "unknown")
    assert words(leader, "button.told_answer") in leader.last.labels
    assert all(WORDS not in (each.text or "") for each in ana.heard if words(ana, "unsent.list") in (each.text or ""))
    assert audited(hilo) == [("unsent.resent", str(ana.person.id))]
    assert hilo.rows("SELECT count(*) FROM outbox WHERE body IS NOT NULL AND messenger != 'web'") == [(0,)]
    assert WORDS not in caplog.text
    ana.say("/menu")
    ana.press(words(ana, "menu.alert"))
    assert words(ana, "menu.unsent") not in ana.last.labels


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("error", [REFUSED, CUT])
def test_what_was_not_sent_is_left(hilo: Rig, language: str, error: MessengerError) -> None:
    """She is asked first, since its words go with that; then it is off everybody's list and on the trail."""
    ana = hilo.facilitator(language)
    leader = wrote(hilo, ana, error, language)
    open_first(ana)
    ana.press(words(ana, "button.unsent_leave"))
    assert words(ana, "unsent.leave.ask") in (ana.last.text or "")
    ana.press(words(ana, "button.unsent_no"))
    ana.press(words(ana, "button.unsent_leave"))
    ana.press(words(ana, "button.unsent_leave_yes"))

    assert ana.last.text == "\n\n".join((words(ana, "unsent.left"), words(ana, "unsent.none")))
    assert leader.news == []
    assert audited(hilo) == [("unsent.left", str(ana.person.id))]
    assert hilo.rows("SELECT count(*) FROM outbox WHERE state IN ('failed', 'unknown') AND body IS NOT NULL") == [(0,)]


@pytest.mark.parametrize("language", ["es", "en"])
def test_an_empty_list_is_reached_and_says_so(hilo: Rig, language: str) -> None:
    """By its command; among what needs attention it stands only while something waits."""
    ana = hilo.facilitator(language)
    ana.say("/menu")
    ana.press(words(ana, "menu.alert"))
    assert words(ana, "menu.unsent") not in ana.last.labels
    ana.say({"es": "/nosalio", "en": "/unsent"}[language])
    assert ana.last.text == words(ana, "unsent.none")


@pytest.mark.parametrize("language", ["es", "en"])
def test_a_question_is_sent_again_and_can_be_answered(hilo: Rig, language: str) -> None:
    """A question that was refused comes with its buttons, in its place, and takes an answer."""
    ana, leader = hilo.facilitator(language), hilo.join(language, LEADER[language])
    hilo.ask(leader)
    fail(hilo, leader, REFUSED)
    leader.say("2")
    leader.look()
    assert line(ana, "failed", "question", LEADER[language]) in listed(ana)
    ana.press(ana.last.labels[0])
    ana.press(words(ana, "button.unsent_resend"))
    assert leader.told.startswith("2 de 4" if language == "es" else "2 of 4")
    leader.press(words(leader, "button.skip"))

    assert "3 de 4" in leader.told or "3 of 4" in leader.told


def test_a_question_that_nobody_knows_of_is_repeated_by_itself_first(hilo: Rig) -> None:
    """Once; only if nobody knows of that either, or it is refused, does the team hear of it."""
    ana, leader = hilo.facilitator(), hilo.join()
    hilo.ask(leader)
    fail(hilo, leader, CUT)
    fail(hilo, leader, REFUSED)
    leader.say("2")
    ana.say("/menu")
    ana.press(words(ana, "menu.alert"))
    assert words(ana, "menu.unsent") not in ana.last.labels
    hilo.advance(seconds=3)
    hilo.send()
    assert line(ana, "unknown", "question", "Colibrí") in listed(ana)
    ana.press(ana.last.labels[0])
    ana.press(words(ana, "button.unsent_resend"))

    assert leader.heard[-1].text is not None
    assert leader.heard[-1].text.startswith(AGAIN["es"])


def test_a_question_whose_run_has_moved_on_is_not_sent_again(hilo: Rig) -> None:
    """Who opened it before she answered is told that she has, and it is off the list, where it was off already."""
    ana, leader = hilo.facilitator(), hilo.join()
    hilo.ask(leader)
    fail(hilo, leader, REFUSED)
    leader.say("2")
    open_first(ana)
    leader.say("/start")
    leader.press(words(leader, "button.skip"))
    leader.look()
    ana.press(words(ana, "button.unsent_resend"))

    assert (ana.last.text or "").startswith(words(ana, "unsent.answered", name="Colibrí"))
    assert words(ana, "unsent.none") in (ana.last.text or "")
    assert leader.news == []
    assert [action for action, _ in audited(hilo)] == ["unsent.over"]


def test_a_question_of_an_order_that_is_over_needs_nothing(hilo: Rig) -> None:
    """Closed meanwhile, it is off the list; who has it open reads why."""
    ana, leader = hilo.facilitator(), hilo.join()
    hilo.order()
    fail(hilo, leader, REFUSED)
    hilo.tick()
    open_first(ana)
    button = ana.button(words(ana, "button.unsent_resend"))
    ana.say("/avance")
    ana.press(ana.last.labels[0])
    ana.press(words(ana, "button.order_end"))
    ana.press(words(ana, "button.order_end_yes"))
    hilo.tick()
    ana.press_id(*button)

    assert ana.screen().count(words(ana, "unsent.over")) == 1
    ana.say("/menu")
    ana.press(words(ana, "menu.alert"))
    assert words(ana, "menu.unsent") not in ana.last.labels


def test_who_paused_is_asked_nothing(hilo: Rig) -> None:
    """What she would be asked is off the list while she rests, and on it again when she is back."""
    ana, leader = hilo.facilitator(), hilo.join()
    hilo.order()
    fail(hilo, leader, REFUSED)
    hilo.tick()
    open_first(ana)
    with hilo.unit() as unit:
        unit.people.change(leader.person, participation="paused")
    ana.press(words(ana, "button.unsent_resend"))
    assert (ana.last.text or "").startswith(words(ana, "unsent.paused", name="Colibrí"))
    assert words(ana, "unsent.none") in (ana.last.text or "")
    with hilo.unit() as unit:
        unit.people.change(leader.person, participation="active")

    assert line(ana, "failed", "question", "Colibrí") in listed(ana)


def test_who_is_gone_is_not_listed(hilo: Rig) -> None:
    """A blocked chat is told of as out of reach, and whatever failed there before goes off the list."""
    ana = hilo.facilitator()
    leader = wrote(hilo, ana, REFUSED)
    assert "Colibrí" in listed(ana)
    hilo.messenger.fail(Gone("blocked"), chat=leader.chat)
    leader.say("/menu")
    assert leader.person.participation == "unreachable"
    ana.say("/menu")

    ana.press(words(ana, "menu.alert"))
    assert words(ana, "menu.unsent") not in ana.last.labels


def test_a_facilitator_sees_her_groups_alone_and_an_admin_the_rest(hilo: Rig) -> None:
    """By list, by count, and by a button that somebody else's list had; who tries is refused, on record."""
    ana, eva = hilo.facilitator(), hilo.facilitator(nickname="Eva", cohort="Costa")
    root = hilo.facilitator(nickname="Sol", cohort=None, role="admin")
    wrote(hilo, ana, REFUSED)
    fail(hilo, ana, REFUSED)
    ana.say("/ayuda")
    assert line(ana, "failed", "team", "Colibrí") in listed(ana)
    assert "Ana" not in (ana.last.text or "")
    ana.press(ana.last.labels[0])
    button, _ = ana.button(words(ana, "button.unsent_resend"))
    with hilo.reading() as unit:
        argument = ana_argument(hilo, ana, button)
        assert unit.unsent.totals() == (2, 0)
        forged = hilo.turns.speech(unit, eva.person).buttons.plain("unsent", argument)
    eva.say("/menu")
    eva.press(words(eva, "menu.alert"))
    assert words(eva, "menu.unsent") not in eva.last.labels
    eva.press_id(forged)
    assert eva.last.text == words(eva, "staff.not_allowed")
    assert [(each.actor, each.subject) for each in hilo.audited("refused")] == [(str(eva.person.id), "unsent")]

    told = listed(root)
    assert line(root, "failed", "team", "Colibrí") in told
    assert line(root, "failed", "reply", "Ana") in told
    assert texts().count("today.unsent", "es", 2) in root.screen()


def ana_argument(hilo: Rig, phone: Phone, button: str) -> str:
    """Return what a button of hers carries."""
    with hilo.reading() as unit:
        return str(getattr(hilo.turns.speech(unit, phone.person).buttons.read(button), "argument", ""))


def test_two_of_the_team_decide_once(hilo: Rig) -> None:
    """Whoever comes second is told that it is decided; she gets it once."""
    ana, eva = hilo.facilitator(), hilo.facilitator(nickname="Eva")
    leader = wrote(hilo, ana, REFUSED)
    open_first(ana)
    open_first(eva)
    ana.press(words(ana, "button.unsent_resend"))
    eva.press(words(eva, "button.unsent_resend"))

    assert (eva.last.text or "").startswith(words(eva, "unsent.decided"))
    assert leader.told.count(WORDS) == 1


@pytest.mark.parametrize("language", ["es", "en"])
def test_a_long_list_has_pages_and_is_left_at_once(hilo: Rig, language: str) -> None:
    """An outage fills it: the newest first, page by page; all of what she was asked about goes, and nothing since."""
    ana = hilo.facilitator(language)
    leaders = [hilo.join(language, f"Ceiba {number}") for number in range(6)]
    for leader in leaders:
        fail(hilo, leader, CUT)
        leader.say("/menu")
    told = listed(ana)
    assert told.index("Ceiba 5") < told.index("Ceiba 2")
    assert "Ceiba 1" not in told
    ana.press(words(ana, "button.next"))
    check(ana)
    assert "6. " in (ana.last.text or "")
    assert "Ceiba 0" in (ana.last.text or "")
    ana.press(words(ana, "button.unsent_all"))
    assert ana.last.text == texts().count("unsent.all.ask", language, 6)
    fail(hilo, leaders[0], CUT)
    leaders[0].say("/menu")
    ana.press(words(ana, "button.unsent_leave_yes"))

    assert texts().count("unsent.all.left", language, 6) in (ana.last.text or "")
    assert (ana.last.text or "").count(line(ana, "unknown", "reply", "Ceiba 0")) == 1
    assert len(audited(hilo)) == 6


@pytest.mark.parametrize("phone", ["shared", "checked", "unsaid"])
@pytest.mark.parametrize("error", [REFUSED, CUT])
def test_on_a_watched_phone_nothing_is_said_out_of_turn(hilo: Rig, phone: str, error: MessengerError) -> None:
    """What the team wrote, or a question, becomes a notice without a topic, and its tap shows it; nothing else goes."""
    ana = hilo.facilitator()
    leader = wrote(hilo, ana, error)
    hilo.ask(leader)
    fail(hilo, leader, REFUSED, times=2)
    leader.say("2")
    leader.say("/menu")
    with hilo.unit() as unit:
        person = unit.people.known(leader.person.id)
        unit.people.prefer(person, phone=phone)
    leader.look()
    listed(ana)
    for place, code in ((0, "unsent.watched"), (1, "unsent.resent.watched"), (1, "unsent.resent.watched")):
        listed(ana)
        ana.press(ana.last.labels[place])
        if place:
            ana.press(words(ana, "button.unsent_resend"))
            assert (ana.last.text or "").startswith(words(ana, code))
        else:
            assert words(ana, code, name="Colibrí") in (ana.last.text or "")
            assert words(ana, "button.unsent_resend") not in ana.last.labels

    assert leader.news == [words(leader, "leader.notice"), words(leader, "told.notice")]
    leader.press(words(leader, "button.told_open"))
    assert WORDS in leader.told
    leader.press(words(leader, "button.resume"))
    assert "2 de 4" in leader.told


Act = Callable[[Rig, Phone, Phone], Phone]
KINDS: dict[str, Act] = {}


def kind(name: str) -> Callable[[Act], Act]:
    """Name something that is sent; it returns to whom."""

    def named(act: Act) -> Act:
        KINDS[name] = act
        return act

    return named


@kind("run")
def _thanks(hilo: Rig, leader: Phone, _root: Phone) -> Phone:
    hilo.ask(leader)
    leader.say("2")
    leader.press("Saltar")
    fail(hilo, leader, REFUSED)
    leader.press("1 · Nada por ahora")
    return leader


@kind("reply")
def _reply(hilo: Rig, leader: Phone, _root: Phone) -> Phone:
    fail(hilo, leader, REFUSED)
    leader.say("/ayuda")
    return leader


@kind("notice")
def _notice(hilo: Rig, leader: Phone, root: Phone) -> Phone:
    leader.say("Se cayó el puente.")
    fail(hilo, root, REFUSED)
    leader.press("Sí")
    return root


@kind("panel")
def _panel(hilo: Rig, leader: Phone, root: Phone) -> Phone:
    hilo.order()
    hilo.tick()
    root.say("/avance")
    button, order = root.button(root.last.labels[0])
    root.say("/ayuda")  # a newer message: the panel is said below it
    fail(hilo, root, REFUSED)
    root.press_id(button, order)
    return root


@kind("file")
def _file(hilo: Rig, leader: Phone, root: Phone) -> Phone:
    hilo.ask(leader)
    answered(leader, "Hubo junta.")
    root.say("/exportar")
    fail(hilo, root, REFUSED)
    root.press(MAKE["es"])
    return root


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_is_listed_and_sent_again(hilo: Rig, name: str) -> None:
    """Questions, replies, notices, panels and files alike: named by kind, and as they were."""
    leader, root = hilo.join(), hilo.facilitator(nickname="Sol", cohort=None, role="admin")
    to = KINDS[name](hilo, leader, root)
    told = listed(root)
    assert line(root, "failed", name, to.person.nickname or "") in told
    assert "2. " not in told
    to.look()
    sent = len(hilo.messenger.sent)
    root.press(root.last.labels[0])
    root.press(words(root, "button.unsent_resend"))

    assert [each.chat for each in hilo.messenger.sent[sent:] if each.edits is None] == [to.chat]
    assert words(root, "unsent.resent") in root.screen()
    assert words(root, "unsent.none") in root.screen()
    assert (to.last.attachment is not None) is (name == "file")
    if name == "panel":
        hilo.advance(minutes=1)
        leader.press("Sí, ahora")
        leader.say("2")
        hilo.tick()
        assert "va a la mitad" in (to.last.text or "")  # it stands where it was said, and changes there


def test_words_that_were_not_sent_go_after_a_month(hilo: Rig) -> None:
    """Until then they are sealed; then nothing can be sent again, and the list says so."""
    ana = hilo.facilitator()
    wrote(hilo, ana, REFUSED)
    open_first(ana)
    button = ana.button(words(ana, "button.unsent_resend"))
    kept = "SELECT count(*) FROM outbox WHERE state = 'failed' AND body IS NOT NULL"
    hilo.now += timedelta(days=29)
    hilo.tick()
    assert hilo.rows(kept) == [(1,)]
    hilo.now += timedelta(days=2)
    hilo.tick()
    assert hilo.rows(kept) == [(0,)]
    ana.press_id(*button)

    assert words(ana, "unsent.decided") in ana.screen()


def test_erased_words_are_not_sent_again(hilo: Rig) -> None:
    """What passed between her and the team is erased where it was not sent as well, however short it is."""
    ana = hilo.facilitator()
    leader = wrote(hilo, ana, REFUSED, said="Sí.")
    with hilo.unit() as unit:
        erase_messages(unit, unit.people.known(leader.person.id))

    assert hilo.rows("SELECT count(*) FROM outbox WHERE state = 'failed' AND body IS NOT NULL") == [(0,)]


def test_a_page_that_one_of_the_team_reads_is_opened_anew(hilo: Rig) -> None:
    """What does not stay in a chat is kept nowhere else: a page that was refused leaves nothing to send again."""
    ana, leader = hilo.facilitator(), hilo.join()
    hilo.ask(leader)
    leader.say("2")
    leader.send(Kind.TEXT, text="Lo del agua.")
    fail(hilo, ana, REFUSED)
    ana.say("/leer")

    assert hilo.rows("SELECT state, body FROM outbox WHERE state = 'failed'") == [("failed", None)]
