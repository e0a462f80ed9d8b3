"""The way in: language, what this is, yes or no, a nickname."""

from datetime import timedelta

import pytest

from bot.messengers.port import Kind
from tests.bot.rig import RECORD, SIERRA, Phone, Rig, texts


def consenting(hilo: Rig, language: str = "Español") -> Phone:
    """Bring someone to the question whether she agrees."""
    phone = hilo.phone()
    phone.say(f"/start {hilo.invite()}")
    phone.say(language)
    assert phone.person.participation == "consenting"
    return phone


def test_the_whole_way_in_spanish(hilo: Rig) -> None:
    """An invite leads to language, consent and nickname, and ends active, in the cohort, with what she agreed to."""
    phone = hilo.phone("es-MX")
    phone.say(f"/start {hilo.invite()}")
    assert "No soy una persona" in phone.told
    assert "not a person" in phone.told
    phone.press("1 · Español")
    assert "Te invitó la Escuela de Liderazgo." in phone.told
    phone.press("Sí, quiero participar")
    assert "¿Cómo te digo?" in phone.told
    phone.say("Colibrí")
    assert "Por hoy es todo, Colibrí." in phone.told

    person = phone.person
    assert (person.nickname, person.language, person.participation) == ("Colibrí", "es", "active")
    with hilo.reading() as unit:
        assert unit.memberships.active(hilo.cohort()) == [person.id]
        (consent,) = unit.consents.of(person)
    assert (consent.action, consent.language) == ("given", "es")
    assert "la Escuela de Liderazgo" in (consent.text or "")


def test_the_whole_way_in_english(hilo: Rig) -> None:
    """The same in English: after she chose her language, nothing Spanish is said."""
    phone = hilo.phone("en-GB")
    phone.say(f"/start {hilo.invite()}")
    assert phone.told.index("Hi. I am Hilo") < phone.told.index("Hola. Soy Hilo")
    phone.press("2 · English")
    assert "La Escuela de Liderazgo invited you." in phone.told
    assert "a year at most" in phone.told
    phone.press("Yes, I want to take part")
    phone.press("Skip")

    assert phone.told == texts().say("join.tomorrow", "en", when="Tomorrow at 7 in the evening")
    assert phone.person.nickname is None
    assert phone.person.language == "en"


@pytest.mark.parametrize(
    ("language", "yes", "said"),
    [("es", "Sí, quiero participar", "no se"), ("en", "Yes, I want to take part", "I don't know")],
)
def test_not_knowing_is_no_nickname(hilo: Rig, language: str, yes: str, said: str) -> None:
    """Whoever does not know what to be called is not called that from then on: one is picked, or another typed."""
    phone = hilo.phone(language)
    phone.say(f"/start {hilo.invite()}")
    phone.press({"es": "1 · Español", "en": "2 · English"}[language])
    phone.press(yes)
    phone.say(said)
    assert phone.person.nickname is None
    assert texts().say("join.name.unsure", language) in phone.told
    phone.press(texts().say("button.pick", language))

    assert phone.person.nickname in texts().say("join.nicknames", language).split(", ")


@pytest.mark.parametrize(
    ("language", "said"),
    [("es", "No quiero que me escriban"), ("es", "ya no me escribas!"), ("en", "Stop writing to me")],
)
def test_not_to_be_written_to_is_understood(hilo: Rig, language: str, said: str) -> None:
    """Said in people's own words it leads to a break or to leaving, and is not passed on to the team."""
    phone = hilo.join(language)
    phone.say(said)

    assert texts().say("leader.rest", language) in phone.told


def test_every_fact_of_the_consent_comes_from_the_record(hilo: Rig) -> None:
    """Who invites, how many read, on which days and for how long: as the organisation's record and roles say."""
    hilo.facilitator(nickname="Ana")
    hilo.facilitator(nickname="Eva")
    hilo.facilitator(nickname="Luz", cohort="Costa")
    hilo.facilitator(nickname="Sol", cohort=None, role="admin")
    with hilo.unit() as unit:
        unit.organisation.set({**RECORD, "name": "Casa Raíz", "reading_days": [1, 3], "retention_months": 6})
    hilo.advance(seconds=10)
    told = consenting(hilo).told

    assert "Te invitó Casa Raíz." in told
    assert "leen 3 personas del equipo, los martes y jueves." in told
    assert "6 meses cuando mucho" in told


