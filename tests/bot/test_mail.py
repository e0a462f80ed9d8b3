"""Messages between leaders and the team: one shared inbox, replies through the bot, and whom they reach."""

import re

import pytest

from bot import clock
from bot.rendering.ids import short_id
from storage.messages import MessageConversation
from tests.bot.phone import Phone
from tests.bot.rig import Rig, texts

SCREEN, ROWS = 1000, 8
LONG = "Se cayó el puente y nadie ha venido a verlo. " * 40


def wrote(hilo: Rig, text: str = "Se cayó el puente.", **who: str) -> Phone:
    """Let a leader say something to the team."""
    leader = hilo.join(**who)
    leader.say(text)
    leader.press("Sí" if who.get("language", "es") == "es" else "Yes")
    hilo.advance(minutes=1)
    return leader


def opened(phone: Phone, name: str = "Colibrí") -> None:
    """Open the inbox, and in it what somebody wrote."""
    phone.say("/mensajes")
    phone.press(next(label for label in phone.last.labels if label.startswith(name)))


def answered(hilo: Rig, phone: Phone, text: str = "Mañana vamos.", way: str = "Mandar a nombre del equipo") -> None:
    """Answer what is open."""
    phone.press("Contestar")
    phone.say(text)
    phone.press(next(label for label in phone.last.labels if label.endswith(way)))
    hilo.advance(minutes=1)


def conversations(hilo: Rig, *, closed: bool = False) -> list[MessageConversation]:
    """List every conversation of the group, as the store does."""
    cohort_id = hilo.cohort()
    with hilo.reading() as unit:
        return unit.messages.conversations([cohort_id], 100, closed=closed)


def states(hilo: Rig) -> list[str]:
    """Return the states of the conversations that are not closed."""
    return [each.state for each in conversations(hilo)]


@pytest.mark.parametrize(
    ("language", "command", "state", "take", "mine"),
    [
        ("es", "/mensajes", "sin tomar", "Yo me encargo", "lo tiene Ana"),
        ("en", "/messages", "not taken", "I'm on it", "Ana has it"),
    ],
)
def test_a_message_is_taken_answered_and_closed(
    hilo: Rig, language: str, command: str, state: str, take: str, mine: str
) -> None:
    """From the list into the message and through its states, all in one message of her chat."""
    wrote(hilo)
    ana = hilo.facilitator(language)
    ana.say(command)
    assert any(state in label and "Colibrí" in label for label in ana.last.labels)
    place = ana.last.order
    ana.press(next(label for label in ana.last.labels if "Colibrí" in label))
    assert "Se cayó el puente." in (ana.last.text or "")
    ana.press(take)
    assert mine in (ana.last.text or "")
    assert states(hilo) == ["taken"]
    ana.press(texts().say("button.mail_close", language))

    assert ana.last.order == place
    assert (states(hilo), len(conversations(hilo, closed=True))) == ([], 1)
    ana.press(texts().say("button.mail_undo", language))
    assert states(hilo) == ["taken"]
    ana.press(texts().say("button.mail_free", language))
    assert states(hilo) == ["new"]
    assert [entry.actor for entry in hilo.audited("messages.read")] == [str(ana.person.id)] * 4


def test_a_reply_reaches_the_leader_without_a_name(hilo: Rig) -> None:
    """It is the team that writes, in her language; answering is one tap away, and support another."""
    leader = wrote(hilo, language="en", nickname="Firefly")
    ana = hilo.facilitator()
    opened(ana, "Firefly")
    leader.look()
    answered(hilo, ana)

    assert leader.told == texts().say("told.text", "en", text="Mañana vamos.")
    assert leader.last.labels == ["Reply", "I need support", "Menu"]
    assert not leader.last.protected, "what the team wrote to her is hers to keep"
    assert "Ana" not in leader.screen()
    assert states(hilo) == ["answered"]
    assert texts().say("mail.sent", "es", name="Firefly") in ana.told
    ana.press("Cerrarlo")
    assert states(hilo) == []


