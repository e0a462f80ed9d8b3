"""A cry for help is heard in every state and in every way of asking, reached by talking, pressing and sending."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.messengers.port import Kind, MessengerError
from bot.services import confidants, grants
from dialogs import danger
from tests.bot import samples
from tests.bot.phone import Phone
from tests.bot.rig import AGREE, RECORD, Rig, texts
from tests.bot.test_receive import broken_run

SAID = "Mi marido me pegó anoche."
RINGING = {"danger_words": {"es": [*danger.proposed("es")], "en": [*danger.proposed("en")]}}


def say(code: str, **facts: object) -> str:
    """Return a sentence in Spanish."""
    return texts().say(code, "es", **facts)


@pytest.fixture
def hilo(tmp_path: Path) -> Iterator[Rig]:
    """One installation that accepted every phrase that is proposed, with a facilitator and an admin."""
    it = Rig(tmp_path, record={**RECORD, **RINGING})
    it.facilitator()
    it.facilitator(nickname="Sol", cohort=None, role="admin")
    yield it
    it.close()


def team(hilo: Rig) -> tuple[Phone, Phone]:
    """Return the phones of the facilitator and the admin, with all seen so far."""
    found = tuple(Phone(hilo, f"{5_000_000_000 + place}") for place in (1, 2))
    for phone in found:
        phone.look()
    return found[0], found[1]


# States, each reached as people reach it.


def invited(hilo: Rig) -> Phone:
    """She opened the link."""
    phone = hilo.phone()
    phone.say(f"/start {hilo.invite()}")
    return phone


def consenting(hilo: Rig) -> Phone:
    """She was told what this is, and asked."""
    phone = invited(hilo)
    phone.say("Español")
    return phone


def doubting(hilo: Rig) -> Phone:
    """She has doubts."""
    phone = consenting(hilo)
    phone.press(say("button.doubts"))
    return phone


def declined(hilo: Rig) -> Phone:
    """She said no."""
    phone = consenting(hilo)
    phone.press(say("button.decline"))
    return phone


def naming(hilo: Rig) -> Phone:
    """She agreed, and is asked for a nickname."""
    phone = consenting(hilo)
    phone.press(AGREE["es"])
    return phone


def idle(hilo: Rig) -> Phone:
    """Nothing is open."""
    return hilo.join(seen_by=None)


def welcomed(hilo: Rig) -> Phone:
    """The first questions are open."""
    phone = hilo.join(seen_by=None)
    phone.press("Mejor ahora")
    return phone


def offered(hilo: Rig) -> Phone:
    """Questions are offered."""
    phone = hilo.join(seen_by=None)
    hilo.order()
    hilo.tick()
    return phone


def choosing(hilo: Rig) -> Phone:
    """A choice question is open."""
    phone = hilo.join(seen_by=None)
    hilo.ask(phone)
    return phone


def telling(hilo: Rig) -> Phone:
    """A question in words is open."""
    phone = choosing(hilo)
    phone.say("2")
    return phone


def adding(hilo: Rig) -> Phone:
    """She answered in words, and may add to it."""
    phone = telling(hilo)
    phone.say("Lo del agua.")
    return phone


def finished(hilo: Rig) -> Phone:
    """She answered everything."""
    phone = adding(hilo)
    phone.press("Listo")
    phone.press("1 · Nada por ahora")
    phone.press("Saltar")
    return phone


def postponed(hilo: Rig) -> Phone:
    """She put the questions off."""
    phone = choosing(hilo)
    phone.press("Más tarde")
    return phone


def holding(hilo: Rig) -> Phone:
    """She is asked whether something goes to the team."""
    phone = hilo.join(seen_by=None)
    phone.say("Hola a todas.")
    return phone


def writing(hilo: Rig) -> Phone:
    """She is about to write to the team."""
    phone = hilo.join(seen_by=None)
    phone.say("/equipo")
    return phone


def renaming(hilo: Rig) -> Phone:
    """She is asked for another nickname."""
    phone = hilo.join(seen_by=None)
    phone.say("/menu")
    phone.press(say("button.how"))
    phone.press(say("button.nickname"))
    return phone


def paused(hilo: Rig) -> Phone:
    """She takes a break."""
    phone = hilo.join(seen_by=None)
    phone.say("/pausa")
    phone.press(say("button.pause_open"))
    return phone


def left(hilo: Rig) -> Phone:
    """She left."""
    phone = hilo.join(seen_by=None)
    phone.say("/salir")
    phone.press(say("button.leave_sure"))
    return phone


def returning(hilo: Rig) -> Phone:
    """She left, and is about to come back."""
    phone = left(hilo)
    phone.press(say("button.come_back"))
    return phone


WORDLESS = (invited, consenting, doubting, declined, left, returning)
KEPT = (
    naming,
    idle,
    welcomed,
    offered,
    choosing,
    telling,
    adding,
    finished,
    postponed,
    holding,
    writing,
    renaming,
    paused,
)

# Ways of asking for help.


def typed(hilo: Rig, phone: Phone) -> None:
    """Write it."""
    phone.say(SAID)


def commanded(hilo: Rig, phone: Phone) -> None:
    """Write it in one line with a command."""
    phone.say(f"/ayuda {SAID}")


def pictured(hilo: Rig, phone: Phone) -> None:
    """Write it below a picture."""
    hilo.messenger.give_file(phone.chat, Kind.PHOTO, samples.jpeg(), text=SAID)
    hilo.settle()


def spoken(hilo: Rig, phone: Phone) -> None:
    """Write it below a voice note."""
    hilo.messenger.give_file(phone.chat, Kind.VOICE, samples.ogg(), seconds=3, text=SAID)
    hilo.settle()


def filed(hilo: Rig, phone: Phone) -> None:
    """Write it below a file that is not taken."""
    phone.send(Kind.OTHER, text=SAID)


def edited(hilo: Rig, phone: Phone) -> None:
    """Change something written before into it."""
    order = phone.say("Hola.")
    phone.edit(order, SAID)


def replied(hilo: Rig, phone: Phone) -> None:
    """Write it in reply to an old message."""
    phone.say(SAID, reply_to=phone.heard[0].order)


WAYS = (typed, commanded, pictured, spoken, filed, edited, replied)


def told(hilo: Rig) -> int:
    """Count what went to the team."""
    return int(hilo.rows("SELECT count(*) FROM messages WHERE direction = 'to_team'")[0][0])


Reach = Callable[[Rig], Phone]
Ask = Callable[[Rig, Phone], None]


@pytest.mark.parametrize("ask", WAYS)
@pytest.mark.parametrize("reach", KEPT)
def test_whoever_agreed_is_heard_with_her_words(hilo: Rig, reach: Reach, ask: Ask) -> None:
    """Whatever is open and however it is said: the team is told once, and reads her words; she is answered."""
    phone = reach(hilo)
    ana, sol = team(hilo)
    ask(hilo, phone)

    notice = say("notice.danger", cohort="Sierra Norte")
    assert [said for said in ana.news if said.startswith(notice)] == [notice]
    assert sol.news == []
    assert phone.last.text == say("cry.watched")
    assert phone.last.labels[0] == say("button.support")
    ana.press(say("button.alert_open"))
    assert SAID in (ana.last.text or "")
    assert (ana.last.text or "").startswith((say("alert.watched"), say("alert.unasked")))


@pytest.mark.parametrize("ask", WAYS)
@pytest.mark.parametrize("reach", WORDLESS)
def test_of_whoever_has_not_agreed_only_that_is_kept(hilo: Rig, reach: Reach, ask: Ask) -> None:
    """Before a yes and after leaving the team hears that somebody asks for help, and none of her words is anywhere."""
    phone = reach(hilo)
    before = told(hilo)
    ana, sol = team(hilo)
    ask(hilo, phone)

    notice = say("notice.danger", cohort="Sierra Norte")
    assert [said for said in ana.news if said.startswith(notice)] == [notice]
    assert sol.news == []
    assert phone.last.text == say("cry.watched.wordless")
    ana.press(say("button.alert_open"))
    assert say("alert.only_that") in (ana.last.text or "")
    assert SAID not in ana.screen()
    assert told(hilo) == before
    with hilo.reading() as unit:
        assert all(each.wordless for each in unit.alerts.open())


@pytest.fixture
def own(hilo: Rig) -> Phone:
    """A leader whose phone nobody else sees, with nothing open."""
    return hilo.join()


def test_on_her_own_phone_every_fact_is_said(hilo: Rig, own: Phone) -> None:
    """What this is, what time it is, who was told what; four ways on, and none of them is a promise."""
    own.say(SAID)
    when = say("cry.when", hour=9, part=say("time.morning"))
    assert own.last.text == f"{say('cry.heard')} {when}"
    hilo.advance(hours=17)
    other = hilo.join(nickname="Ceiba")
    other.say(SAID)

    until = say("cry.until", hour=2, part=say("time.night"), moment="hoy a las 8 de la mañana")
    assert other.last.text == f"{say('cry.heard')} {until}"
    assert len(other.last.text or "") <= 300
    assert (
        own.last.labels
        == other.last.labels
        == ["A quién acudir ahora", "Que me busquen", "Solo quería contarlo", "No era eso"]
    )


def test_where_nobody_hears_nobody_is_promised(tmp_path: Path) -> None:
    """Without a team she is told where to turn, and no word of a notice."""
    hilo = Rig(tmp_path, record={**RECORD, **RINGING})
    own = hilo.join()
    own.say(SAID)
    assert own.last.text == say("cry.heard")
    own.press("Que me busquen")
    assert own.last.text == say("cry.nobody")
    own.say(SAID)
    assert own.last.text == say("cry.heard")
    hilo.close()


def test_what_leads_to_help_stays_within_reach(hilo: Rig) -> None:
    """Below every answer to a cry; the rest goes with what it was about."""
    phone = hilo.join(seen_by="mine")
    phone.say("Mi vecino me grita.")
    marked = staying(phone)
    phone.say(SAID)
    first = staying(phone)
    phone.press("Que me busquen")
    called = staying(phone)
    watched = hilo.join(nickname="Ceiba", seen_by="checked")
    watched.say(SAID)

    assert marked == ["Necesito apoyo"]
    assert first == ["A quién acudir ahora", "Que me busquen"]
    assert called == ["A quién acudir ahora", say("button.reach")]
    assert staying(watched) == ["Necesito apoyo", "Quitar esto de la pantalla"]


def staying(phone: Phone) -> list[str]:
    """Return the labels of the newest buttons that stay, as they came out of the outbox."""
    found = [[button.label for row in said.keyboard for button in row if button.stays] for said in phone.heard]
    return next(labels for labels in reversed(found) if labels)


def test_no_era_eso_lowers_and_never_deletes(hilo: Rig, own: Phone) -> None:
    """The alert is marked then, told no second time, and the team reads that somebody may have held her phone."""
    own.say(SAID)
    ana, sol = team(hilo)
    own.press("No era eso")
    assert own.last.text == say("cry.lowered")
    hilo.advance(hours=2)
    hilo.tick()
    assert (ana.news, sol.news) == ([], [])
    ana.say("/avisos")
    assert say("alert.marked") in ana.last.labels[0]
    ana.press(ana.last.labels[0])
    assert SAID in (ana.last.text or "")
    assert say("alert.lowered") in (ana.last.text or "")
    assert ana.last.labels[:2] == ["Lo vi", "No era eso"]

    assert [entry.actor for entry in hilo.audited("alerts.lowered")] == [str(own.person.id)]


def test_after_it_was_lowered_words_ring_again(hilo: Rig, own: Phone) -> None:
    """Who lowered it may not have been herself: within the hour her next words ring."""
    own.say(SAID)
    own.press("No era eso")
    ana, _ = team(hilo)
    own.say("Me está pegando.")

    assert len([said for said in ana.news if "hay algo que atender" in said]) == 1


def test_solo_queria_contarlo_changes_nothing_for_the_team(hilo: Rig, own: Phone) -> None:
    """It is thanked for, and the alert stays as it is."""
    own.say(SAID)
    with hilo.reading() as unit:
        before = unit.alerts.open()
    own.press("Solo quería contarlo")

    assert own.last.text == say("cry.told")
    with hilo.reading() as unit:
        assert unit.alerts.open() == before


def test_a_second_cry_is_one_line_and_its_words_are_added(hilo: Rig, own: Phone) -> None:
    """Within the hour nothing rings again, after it it does; for twelve hours she gets one line."""
    own.say(SAID)
    ana, _ = team(hilo)
    own.say("Me está pegando otra vez.")
    assert own.last.text == say("cry.again")
    assert own.last.labels == ["A quién acudir ahora", "Que me busquen"]
    assert ana.news == []
    ana.press("Abrir")
    assert "Me está pegando otra vez." in (ana.last.text or "")
    ana.look()
    hilo.advance(hours=2)
    own.say("Me está pegando.")
    assert own.last.text == say("cry.again")
    assert len([said for said in ana.news if "hay algo que atender" in said]) == 1
    hilo.advance(hours=13)
    own.say("Me está pegando.")

    assert (own.last.text or "").startswith(say("cry.heard"))


def test_her_own_press_always_rings(hilo: Rig, own: Phone) -> None:
    """Three presses in a minute are three notices, from the answer to a cry and from the care card alike."""
    own.say(SAID)
    ana, _ = team(hilo)
    own.press("Que me busquen")
    assert own.last.text == say("cry.called")
    for _ in range(2):
        own.say("/apoyo")
        own.press("Que me busquen")

    assert len([said for said in ana.news if "hay algo que atender" in said]) == 3
    ana.press("Abrir")
    assert say("alert.pressed") in (ana.last.text or "")


@pytest.mark.parametrize("reach", WORDLESS)
def test_whoever_has_not_agreed_can_pass_on_words(hilo: Rig, reach: Reach) -> None:
    """Only what she writes after pressing goes to the team, beside the alert; her cry itself was not kept."""
    phone = reach(hilo)
    with hilo.unit() as unit:
        unit.people.prefer(phone.person, phone="mine")  # before a yes nobody is asked about the phone
    ana, _ = team(hilo)
    phone.say(SAID)
    assert say("cry.wordless") in (phone.last.text or "")
    assert len(phone.last.labels) == 5
    phone.press("Contarle al equipo")
    phone.say("Estoy en casa de mi hermana.")
    ana.press("Abrir")

    assert "Estoy en casa de mi hermana." in (ana.last.text or "")
    assert SAID not in ana.screen()


@pytest.mark.parametrize("reach", WORDLESS)
def test_on_a_watched_phone_words_are_passed_on_from_the_card(hilo: Rig, reach: Reach) -> None:
    """Before a yes and after leaving: the card opens by a tap, and what is then written leaves the screen."""
    phone = reach(hilo)
    ana, _ = team(hilo)
    phone.say("/apoyo")
    assert say("button.tell_team") not in phone.last.labels
    phone.say(SAID)
    assert say("button.tell_team") not in phone.last.labels
    phone.press(say("button.support"))
    phone.press(say("button.tell_team"))
    assert phone.last.text == say("cry.write")
    phone.say("Estoy en la milpa de mi tía.")
    assert phone.last.labels[0] == say("button.take_away")
    ana.press(say("button.alert_open"))
    assert "Estoy en la milpa de mi tía." in (ana.last.text or "")
    phone.press(say("button.take_away"))
    hilo.settle()

    assert "milpa" not in phone.screen()
    assert SAID not in str(phone.messages)


def test_on_a_watched_phone_the_answer_and_the_cry_can_be_taken_away(hilo: Rig) -> None:
    """Neither danger nor number is named; her message and the answer go, and what stays is neutral."""
    phone = hilo.join(seen_by="checked")
    phone.say(SAID)
    assert phone.last.labels == ["Necesito apoyo", "Quitar esto de la pantalla"]
    phone.press("Quitar esto de la pantalla")

    assert SAID not in phone.screen()
    assert say("cry.watched") not in phone.screen()
    assert phone.last.text == say("cry.gone")


@pytest.mark.parametrize(
    ("hers", "ours", "code"),
    [(True, False, "cry.gone.mine"), (False, True, "cry.gone.yours"), (True, True, "cry.stays")],
)
def test_what_the_messenger_left_on_the_screen_is_said(hilo: Rig, hers: bool, ours: bool, code: str) -> None:
    """Only the messenger's own answer tells what went: she hears which message she has to delete herself."""
    phone = hilo.join(seen_by="checked")
    cried = phone.say(SAID)
    hilo.messenger.stays |= ({cried} if hers else set()) | ({phone.last.order} if ours else set())
    phone.press("Quitar esto de la pantalla")

    assert phone.last.text == say(code)
    assert (SAID in phone.screen()) is hers
    assert (say("cry.watched") in phone.screen()) is ours