def test_what_is_not_on_record_is_not_said(bare: Rig) -> None:
    """Without a record no name, no reader, no day and no time is stated."""
    for language, unsaid in (("Español", ("personas del equipo", "cuando mucho", "los ")), ("English", ("people of",))):
        told = consenting(bare, language).told
        assert not any(words in told for words in unsaid), told
        assert not any(character.isdigit() for character in told)
        assert "None" not in told


def test_the_risk_named_is_the_messengers_own(hilo: Rig) -> None:
    """On the web chat the risk of the page is told, and Telegram is not spoken of."""
    hilo.messenger.name = "web"
    told = consenting(hilo).told

    assert texts().say("join.risk.web", "es") in told
    assert "Telegram" not in told


def test_nothing_is_kept_and_nothing_arrives_before_consent(hilo: Rig) -> None:
    """Whoever has not said yes gets no broadcast, and what she writes becomes no answer and no message."""
    hilo.join(nickname="Ceiba")
    phone = consenting(hilo)
    phone.say("me duele mucho lo del agua")
    hilo.order()
    hilo.tick()

    assert "ánimo" not in phone.screen()
    assert hilo.count("answers") == 0
    assert hilo.count("messages") == 0
    assert hilo.count("deliveries") == 1
    assert hilo.count("runs") == 1


def test_who_declines_is_left_alone_and_may_reconsider(hilo: Rig) -> None:
    """A no is thanked for and kept, no broadcast reaches her, and one button takes her back."""
    phone = consenting(hilo)
    phone.press("No, gracias")
    assert "no pasa nada" in phone.told
    assert phone.person.participation == "declined"
    with hilo.reading() as unit:
        latest = unit.consents.latest(phone.person.id)
        assert latest is not None
        assert latest.action == "declined"
        assert unit.memberships.active(hilo.cohort()) == []

    phone.press("Sí, quiero participar")
    phone.say("Luciérnaga")
    assert phone.person.participation == "active"


@pytest.mark.parametrize(
    ("language", "said", "state"),
    [
        ("Español", "sí", "naming"),
        ("Español", "SI", "naming"),
        ("Español", "¡Sí, quiero!", "naming"),
        ("Español", "1", "consenting"),
        ("Español", "no", "declined"),
        ("Español", "No, gracias.", "declined"),
        ("Español", "tengo dudas", "consenting"),
        ("English", "yes", "naming"),
        ("English", "I agree", "naming"),
        ("English", "NO", "declined"),
        ("English", "not sure", "consenting"),
    ],
)
def test_yes_and_no_can_be_typed(hilo: Rig, language: str, said: str, state: str) -> None:
    """Plain words for yes, no and doubt count as the buttons do, with or without accents and capitals."""
    phone = consenting(hilo, language)
    phone.say(said)

    assert phone.person.participation == state


def test_doubts_are_welcome(hilo: Rig) -> None:
    """Doubts change nothing and are answered with the same three buttons."""
    phone = consenting(hilo)
    phone.press("Tengo dudas")

    assert phone.person.participation == "consenting"
    assert phone.last.labels == ["Sí, quiero participar", "Tengo dudas", "No, gracias"]


def test_other_words_are_no_consent(hilo: Rig) -> None:
    """Anything but a clear yes or no leaves her where she is, and the question is said again."""
    phone = consenting(hilo)
    for said in ("¿quién eres?", "si no hay otra", "/menu", "🙂"):
        phone.say(said)
        assert phone.person.participation == "consenting", said
        assert "Sí, quiero participar" in phone.last.labels

    phone.send(Kind.STICKER)
    assert "Sí, quiero participar" in phone.last.labels


def test_the_care_card_is_there_before_consent(hilo: Rig) -> None:
    """Support is shown to whoever asks for it, on the way in too."""
    phone = consenting(hilo)
    phone.say("/apoyo")

    assert phone.told == "Llama a Rosa, de día o de noche."