def test_a_reply_is_signed_only_if_she_wants_and_that_is_remembered(hilo: Rig) -> None:
    """Her nickname goes along when she says so; the next time that way stands first."""
    leader = wrote(hilo)
    ana = hilo.facilitator()
    opened(ana)
    leader.look()
    answered(hilo, ana, way="Mandar con mi firma: Ana")
    assert "— Ana" in leader.told
    opened(ana)
    ana.press("Contestar")
    ana.say("Otra cosa.")

    assert ana.last.labels[0] == "1 · Mandar con mi firma: Ana"


def test_a_reply_can_be_left(hilo: Rig) -> None:
    """Nothing is sent before she says so."""
    leader = wrote(hilo)
    ana = hilo.facilitator()
    opened(ana)
    leader.look()
    answered(hilo, ana, way="No mandar")

    assert "words" not in ana.answers
    assert leader.news == []
    assert ana.told == texts().say("mail.not_sent", "es")
    assert states(hilo) == ["taken"]


def test_replies_to_replies_stay_in_one_conversation(hilo: Rig) -> None:
    """What she answers, what she passes on later, and what is answered then, are one conversation, in order."""
    leader = wrote(hilo)
    ana = hilo.facilitator()
    opened(ana)
    answered(hilo, ana)
    leader.press("Contestar")
    leader.say("Gracias, los espero.")
    hilo.advance(minutes=1)
    assert states(hilo) == ["taken"]
    leader.say("Ya pasó el agua.")
    leader.press("Sí")
    hilo.advance(minutes=1)
    opened(ana)

    told = ana.last.text or ""
    said = [told.index(each) for each in ("Se cayó", "Mañana vamos", "los espero", "Ya pasó")]
    assert said == sorted(said)
    assert len(conversations(hilo)) == 1


def test_what_was_closed_opens_again_when_she_answers(hilo: Rig) -> None:
    """An answer to a closed conversation waits for the team like any other."""
    leader = wrote(hilo)
    ana = hilo.facilitator()
    opened(ana)
    answered(hilo, ana)
    opened(ana)
    ana.press("Cerrarlo")
    leader.press("Contestar")
    leader.say("Una cosa más.")

    (found,) = conversations(hilo)
    assert (found.state, found.taken_by) == ("taken", ana.person.id)


def test_of_two_at_once_one_takes_it_and_the_other_hears_who(hilo: Rig) -> None:
    """Both have it open; the second to press is told, and answers nothing."""
    wrote(hilo)
    ana, eva = hilo.facilitator(), hilo.facilitator(nickname="Eva")
    opened(ana)
    opened(eva)
    hilo.messenger.press(ana.chat, "Yo me encargo")
    hilo.messenger.press(eva.chat, "Contestar")
    hilo.settle()

    assert texts().say("mail.taken_already", "es", name="Ana") in (eva.last.text or "")
    assert "Contestar" not in eva.last.labels
    assert hilo.count("runs") == 0
    (found,) = conversations(hilo)
    assert found.taken_by == ana.person.id


def test_taking_over_asks_first_and_stops_a_reply_under_way(hilo: Rig) -> None:
    """Whoever has it loses it only on purpose; what she was writing is then not sent, and she hears so."""
    leader = wrote(hilo)
    ana, eva = hilo.facilitator(), hilo.facilitator(nickname="Eva")
    opened(ana)
    ana.press("Contestar")
    ana.say("Mañana vamos.")
    opened(eva)
    eva.press("Encargarme yo")
    assert conversations(hilo)[0].taken_by == ana.person.id
    eva.press("Sí, me encargo yo")
    assert conversations(hilo)[0].taken_by == eva.person.id
    assert ana.last.text == texts().say("mail.over.told", "es", name="Eva")
    leader.look()
    ana.press("1 · Mandar a nombre del equipo")

    assert texts().say("mail.taken_over", "es") in ana.told
    assert leader.news == []


def test_what_someone_had_who_is_no_longer_of_the_team_is_free(hilo: Rig) -> None:
    """A conversation does not stay with a role that is gone."""
    wrote(hilo)
    ana, eva = hilo.facilitator(), hilo.facilitator(nickname="Eva")
    opened(ana)
    ana.press("Yo me encargo")
    with hilo.unit() as unit:
        unit.roles.revoke(ana.person.id, "facilitator")
    opened(eva)
    eva.press("Contestar")

    assert conversations(hilo)[0].taken_by == eva.person.id