def test_a_removal_that_failed_is_no_removal(hilo: Rig) -> None:
    """When the messenger refuses the whole call, nothing is said to be gone."""
    phone = hilo.join(seen_by="checked")
    phone.say(SAID)
    hilo.messenger.fail(MessengerError("no"), chat=phone.chat)
    phone.press("Quitar esto de la pantalla")

    assert phone.last.text == say("cry.stays")


def test_on_a_watched_phone_the_card_goes_after_two_minutes(hilo: Rig) -> None:
    """It opens by her tap, and nothing of it is in the chat two minutes later; on her own phone it stays."""
    phone, other = hilo.join(seen_by="shared"), hilo.join(nickname="Ceiba")
    for each in (phone, other):
        each.say("/apoyo")
    card = RECORD["care_card"]["es"]
    hilo.advance(seconds=119)
    hilo.tick()
    assert card in phone.screen()
    hilo.advance(seconds=2)
    hilo.tick()

    assert card not in phone.screen()
    assert card in other.screen()


def test_a_reply_to_a_watched_phone_arrives_without_its_words(hilo: Rig) -> None:
    """After a cry what the team writes is announced, and shown by her tap."""
    phone = hilo.join(seen_by="checked")
    ana, _ = team(hilo)
    phone.say(SAID)
    ana.press("Abrir")
    assert (ana.last.text or "").startswith(say("alert.watched"))
    ana.press("Abrir la conversación")
    ana.press("Contestar")
    ana.say("Estoy en la casa de Rosa.")
    phone.look()
    ana.press("1 · Mandar a nombre del equipo")

    assert phone.told == say("told.notice")