def test_a_language_can_be_chosen_by_its_digit_or_its_name(hilo: Rig) -> None:
    """Languages are numbered, the cohort's own first; digit, name and code all choose."""
    hilo.cohort("Huasteca", ("nhe", "es"))
    for said, chosen in (("1", "nhe"), ("2", "es"), ("3", "en"), ("español", "es"), ("ENGLISH", "en"), ("nhe", "nhe")):
        phone = hilo.phone()
        phone.say(f"/start {hilo.invite(cohort='Huasteca')}")
        assert phone.last.labels[0].startswith("1 · ")
        phone.say(said)
        assert phone.person.language == chosen, said


def test_a_language_nobody_offered_is_asked_again(hilo: Rig) -> None:
    """A digit without a language, or words that name none, bring the question again."""
    phone = hilo.phone()
    phone.say(f"/start {hilo.invite()}")
    for said in ("9", "klingon", "0"):
        phone.say(said)
        assert phone.person.participation == "invited"
        assert phone.last.labels == ["1 · Español", "2 · English"]


def test_a_language_can_still_be_changed_before_consent(hilo: Rig) -> None:
    """Pressing the other language afterwards says the consent anew in that one."""
    phone = consenting(hilo)
    phone.press("2 · English")

    assert "invited you" in phone.told
    assert phone.person.language == "en"


@pytest.mark.parametrize("why", ["used", "expired", "unknown", "no code", "revoked"])
def test_an_invite_that_opens_nothing_does_not_say_why(hilo: Rig, why: str) -> None:
    """Used, ended and unknown codes have one sentence, in both languages, with one button, and make no person."""
    invite = hilo.invite(uses=1, expires_at=hilo.now + timedelta(hours=1) if why == "expired" else None)
    if why == "used":
        hilo.phone().say(f"/start {invite}")
    if why == "revoked":
        with hilo.unit() as unit:
            unit.invites.revoke(unit.invites.list()[0].id)
    hilo.advance(hours=2)
    before = hilo.count("people")
    phone = hilo.phone()
    code = {"unknown": "ZZZZZZZZZZ", "no code": "nada"}.get(why, invite)
    phone.say(f"/start {code}")

    assert phone.news == [f"{texts().say('join.ended', 'es')}\n\n{texts().say('join.ended', 'en')}"]
    assert phone.last.labels == ["Ya había entrado"]
    assert hilo.count("people") == before


def requests(hilo: Rig) -> list[str]:
    """Return whose link was asked for."""
    with hilo.reading() as unit:
        return [unit.people.known(each.person_id).display_name for each in unit.link_requests.open()]


def test_who_was_in_before_asks_by_her_single_invite(hilo: Rig) -> None:
    """From another account the used code leads to the team's list, and makes no second person."""
    invite = hilo.invite(uses=1)
    phone = hilo.phone()
    for said in (f"/start {invite}", "Español", "sí", "Luna"):
        phone.say(said)
    before, other = hilo.count("people"), hilo.phone()
    other.say(f"/start {invite}")
    other.press("Ya había entrado")

    assert texts().say("join.ended.asked", "es", code=invite) in other.told
    assert requests(hilo) == ["Luna"]
    assert hilo.count("people") == before


def shared(hilo: Rig, *names: str, uses: int = 9, first: Phone | None = None) -> str:
    """Let several come in by one invite, saying from the second on that it is their first time; returns its code."""
    invite = hilo.invite(uses=uses)
    for place, name in enumerate(names):
        phone = hilo.phone() if place or first is None else first
        phone.say(f"/start {invite}")
        if place:
            phone.press("Es mi primera vez")
        for said in ("Español", "sí", name):
            phone.say(said)
    return invite


def both(sentence: str, **facts: str) -> str:
    """Return a sentence in both languages."""
    return "\n\n".join(texts().say(sentence, each, **facts) for each in ("es", "en"))


@pytest.mark.parametrize("uses", [2, 9])
def test_who_was_in_before_by_a_shared_invite_says_her_nickname(hilo: Rig, uses: int) -> None:
    """Where several came in with the code, the code with a nickname reaches the team; a made-up one reaches nobody."""
    invite = shared(hilo, "Luna", "Ceiba", uses=uses)
    before, other = hilo.count("people"), hilo.phone()
    other.say(f"/start {invite}")
    other.press("Ya había entrado")
    assert both("join.ended.asked", code=invite) in other.told
    assert other.last.labels == ([] if uses == 2 else ["Es mi primera vez"])
    assert requests(hilo) == []
    told = []
    for said in ("ZZZZZZZZZZ Luna", f"{invite} luna"):
        other.say(said)
        told.append(other.told)

    assert set(told) == {both("join.ended.noted")}
    assert requests(hilo) == ["Luna"]
    assert hilo.count("people") == before