@pytest.mark.parametrize(
    "action",
    [
        "mail_open",
        "mail_take",
        "mail_over",
        "mail_free",
        "mail_reply",
        "mail_close",
        "mail_undo",
        "mail_play",
        "mail_write",
    ],
)
def test_a_facilitator_of_another_group_sees_nothing(hilo: Rig, action: str) -> None:
    """The list is empty, a good button opens nothing, and the try is on record."""
    leader = wrote(hilo)
    stranger = hilo.facilitator(nickname="Eva", cohort="Costa")
    stranger.say("/mensajes")
    assert stranger.told == texts().say("attend.none", "es")
    about = leader.person.id if action == "mail_write" else conversations(hilo)[0].id
    cohort_id = hilo.cohort()
    with hilo.unit() as unit:
        if action == "mail_play":
            message_id, media_id = clock.new_id(), clock.new_id()
            unit.media.add(media_id, leader.person.id, "voice", "audio/ogg", 10, "f", unit.now)
            unit.messages.add(message_id, leader.person, "to_team", "", unit.now, cohort_id, media_id=media_id)
            about = message_id
        button = hilo.turns.speech(unit, stranger.person).buttons.plain(action, short_id(about))
    stranger.press_id(button, stranger.last.order)

    assert stranger.told == texts().say("staff.not_allowed", "es")
    assert "puente" not in stranger.screen()
    assert [entry.actor for entry in hilo.audited("refused")] == [str(stranger.person.id)]
    assert all(each.taken_by is None for each in conversations(hilo))


def test_an_admin_sees_every_group(hilo: Rig) -> None:
    """Her role is for all of them."""
    wrote(hilo)
    wrote(hilo, "Llegó el agua.", nickname="Ceiba", cohort="Costa")
    admin = hilo.facilitator(nickname="Sol", cohort=None, role="admin")
    admin.say("/mensajes")

    assert sum("sin tomar" in label for label in admin.last.labels) == 2


def test_what_waits_stands_in_its_order_and_pages_fit_a_phone(hilo: Rig) -> None:
    """Nobody's come first, the longest waiting on top; then what is taken, then what is answered; all are in reach."""
    for number in range(7):
        wrote(hilo, LONG, nickname=f"Ceiba {number}")
    ana = hilo.facilitator()
    opened(ana, "Ceiba 0")
    ana.press("Yo me encargo")
    opened(ana, "Ceiba 1")
    answered(hilo, ana)
    ana.say("/mensajes")
    seen = [label for label in ana.last.labels if label.startswith("Ceiba")]
    ana.press(texts().say("button.next", "es"))
    seen += [label for label in ana.last.labels if label.startswith("Ceiba")]

    assert [re.sub(r" ·.*", "", label) for label in seen] == [f"Ceiba {number}" for number in (2, 3, 4, 5, 6, 0, 1)]
    ana.press(seen[-1])
    while texts().say("button.before", "es") in ana.last.labels:
        assert len(ana.last.text or "") <= SCREEN
        ana.press(texts().say("button.before", "es"))
    assert all(len(message.text or "") <= SCREEN and len(message.keyboard) <= ROWS for message in ana.heard)
    assert (ana.last.text or "").count("Se cayó el puente") > 5


def test_what_is_opened_does_not_stay(hilo: Rig) -> None:
    """The message she reads in is noted, to be blanked half an hour after its last change; it cannot be forwarded."""
    wrote(hilo)
    ana = hilo.facilitator()
    opened(ana)
    hilo.advance(minutes=5)
    ana.press("Yo me encargo")
    with hilo.reading() as unit:
        (panel,) = unit.panels.of(ana.person.id, "page")
        row = unit.outbox.row_of("memory", ana.chat, ana.last.order)

    assert panel.outbox_seq == row
    assert panel.until is not None
    assert round((panel.until - hilo.now).total_seconds()) == 30 * 60
    assert ana.last.protected