def test_a_call_asked_for_in_a_check_in_keeps_no_quiet_line_back(hilo: Rig) -> None:
    """What she chose there was answered with nothing that leads to support: what she says next is."""
    phone = hilo.join()
    hilo.ask(phone)
    phone.say("2")
    phone.say("Nada.")
    phone.press(say("button.all"))
    phone.press("2 · Que me llamen")
    hilo.advance(minutes=5)
    phone.say("Mi vecino me grita.")
    assert phone.news[0] == say("cry.marked")
    hilo.advance(minutes=5)
    phone.say("Y me grita más.")

    assert say("cry.marked") not in phone.told


def test_alerts_of_one_person_within_a_minute_are_told_apart(hilo: Rig) -> None:
    """Each line of the list opens its own: day and hour are the same, so that a number tells them apart."""
    phone = hilo.join(nickname="Colibrí")
    ana, _ = team(hilo)
    for said in ("Mi vecino me grita.", "Mi vecino me grita hoy.", "Mi vecino me grita más."):
        phone.say(said)
    ana.say("/avisos")
    lines = [label for label in ana.last.labels if label.startswith("Colibrí")]
    for label in lines:
        ana.say("/avisos")
        ana.press(label)

    assert len(set(lines)) == 3
    assert [line[-4:] for line in lines[1:]] == [" (2)", " (3)"]
    assert {label.split(" (")[0] for label in lines} == {lines[0]}