def test_nobody_becomes_a_second_person_unasked(hilo: Rig) -> None:
    """An invite for several that was used asks first; only who says that it is the first time gets a row of her own."""
    invite = shared(hilo, "Luna")
    before, other = hilo.count("people"), hilo.phone("en-GB")
    for said in (f"/start {invite}", invite.lower(), f"Hi, my code is {invite}"):
        other.say(said)
        assert other.told.startswith("Is this your first time here?")
        assert other.last.labels == ["It's my first time", "I was in before"]
    assert hilo.count("people") == before

    other.press("It's my first time")
    assert other.person.participation == "invited"
    assert hilo.count("people") == before + 1


def test_who_is_inside_already_goes_on_by_an_old_button(hilo: Rig) -> None:
    """Both buttons, pressed once more by somebody who came in meanwhile, repeat where she is."""
    invite = shared(hilo, "Luna")
    other = hilo.phone()
    other.say(f"/start {invite}")
    before, first = other.button("Ya había entrado"), other.button("Es mi primera vez")
    other.press("Es mi primera vez")
    for button in (before, first):
        other.press_id(*button)
        assert "¿En qué lengua" in other.told
    assert requests(hilo) == []


def test_where_one_alone_came_in_by_a_shared_invite_she_is_meant(hilo: Rig) -> None:
    """What the answer says is so: her team finds it noted, and the way in for the first time stays."""
    invite = shared(hilo, "Luna")
    other = hilo.phone()
    other.say(f"/start {invite}")
    other.press("Ya había entrado")

    assert requests(hilo) == ["Luna"]
    other.press("Es mi primera vez")
    assert other.person.participation == "invited"


def recalled(hilo: Rig) -> list[str]:
    """Return what is remembered by those who know no nickname."""
    with hilo.reading() as unit:
        return [each.words for each in unit.recollections.open()]


@pytest.mark.parametrize("uses", [2, 9])
def test_a_forgotten_nickname_reaches_the_team_as_not_confirmed(hilo: Rig, uses: int) -> None:
    """What she remembers stands in the team's list; the team says whom it may mean, and then confirms as always."""
    ana = hilo.facilitator()
    invite = shared(hilo, "Luna", "Ceiba", uses=uses)
    other = hilo.phone()
    other.say(f"{invite} soy de San Juan, entré en octubre")
    other.say(f"{invite} soy de San Juan, entré en octubre")
    other.say("ZZZZZZZZZZ no me acuerdo")

    assert recalled(hilo) == ["soy de San Juan, entré en octubre"]
    ana.say("/menu")
    assert "Una petición de liga" in ana.told
    ana.press("Atender")
    ana.press("Peticiones de liga")
    assert "San Juan" not in (ana.last.text or "")
    ana.press("Sin apodo · hoy")
    assert "Sin confirmar" in (ana.last.text or "")
    assert "«soy de San Juan, entré en octubre»" in (ana.last.text or "")
    assert {"Luna", "Ceiba", "Nadie de aquí"} <= set(ana.last.labels)
    ana.press("Ceiba")
    assert "¿ya lo confirmaste con Ceiba de otro modo" in (ana.last.text or "")
    assert (recalled(hilo), requests(hilo)) == ([], ["Ceiba"])
    ana.press("No darla")
    assert requests(hilo) == []


def test_what_is_remembered_can_be_nobodys(hilo: Rig) -> None:
    """Closed without a link it is gone, and can be said again; a second team member finds it gone."""
    ana = hilo.facilitator()
    invite = shared(hilo, "Luna", "Ceiba")
    other = hilo.phone()
    other.say(f"{invite} no me acuerdo")
    ana.say("/menu")
    ana.press("Atender")
    ana.press("Peticiones de liga")
    ana.press("Sin apodo · hoy")
    old = ana.button("Luna")
    ana.press("Nadie de aquí")
    ana.press("Sí, quitarla")
    assert texts().say("people.recalled.declined", "es") in (ana.last.text or "")
    ana.press_id(*old)
    assert texts().say("people.asked.gone", "es") in (ana.last.text or "")
    assert requests(hilo) == []
    other.say(f"{invite} no me acuerdo")
    assert recalled(hilo) == ["no me acuerdo"]