def test_one_notice_a_group_until_she_looks(hilo: Rig) -> None:
    """Three messages are one notice, without a name or a word of them; after she looked, the next tells again."""
    ana = hilo.facilitator()
    eva = hilo.facilitator(nickname="Eva", cohort="Costa")
    ana.look()
    eva.look()
    leaders = [wrote(hilo, nickname=name) for name in ("Uno", "Dos")]
    leaders[0].say("Y otra cosa.")
    leaders[0].press("Sí")
    assert ana.news == [texts().say("notice.message", "es", cohort="Sierra Norte")]
    assert [sent.text for sent in hilo.messenger.sent if sent.quiet] == ana.news
    assert eva.news == []
    ana.press("Por atender")
    ana.look()
    leaders[1].say("Otra más.")
    leaders[1].press("Sí")

    assert ana.news == [texts().say("notice.message", "es", cohort="Sierra Norte")]


def test_admins_hear_of_a_group_that_nobody_facilitates(hilo: Rig) -> None:
    """Only then: where there are facilitators, admins are left in peace."""
    admin = hilo.facilitator(nickname="Sol", cohort=None, role="admin")
    admin.look()
    wrote(hilo)
    assert len(admin.news) == 1
    hilo.facilitator(cohort="Costa")
    admin.look()
    wrote(hilo, nickname="Ceiba", cohort="Costa")

    assert admin.news == []


def test_support_is_asked_for_with_one_more_tap(hilo: Rig) -> None:
    """Beside the care card she asks to be looked for: each press rings, and the inbox says what it is, once."""
    ana, leader = hilo.facilitator(), hilo.join()
    ana.look()
    for _ in range(2):
        leader.say("/apoyo")
        leader.press("Que me busquen")
    assert leader.told == texts().say("cry.called", "es")
    assert ana.news == [texts().say("notice.danger", "es", cohort="Sierra Norte")] * 2
    opened(ana)
    assert "pidió apoyo" in (ana.last.text or "")
    ana.press(texts().say("button.alert_message", "es"))

    assert (ana.last.text or "").count(texts().say("mail.support", "es")) == 1


def test_on_a_phone_that_others_see_a_reply_waits_to_be_opened(hilo: Rig) -> None:
    """Only that something is there is told; what it says comes when she asks."""
    leader = wrote(hilo)
    with hilo.unit() as unit:
        unit.people.prefer(leader.person, phone="shared")
    ana = hilo.facilitator()
    opened(ana)
    leader.look()
    answered(hilo, ana)
    assert leader.told == texts().say("told.notice", "es")
    leader.press("Abrir")

    assert leader.told == texts().say("told.text", "es", text="Mañana vamos.")


@pytest.mark.parametrize(("state", "code"), [("left", "mail.left"), ("active", "mail.gone")])
def test_nobody_writes_to_who_is_gone(hilo: Rig, state: str, code: str) -> None:
    """Whoever left is not written to, and of whoever erased herself nothing is there."""
    leader = wrote(hilo)
    ana = hilo.facilitator()
    opened(ana)
    if state == "left":
        with hilo.unit() as unit:
            unit.people.change(leader.person, participation="left")
    else:
        leader.say("/borrar")
        leader.press(texts().say("button.erase_all", "es"))
        leader.press(texts().say("button.erase_all_sure", "es"))
    ana.press("Contestar")

    assert texts().say(code, "es") in (ana.last.text or "")
    assert hilo.count("runs") == 0


def test_somebody_of_the_team_can_write_first(hilo: Rig) -> None:
    """A button elsewhere begins a conversation with someone who has written nothing; her answer stays in it."""
    leader, ana = hilo.join(), hilo.facilitator()
    with hilo.reading() as unit:
        button = hilo.turns.speech(unit, ana.person).buttons.plain("mail_write", short_id(leader.person.id))
    ana.press_id(button)
    leader.look()
    ana.say("¿Cómo van las cosas?")
    ana.press("1 · Mandar a nombre del equipo")
    hilo.advance(minutes=1)
    assert "¿Cómo van las cosas?" in leader.told
    leader.press("Contestar")
    leader.say("Bien.")

    (found,) = conversations(hilo)
    assert (found.state, found.taken_by) == ("taken", ana.person.id)