@pytest.mark.parametrize("how", ["a call in a check-in", "words"])
def test_a_cry_after_what_was_read_rings_again(hilo: Rig, how: str) -> None:
    """One of the team has read the first alert and noted so: what she says a little later is heard by itself."""
    phone = hilo.join()
    if how == "words":
        phone.say(SAID)
    else:
        hilo.ask(phone)
        phone.say("2")
        phone.say("Nada.")
        phone.press(say("button.all"))
        phone.press("2 · Que me llamen")
    ana, _ = team(hilo)
    ana.press(say("button.alert_open"))
    ana.press(say("button.alert_mine"))
    ana.look()
    hilo.advance(minutes=20)
    phone.say(SAID)
    assert any("Sierra Norte" in text for text in ana.news)
    ana.look()
    hilo.advance(minutes=5)
    phone.say(SAID)

    assert ana.news == []


def test_marked_words_add_one_quiet_line_and_stand_in_the_list(hilo: Rig) -> None:
    """The conversation goes on; nobody is told; it is in «Por atender», first in reading, and seen with one tap."""
    other, phone = hilo.join(nickname="Ceiba"), hilo.join()
    hilo.ask(other, phone)
    ana, sol = team(hilo)
    for each, words in ((other, "Lo del agua."), (phone, "Mi vecino me grita.")):
        each.say("2")
        each.say(words)
    assert (ana.news, sol.news) == ([], [])
    assert phone.news == [say("cry.marked"), say("run.collected")]
    phone.say("Y me grita más.")
    assert say("cry.marked") not in phone.told
    ana.say("/leer")
    ana.press(say("button.read_next"))
    assert "Mi vecino me grita." in (ana.last.text or "")
    ana.say("/avisos")
    assert len([label for label in ana.last.labels if say("alert.marked") in label]) == 1
    ana.press(ana.last.labels[0])
    ana.press("Lo vi")

    assert say("alert.mark_seen") in (ana.last.text or "")
    ana.say("/avisos")
    assert ana.told == say("attend.none")


@pytest.mark.parametrize("said", ["Me quiero morir", "Que me llamen, me quiero morir"])
def test_a_cry_at_a_choice_is_no_slip(hilo: Rig, said: str) -> None:
    """She is never told that she was not understood, nor asked whether she meant a choice her words resemble."""
    phone = adding(hilo)
    phone.press("Listo")
    phone.say(said)

    assert say("cry.marked") in phone.news
    assert say("aside.passed") in phone.told
    assert (say("prompt.near", answer="Que me llamen") in phone.told, "No te entendí" in phone.told) == (False, False)