def test_what_is_remembered_goes_with_an_erasure(hilo: Rig) -> None:
    """It may be hers who is erased; whoever else it was can ask again."""
    luna = hilo.phone()
    invite = shared(hilo, "Luna", "Ceiba", first=luna)
    other = hilo.phone()
    other.say(f"{invite} la de San Juan")
    luna.say("/erase")
    luna.press(texts().say("button.erase_all", "es"))
    luna.press(texts().say("button.erase_all_sure", "es"))
    assert recalled(hilo) == []

    other.say(f"{invite} la de San Juan")
    other.say(f"{invite} la que canta")  # one is left who came in by it, so it is hers
    hilo.join(nickname="Nadia")
    assert requests(hilo) == ["Ceiba"]


def test_a_teams_other_group_sees_nothing_of_it(hilo: Rig) -> None:
    """What somebody remembers is for the team of the invite's group alone, and goes after a month."""
    eva = hilo.facilitator(nickname="Eva", cohort="Costa")
    invite = shared(hilo, "Luna", "Ceiba")
    hilo.phone().say(f"{invite} la de San Juan")
    eva.say("/menu")
    eva.press("Atender")
    assert "Peticiones de liga" not in eva.last.labels
    for days, left in ((29, 1), (2, 0)):
        hilo.advance(days=days)
        hilo.tick()
        assert len(recalled(hilo)) == left


@pytest.mark.parametrize(
    "said", ["/start", "/help", "hola", "¿quién eres?", "buenas tardes a todos", "/support ZZZZZZZZZZ"]
)
def test_a_stranger_without_an_invite_is_told_how_one_comes_in(hilo: Rig, said: str) -> None:
    """Whoever writes without a code hears what this is and how one comes in, in both languages, hers first.

    What follows another command and looks like a code is none, unless it opens something.
    """
    phone = hilo.phone("en")
    phone.say(said)

    assert phone.news == [f"{texts().say('join.stranger', 'en')}\n\n{texts().say('join.stranger', 'es')}"]
    assert hilo.count("people") == 0


def test_an_invite_can_be_typed_by_hand(hilo: Rig) -> None:
    """A code copied from paper opens too: alone, in small letters, and with letters for the digits they look like."""
    for change in (str, str.lower, lambda code: code.replace("0", "O").replace("1", "l")):
        phone = hilo.phone()
        phone.say(change(hilo.invite()))
        assert "¿En qué lengua hablamos?" in phone.told


def test_a_code_in_a_sentence_opens(hilo: Rig) -> None:
    """Whoever writes more than the code comes in as well; ten letters that are nobody's code open nothing."""
    phone = hilo.phone()
    phone.say(f"Hola, buenas tardes. Mi código es {hilo.invite().lower()}.")
    assert phone.person.participation == "invited"

    other = hilo.phone()
    other.say("Mi código es ABCDEFGHJK, creo.")
    assert texts().say("join.stranger", "es") in other.told


def test_who_facilitates_comes_in_without_the_leaders_consent(hilo: Rig) -> None:
    """A facilitator hears what she is trusted with, gets her role for her cohort, and is no member of it."""
    phone = hilo.phone()
    phone.say(f"/start {hilo.invite('facilitator')}")
    phone.press("1 · Español")
    assert "lo que la gente cuenta es delicado" in phone.told.lower()
    phone.say("Ana")

    assert phone.told == texts().say("join.done.staff", "es")
    with hilo.reading() as unit:
        roles = unit.roles.of(phone.person.id)
        assert [(role.role, role.cohort_id) for role in roles] == [("facilitator", hilo.cohort())]
        assert unit.memberships.of(phone.person.id) == []


def test_a_nickname_that_is_too_long_is_asked_for_again(hilo: Rig) -> None:
    """Thirty letters fit; more are refused with the number, and nobody is called by half a name."""
    phone = consenting(hilo)
    phone.say("sí")
    phone.say("x" * 31)
    assert "30 letras" in phone.told
    assert phone.person.participation == "naming"
    phone.say("x" * 30)

    assert phone.person.nickname == "x" * 30