def test_what_came_meanwhile_is_lost_on_nobody(hilo: Rig) -> None:
    """A conversation is closed as she saw it, and a reply tells her what it did not answer."""
    leader = wrote(hilo)
    ana = hilo.facilitator()
    opened(ana)
    leader.say("Ya pasó el agua.")
    leader.press("Sí")
    hilo.advance(minutes=1)
    ana.press("Cerrarlo")
    assert f"{texts().say('mail.more', 'es')}\n\nColibrí" in ana.screen()
    assert "Ya pasó el agua." in ana.screen()
    assert states(hilo) == ["new"]
    ana.press("Contestar")
    leader.say("Y la luz.")
    leader.press("Sí")
    hilo.advance(minutes=1)
    ana.say("Mañana vamos.")
    ana.press("1 · Mandar a nombre del equipo")
    assert texts().say("mail.more", "es") in ana.told
    ana.press("Abrir la conversación")
    assert "Y la luz." in ana.screen()
    ana.press("Cerrarlo")

    assert states(hilo) == []


def test_a_reply_stays_nowhere_but_with_the_leader(hilo: Rig) -> None:
    """Her wizard keeps nothing of it, and a later edit of what she wrote pretends to correct nothing."""
    leader = wrote(hilo)
    ana = hilo.facilitator()
    opened(ana)
    ana.press("Contestar")
    order = ana.say("Mañana vamos.")
    ana.press("1 · Mandar a nombre del equipo")
    assert set(ana.answers) == {"way"}
    ana.edit(order, "Mañana no vamos.")

    assert ana.told == texts().say("sorry.edited", "es")
    assert set(ana.answers) == {"way"}
    assert ("from_team", "Mañana vamos.") in leader.messages


@pytest.mark.parametrize(
    ("language", "asked", "taken"),
    [("es", "pidió apoyo", "sin tomar"), ("en", "asked for support", "not taken")],
)
def test_whoever_asked_for_support_comes_first_in_the_list(hilo: Rig, language: str, asked: str, taken: str) -> None:
    """However many have waited longer, and said so on the button, until one of the team notes that it was done."""
    for name in ("Ceiba", "Nopal", "Amate", "Maguey", "Copal"):
        wrote(hilo, nickname=name)
    lucia = hilo.join(nickname="Luciérnaga")
    lucia.say("/apoyo")
    lucia.press("Que me busquen")
    ana = hilo.facilitator(language)
    ana.say("/mensajes")
    assert ana.last.labels[0] == f"Luciérnaga · {asked}"
    assert ana.last.labels[1].startswith("Ceiba")
    seen = [label.split(" · ")[0] for label in ana.last.labels[:5]]
    ana.press(texts().say("button.next", language))
    seen += [label.split(" · ")[0] for label in ana.last.labels[:1]]
    assert seen == ["Luciérnaga", "Ceiba", "Nopal", "Amate", "Maguey", "Copal"]
    ana.say("/mensajes")
    ana.press(f"Luciérnaga · {asked}")
    ana.press(texts().say("button.alert_message", language))
    assert taken in (ana.last.text or "")
    ana.press(texts().say("button.mail_reply", language))
    ana.say("Ya te llamo.")
    ana.press(next(label for label in ana.last.labels if label.startswith("1 · ")))
    ana.say("/mensajes")
    assert ana.last.labels[0] == f"Luciérnaga · {asked}", "an answer is not yet what she asked for"
    ana.press(ana.last.labels[0])
    ana.press(texts().say("button.asked_done", language))
    ana.say("/mensajes")

    assert not any(asked in label for label in ana.last.labels)
    assert ana.last.labels[0].startswith("Ceiba")


def test_a_reply_to_what_the_team_wrote_is_no_answer(hilo: Rig) -> None:
    """While a question is open, what replies to the team's own message is offered to the team, and nothing else."""
    facilitator, leader = hilo.facilitator(), wrote(hilo)
    opened(facilitator)
    answered(hilo, facilitator)
    told = leader.last.order
    hilo.ask(leader)
    leader.say("2")
    leader.say("Gracias, aquí los espero.", reply_to=told)

    assert leader.told == texts().say("home.pass_on.aside", "es")
    assert "week" not in leader.values
    leader.press("Sí")
    assert leader.messages[-1] == ("to_team", "Gracias, aquí los espero.")
    leader.press(texts().say("button.go_on", "es"))
    assert "2 de 4" in leader.told