def test_three_mistakes_offer_to_lower_a_phrase(hilo: Rig) -> None:
    """After the third «No era eso» the admin is asked, and a phrase that is lowered is only marked from then on."""
    _, sol = team(hilo)
    for place in range(3):
        phone = hilo.join(nickname=f"Ceiba {place}")
        phone.say("Ya no quiero vivir así.")
        assert (say("danger.offer", phrase="ya no quiero vivir") in sol.told) is False
        phone.press("No era eso")
    assert say("danger.offer", phrase="ya no quiero vivir") in sol.told
    sol.press("Dejarla solo marcada")
    assert sol.told == say("danger.lowered", phrase="ya no quiero vivir")
    hilo.advance(seconds=6)
    ana, _ = team(hilo)
    phone = hilo.join(nickname="Nopal")
    phone.say("Ya no quiero vivir así.")

    assert ana.news == []
    assert say("cry.marked") in phone.told


def test_what_the_team_writes_for_others_rings_nobody(hilo: Rig) -> None:
    """A question that she writes for the group; but her own cry at a wizard's buttons goes to the other admins."""
    ana, sol = team(hilo)
    phone = hilo.join()
    phone.say("Buenas.")
    phone.press("Sí")
    ana.say("/mensajes")
    ana.press(next(label for label in ana.last.labels if label.startswith("Colibrí")))
    ana.press("Contestar")
    sol.look()
    ana.say(SAID)
    assert hilo.count("alerts") == 0
    ana.say("Me está pegando.")

    assert len([said for said in sol.news if "hay algo que atender" in said]) == 1
    assert say("cry.watched") in ana.told
    sol.press("Abrir")
    assert say("alert.only_that") in (sol.last.text or "")
    with hilo.reading() as unit:
        assert [each.person_id for each in unit.alerts.open()] == [ana.person.id]


def test_a_colleague_s_alert_is_for_the_other_admins_alone(hilo: Rig) -> None:
    """Another facilitator of her group neither is told nor finds it."""
    ana, sol = team(hilo)
    eva = hilo.facilitator(nickname="Eva")
    ana.say(SAID)
    assert len([said for said in sol.news if "hay algo que atender" in said]) == 1
    assert eva.news == []
    eva.say("/avisos")

    assert eva.told == say("attend.none")


def test_a_stranger_is_shown_where_to_turn(hilo: Rig) -> None:
    """Somebody without an invite who cries for help is told what this is, and sees the card; nobody is told."""
    ana, sol = team(hilo)
    phone = hilo.phone("es")
    phone.say(SAID)
    assert phone.told == say("cry.stranger")
    phone.press("A quién acudir ahora")

    assert RECORD["care_card"]["es"] in phone.told
    assert (ana.news, sol.news) == ([], [])


def test_the_proposal_is_gone_through_on_the_phone(tmp_path: Path) -> None:
    """From the checklist each phrase is accepted or refused, one by one; what was accepted rings."""
    record = {key: value for key, value in RECORD.items() if key != "danger_refused"}
    hilo = Rig(tmp_path, record=record)
    sol = hilo.facilitator(nickname="Sol", cohort=None, role="admin")
    sol.say("/estado")
    assert say("checklist.open", what=say("checklist.danger")) in (sol.last.text or "")
    sol.press(say("button.checklist.danger"))
    sol.press(say("button.ring_each"))
    phrases = [*danger.proposed("es"), *danger.proposed("en")]
    for place, phrase in enumerate(phrases):
        assert f"«{phrase}»" in (sol.last.text or "")
        sol.press("Que suene" if place == 0 else "Que no suene")
    assert sol.last.text == texts().count("danger.decided", "es", 1)
    sol.say("/estado")
    assert say("checklist.done", what=say("checklist.danger")) in (sol.last.text or "")
    hilo.advance(seconds=6)
    phone = hilo.join()
    sol.look()
    phone.say("Mi esposo me golpeó.")
    phone.say("Me está pegando.")

    assert len([said for said in sol.news if "hay algo que atender" in said]) == 1
    hilo.close()


def test_the_proposal_is_read_and_accepted_together(tmp_path: Path) -> None:
    """One tap a language, after every phrase stood on the screen; each can be taken off again, and rings until then."""
    record = {key: value for key, value in RECORD.items() if key != "danger_refused"}
    hilo = Rig(tmp_path, record=record)
    sol = hilo.facilitator(nickname="Sol", cohort=None, role="admin")
    sol.say("/estado")
    sol.press(say("button.checklist.danger"))
    early = sol.button(say("button.ring_all"))
    for tag in ("es", "en"):
        assert all(f"· {phrase}" in (sol.last.text or "") for phrase in danger.proposed(tag))
        assert len(sol.last.text or "") <= 500
        sol.press(say("button.ring_all"))
    number = len(danger.proposed("es")) + len(danger.proposed("en"))
    assert sol.last.text == texts().count("danger.decided", "es", number)
    sol.press_id(*early)  # what stood there is decided about
    assert texts().count("danger.decided", "es", number) in (sol.last.text or "")
    sol.press(say("button.phrases"))
    sol.press(say("danger.rings", phrase=danger.proposed("es")[0]))
    sol.press(say("button.stop_ringing"))
    with hilo.reading() as unit:
        kept = unit.organisation.get()
    assert kept["danger_refused"]["es"] == [danger.proposed("es")[0]]
    assert len(kept["danger_words"]["es"]) == len(danger.proposed("es")) - 1
    phone = hilo.join()
    sol.look()
    phone.say("Me está pegando.")

    assert len([said for said in sol.news if "hay algo que atender" in said]) == 1
    hilo.close()