@pytest.mark.parametrize(
    "given", ["Co\x00li\x07brí", "Col\u202eibrí", "\u2066Colibrí\u2069", "Co\u200blibrí", " Co\tlibrí \n"]
)
def test_a_nickname_carries_no_hidden_marks(hilo: Rig, given: str) -> None:
    """Control characters and marks that turn the writing direction are taken out of a name."""
    phone = consenting(hilo)
    phone.say("sí")
    phone.say(given)

    assert (phone.person.nickname or "").replace(" ", "") == "Colibrí"


def test_a_nickname_of_nothing_but_marks_is_none(hilo: Rig) -> None:
    """What leaves nothing to read is asked for again."""
    phone = consenting(hilo)
    phone.say("sí")
    for given in ("\u202e\u200b", "\x01\x02", "…"):
        phone.say(given)
        assert phone.person.participation == "naming", repr(given)


def test_a_nickname_can_be_picked_for_her(hilo: Rig) -> None:
    """Someone who asks for a name gets one of the list, in her language."""
    phone = consenting(hilo)
    phone.say("sí")
    phone.press("Escoge uno por mí")

    assert phone.person.nickname in texts().say("join.nicknames", "es").split(", ")


def test_start_again_in_the_middle_repeats_the_step(hilo: Rig) -> None:
    """A second /start, with the same code or none, says the present step again and loses nothing."""
    code = hilo.invite()
    phone = hilo.phone()
    phone.say(f"/start {code}")
    for again in (f"/start {code}", "/start"):
        phone.say(again)
        assert phone.last.labels == ["1 · Español", "2 · English"]
    phone.press("1 · Español")
    phone.say(f"/start {code}")
    assert "Sí, quiero participar" in phone.last.labels
    phone.press("Sí, quiero participar")
    phone.say("/start")
    assert "¿Cómo te digo?" in phone.told

    assert hilo.count("people") == 1


def test_who_facilitates_is_asked_for_her_name_in_the_same_words_again(hilo: Rig) -> None:
    """A repeated question is the same question: whoever facilitates is not thanked as a leader is."""
    phone = hilo.phone()
    phone.say(f"/start {hilo.invite('facilitator')}")
    phone.say("Español")
    phone.say("/start")

    assert phone.told == texts().say("join.name.staff", "es")


def test_a_second_invite_adds_a_group_to_a_known_person(hilo: Rig) -> None:
    """Someone who takes part and opens another group's invite is in both, without a second consent."""
    phone = hilo.join()
    phone.say(f"/start {hilo.invite(cohort='Costa')}")

    assert phone.told == texts().say("join.again", "es")
    with hilo.reading() as unit:
        assert list(unit.memberships.of(phone.person.id)) == [hilo.cohort(), hilo.cohort("Costa")]
    assert hilo.count("people") == 1


def test_an_invite_that_is_no_good_changes_nothing_for_a_known_person(hilo: Rig) -> None:
    """A known person with a dead code is shown her menu and stays as she was."""
    phone = hilo.join()
    phone.say("/start ZZZZZZZZZZ")

    assert phone.told == texts().say("home", "es")
    assert phone.person.participation == "active"


def test_who_facilitates_agrees_before_she_is_asked_as_a_leader(hilo: Rig) -> None:
    """A facilitator who opens a leader's invite gets no broadcast of the group before she said yes to it."""
    phone = hilo.facilitator()
    phone.say(f"/start {hilo.invite(cohort=SIERRA)}")

    with hilo.reading() as unit:
        consent = unit.consents.latest(phone.person.id)
        reached = unit.memberships.active(hilo.cohort())
    assert (consent is not None and consent.action == "given") or phone.person.id not in reached


def test_the_language_can_be_switched_later(hilo: Rig) -> None:
    """The menu's language list changes the language, and everything after is said in it."""
    phone = hilo.join()
    phone.say("/idioma")
    phone.press("English")
    assert "Done. Let's carry on in English." in phone.told
    phone.say("/menu")

    assert phone.told == texts().say("home", "en")


def test_the_language_switched_in_a_run_asks_the_open_question_again(hilo: Rig) -> None:
    """The open question comes back in the new language and can be answered there."""
    phone = hilo.join()
    hilo.ask(phone)
    phone.say("/language")
    phone.press("English")
    assert "How are you feeling this week?" in phone.told
    phone.press("4 · 🙂 Good")

    assert phone.values == {"mood": 4}