def test_one_of_the_team_is_asked_by_whom_to_be_heard(hilo: Rig) -> None:
    """At her first own answer, once; who was named alone is told then, and finds it; it can be changed."""
    ana, sol = team(hilo)
    eva, luz = hilo.facilitator(nickname="Eva"), hilo.facilitator(nickname="Luz")
    practising(ana)
    assert say("confidant.ask") in ana.told
    ana.press("Eva")
    assert ana.last.text == say("confidant.kept", name="Eva")
    ana.say("Lo del agua.")
    assert say("confidant.ask") not in ana.told
    for phone in (sol, eva, luz):
        phone.look()
    ana.say(SAID)
    assert len([said for said in eva.news if "hay algo que atender" in said]) == 1
    assert (sol.news, luz.news) == ([], [])
    eva.press("Abrir")
    assert "Ana" in (eva.last.text or "")
    ana.say("/menu")
    ana.press(say("button.leader"))
    ana.press(say("button.how"))
    ana.press(say("button.confidant"))
    ana.press(say("button.other_admins"))

    assert ana.last.text == say("confidant.admins")


def practising(phone: Phone) -> None:
    """Begin the check-in of practice, and answer its first question."""
    phone.say("/menu")
    phone.press("Más")
    phone.press(say("menu.practise"))
    phone.say("2")


def test_words_that_are_too_long_to_be_taken_are_heard(hilo: Rig, own: Phone) -> None:
    """The page refuses them and keeps them in the field; the team hears that somebody asks for help."""
    ana, _ = team(hilo)
    own.send(Kind.UNTAKEN, text="Lo del agua. " * 2000 + SAID)
    assert (own.last.text or "").startswith(say("cry.heard"))
    ana.press("Abrir")
    assert say("alert.only_that") in (ana.last.text or "")
    own.send(Kind.UNTAKEN, text="Lo del agua. " * 2000)

    assert own.told == ""


def test_a_cry_in_an_update_that_fails_is_heard(hilo: Rig, own: Phone) -> None:
    """When the update is set aside after two minutes, the words it brought were looked at."""
    hilo.ask(own)
    broken_run(hilo, own)
    ana, _ = team(hilo)
    hilo.patient = True
    own.write(SAID)
    hilo.keep()
    while hilo.rows("SELECT count(*) FROM inbox WHERE state = 'pending'") == [(1,)]:
        hilo.handle()
        hilo.advance(seconds=5)
    hilo.send()

    assert len([said for said in ana.news if "hay algo que atender" in said]) == 1
    assert (own.last.text or "").startswith(say("cry.heard"))


def test_nothing_of_an_alert_stands_among_her_answers(hilo: Rig) -> None:
    """A cry at a choice question is in none of her screens but the messages to the team, which she can erase."""
    phone = choosing(hilo)
    phone.say(SAID)
    phone.say("/misdatos")

    assert SAID not in phone.told
    assert "peligro" not in phone.told


@pytest.mark.parametrize(
    ("reach", "said"),
    [(choosing, "Mi vecino me grita."), (telling, "Mi vecino me grita."), (telling, SAID), (adding, SAID)],
)
def test_neither_what_rang_nor_what_was_marked_stands_in_the_list(hilo: Rig, reach: Reach, said: str) -> None:
    """At a choice and at a question in words; what she said is hers: a tap of her own opens and erases it."""
    phone = reach(hilo)
    with hilo.unit() as unit:
        unit.people.prefer(phone.person, phone="mine")
    phone.say(said)
    if reach is not choosing:
        phone.press(say("button.all"))
    phone.say("/misdatos")
    phone.press(phone.last.labels[0])
    assert said not in (phone.last.text or "")
    assert say("chosen.discreet") in (phone.last.text or "")
    phone.press(say("button.pick_answer"))
    phone.press(phone.last.labels[0 if reach is choosing else 1])
    assert said in (phone.last.text or "")
    phone.press(say("button.erase_answer"))
    phone.press(say("button.erase_sure"))

    assert (phone.last.text or "").startswith(say("leader.erased.answer"))
    assert said not in str(phone.values)


def test_a_review_repeats_nothing_of_an_alert(hilo: Rig, own: Phone) -> None:
    """On a phone of her own, too: neither going back nor reviewing quotes what rang, and she can still change it."""
    phone, said = own, "2 de 4 · "
    hilo.ask(phone)
    phone.press("2 · 🙁 Bajo")
    phone.say(SAID)
    phone.press(say("button.all"))
    phone.press(say("button.back"))
    assert said in phone.told
    assert SAID not in phone.told
    phone.press(say("button.keep"))
    phone.press("1 · Nada por ahora")
    phone.press(say("button.review"))
    shown = phone.last.text or ""
    assert say("review.heading") in shown
    assert "🙁 Bajo" in shown
    assert SAID not in shown
    assert f"→ {say('chosen.discreet')}" in shown
    phone.press(say("button.change_number", number=2))

    assert SAID not in (phone.last.text or "")
    assert not [label for label in phone.last.labels if SAID in label]


def test_a_cry_of_somebody_whose_key_is_damaged_is_heard(hilo: Rig, own: Phone) -> None:
    """She is told that it is not her fault, with a way to support; the team hears that somebody asks for help."""
    ana, _ = team(hilo)
    with hilo.unit() as unit:
        unit.connection.exec_driver_sql(
            "UPDATE person_keys SET wrapped = X'00' WHERE person_id = ?", (own.person.id.hex,)
        )
    own.say(SAID)

    assert own.last.labels == [say("button.support")]
    assert len([said for said in ana.news if "hay algo que atender" in said]) == 1
    ana.press("Abrir")
    assert say("alert.only_that") in (ana.last.text or "")


def test_whoever_was_of_the_team_before_is_asked_at_the_next_own_answer(hilo: Rig) -> None:
    """As a database of an earlier version has them: the first start notes it, and nobody has to be looked at."""
    ana, _ = team(hilo)
    practising(ana)
    with hilo.unit() as unit:
        unit.people.prefer(ana.person, confidant=None)
    ana.say("Lo del agua.")
    assert say("confidant.ask") not in ana.told
    with hilo.unit() as unit:
        confidants.expect_all(unit)
    ana.press("Listo")
    assert say("confidant.ask") in ana.told
    with hilo.unit() as unit:
        confidants.expect_all(unit)  # the next start asks nothing again

    assert ana.person.preferences["confidant"] == "admins"


@pytest.mark.parametrize("role", ["facilitator", "translator"])
def test_whoever_never_opened_the_menu_is_asked_by_whom_to_be_heard(hilo: Rig, role: str) -> None:
    """A leader who was made one of the team is asked below her next own answer, and can choose."""
    phone = hilo.join(nickname="Rosa")
    hilo.ask(phone)
    with hilo.unit() as unit:
        grants.grant(unit, None, phone.person.id, role)
    phone.say("2")  # her very next answer, with no look at her in between
    assert say("confidant.ask") in phone.told
    phone.press("Ana")
    assert phone.last.text == say("confidant.kept", name="Ana")
    phone.say("Lo del agua.")
    assert say("confidant.ask") not in phone.told
    ana, sol = team(hilo)
    phone.say(SAID)

    assert len([said for said in ana.news if "hay algo que atender" in said]) == 1
    assert sol.news == []


def test_a_picture_with_a_cry_is_not_kept_of_whoever_left(hilo: Rig) -> None:
    """After leaving, a caption is taken like words: nothing of it is held, and nothing is asked about it."""
    phone = left(hilo)
    phone.look()
    pictured(hilo, phone)
    assert phone.news == [say("cry.watched.wordless")]
    assert hilo.count("messages") == hilo.count("media") == 0
    hilo.messenger.give_file(phone.chat, Kind.PHOTO, samples.jpeg(), text="La milpa.")
    hilo.settle()

    assert say("home.pass_on") in phone.told


def test_the_team_s_no_era_eso_counts_towards_lowering(hilo: Rig) -> None:
    """Three alerts that one of the team calls mistaken offer the phrase to the admins; each alert counts once."""
    ana, sol = team(hilo)
    for place in range(3):
        phone = hilo.join(nickname=f"Ceiba {place}")
        phone.say("Ya no quiero vivir así.")
        ana.press(say("button.alert_open"))
        if place:  # read first, then judged
            ana.press(say("button.alert_mine"))
        assert say("danger.offer", phrase="ya no quiero vivir") not in sol.told
        sol.look()
        ana.press(say("button.alert_not_so"))
        assert (ana.last.text or "").startswith(say("alert.not_so"))
        if place == 0:
            button = phone.button("No era eso")
            phone.press_id(*button)  # hers comes after the team's: it is the same alert
    assert say("danger.offer", phrase="ya no quiero vivir") in sol.told
    assert len(hilo.audited("alerts.mistaken")) == 3
    ana.say("/avisos")

    assert [label for label in ana.last.labels if label.endswith(say("time.today"))] == []


def marked(hilo: Rig, nickname: str, said: str) -> Phone:
    """Let somebody write words that only mark in answer to a question."""
    phone = hilo.join(nickname=nickname)
    hilo.ask(phone)
    phone.say("2")
    phone.say(said)
    return phone


def to_phrase(sol: Phone, label: str) -> None:
    """Open a phrase of the list, on whichever page it stands."""
    sol.press(say("button.phrases"))
    while label not in sol.last.labels:
        sol.press(say("button.next"))
    sol.press(label)


def test_a_word_of_the_shipped_table_is_no_longer_marked_after_three_mistakes(hilo: Rig) -> None:
    """The admin is asked; it comes back from the list of phrases, and goes again with one tap."""
    ana, sol = team(hilo)
    for nickname in ("Ceiba", "Nopal", "Amate"):
        phone = marked(hilo, nickname, "En la fiesta hubo balazos de salva.")
        assert say("cry.marked") in phone.told
        assert say("danger.offer.mark", phrase="balazos") not in sol.told
        ana.say("/avisos")
        ana.press(next(label for label in ana.last.labels if label.startswith(nickname)))
        ana.press(say("button.alert_not_so"))
    assert say("danger.offer.mark", phrase="balazos") in sol.told
    sol.press(say("button.keep_marking"))
    assert sol.told == say("danger.still_marked", phrase="balazos")
    sol.press(say("button.unmark"))
    assert sol.told == say("danger.unmarked", phrase="balazos")
    hilo.advance(seconds=6)
    phone = marked(hilo, "Mazorca", "En la fiesta hubo balazos de salva.")
    assert say("cry.marked") not in phone.told
    assert say("cry.marked") in marked(hilo, "Tule", "Hubo un balazo.").told  # that word alone was meant
    to_phrase(sol, say("danger.not_marked", phrase="balazos"))
    assert sol.last.text == say("danger.phrase.unmarked", phrase="balazos", language="español")
    assert say("button.ring") not in sol.last.labels
    sol.press(say("button.mark_again"))
    assert say("danger.marked_again", phrase="balazos") in (sol.last.text or "")
    hilo.advance(seconds=6)

    assert say("cry.marked") in marked(hilo, "Jade", "En la fiesta hubo balazos de salva.").told
    assert [row.subject for row in hilo.audited("organisation.changed")] == ["danger_unmarked"] * 2


def test_a_phrase_that_is_not_marked_any_more_can_still_ring(hilo: Rig) -> None:
    """One that was proposed: it is accepted from the list, and then it is found again."""
    ana, sol = team(hilo)
    phrase = "me vienen siguiendo"
    with hilo.unit() as unit:
        record = unit.organisation.get()
        ringing = {"es": [each for each in record["danger_words"]["es"] if each != phrase]}
        unit.organisation.set({**record, "danger_words": ringing, "danger_unmarked": {"es": [phrase]}})
    hilo.advance(seconds=6)
    phone = hilo.join()
    phone.say("Me vienen siguiendo.")
    assert say("cry.marked") not in phone.told
    sol.say("/palabras")
    to_phrase(sol, say("danger.not_marked", phrase=phrase))
    ana.look()
    sol.press(say("button.ring"))
    hilo.advance(seconds=6)
    phone.say("Me vienen siguiendo.")

    assert len([said for said in ana.news if "hay algo que atender" in said]) == 1
    with hilo.reading() as unit:
        assert unit.organisation.get()["danger_unmarked"]["es"] == []


def test_a_press_of_her_own_is_no_mistake(hilo: Rig, own: Phone) -> None:
    """Whoever asked to be looked for asked: the page has no such button."""
    ana, _ = team(hilo)
    own.say("/apoyo")
    own.press("Que me busquen")
    ana.press(say("button.alert_open"))

    assert say("button.alert_not_so") not in ana.last.labels


def test_an_accepted_phrase_is_taken_back_in_the_chat(hilo: Rig) -> None:
    """From the list of words, one by one: it only marks from then on, and rings again after another tap."""
    ana, sol = team(hilo)
    sol.say("/palabras")
    sol.press(say("button.phrases"))
    sol.press(say("danger.rings", phrase="me está pegando"))
    sol.press(say("button.stop_ringing"))
    assert sol.last.text == say("danger.phrase.marked", phrase="me está pegando", language="español")
    hilo.advance(seconds=6)
    first, second = hilo.join(), hilo.join(nickname="Ceiba")
    first.say("Me está pegando.")
    assert ana.news == []
    assert say("cry.marked") in first.told
    sol.press(say("button.ring"))
    sol.press(say("button.return"))
    assert say("danger.rings", phrase="me está pegando") in sol.last.labels
    hilo.advance(seconds=6)
    second.say("Me está pegando.")

    assert len([said for said in ana.news if "hay algo que atender" in said]) == 1
    assert len([row for row in hilo.audited("organisation.changed") if row.subject == "danger_words"]) == 2


def test_a_phrase_of_the_organisation_s_own_stays_marked_when_taken_back(hilo: Rig) -> None:
    """What they wrote themselves is not forgotten: it can ring again."""
    with hilo.unit() as unit:
        record = unit.organisation.get()
        unit.organisation.set({**record, "danger_words": {"es": ["las del cerro bajan"]}, "danger_refused": {}})
    hilo.advance(seconds=6)
    ana, sol = team(hilo)
    sol.say("/palabras")
    sol.press(say("button.phrases"))
    sol.press(say("danger.rings", phrase="las del cerro bajan"))
    sol.press(say("button.stop_ringing"))
    hilo.advance(seconds=6)
    phone = hilo.join()
    phone.say("Dicen que las del cerro bajan hoy.")
    assert ana.news == []
    assert say("cry.marked") in phone.told
    sol.press(say("button.ring"))

    with hilo.reading() as unit:
        assert unit.organisation.get()["danger_words"]["es"] == ["las del cerro bajan"]
        assert unit.organisation.get()["danger_marked"]["es"] == []


def test_an_answer_that_the_team_calls_mistaken_counts_once(hilo: Rig) -> None:
    """Also where the words are an answer; by a second of the team it does not count again."""
    phone = telling(hilo)
    ana, _ = team(hilo)
    eva = hilo.facilitator(nickname="Eva")
    phone.say("Ya no quiero vivir así.")
    for reader in (ana, eva):
        reader.say("/avisos")
        reader.press(next(label for label in reader.last.labels if label.startswith("Colibrí")))
    ana.press(say("button.alert_not_so"))
    eva.press(say("button.alert_not_so"))

    with hilo.reading() as unit:
        assert unit.organisation.get()["danger_mistaken"] == {"ya no quiero vivir": 1}


@pytest.mark.parametrize("own", [False, True])
def test_what_is_only_marked_can_be_taken_off_a_phone_that_others_see(hilo: Rig, own: bool) -> None:
    """At a choice question, where nobody was asked yet who sees the phone; on one's own phone it is not offered."""
    phone = hilo.join()
    with hilo.unit() as unit:
        unit.people.prefer(phone.person, phone="mine" if own else None)
    hilo.ask(phone)
    said = phone.say("Mi vecino me grita.")
    assert say("cry.marked") in phone.told
    assert any(say("button.take_away") in message.labels for message in phone.heard) is not own
    if own:
        return
    phone.press(say("button.take_away"))

    hilo.settle()
    assert say("cry.gone") in phone.screen()
    assert said not in [message.order for message in hilo.messenger.thread(phone.chat)]
    phone.press(say("button.go_on"))

    assert (phone.last.text or "").startswith("2 de")  # the question that waits, asked again
