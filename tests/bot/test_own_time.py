"""A leader chooses how she has what comes back: told the first time, coming by herself, or not at all."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from bot.messengers.port import Unknown
from bot.services import week
from bot.services.broadcasts import remind
from bot.services.members import WELCOME_AT
from bot.services.week import TELLING_WAITS
from tests.bot.leader import words
from tests.bot.phone import Phone
from tests.bot.rig import PURPOSE, Rig
from tests.bot.test_repeating import begin

ASKED = "¿Tienes 2 minutos?"
THURSDAY = datetime(2026, 11, 27, 1, tzinfo=UTC)  # the 26th, seven in the evening in Mexico City
WEEK, HOUR = timedelta(days=7), timedelta(hours=1)


@pytest.fixture
def her(hilo: Rig) -> Phone:
    """A leader who was welcomed before, in a group that is asked each Thursday."""
    phone = hilo.join()
    with hilo.unit() as unit:
        unit.people.prefer(phone.person, **{WELCOME_AT: None})
    begin(hilo.facilitator())
    phone.look()
    return phone


def come_to(hilo: Rig, moment: datetime) -> None:
    """Let it be made a day ahead, and then be this moment; who was told only now is asked a little later."""
    hilo.now = moment - 20 * HOUR
    hilo.tick()
    hilo.now = moment
    hilo.tick()
    if hilo.rows(f"SELECT 1 FROM deliveries WHERE state = 'due' AND due_at > '{moment:%Y-%m-%d %H:%M:%S.000000}'"):  # noqa: S608  our own moment
        hilo.now = moment + TELLING_WAITS
        hilo.tick()


def test_the_first_time_she_is_told_how_often_and_why(hilo: Rig, her: Phone) -> None:
    """Once: how often, how many times, what for, with the ways to have it."""
    come_to(hilo, THURSDAY)
    first, asked = her.news
    assert "cada jueves a las 7 de la tarde, 8 veces" in first
    assert PURPOSE in first
    assert ASKED in asked
    her.press("Está bien")
    her.look()
    come_to(hilo, THURSDAY + WEEK)

    assert len(her.news) == 1
    assert ASKED in her.told


def test_the_first_question_waits_for_what_she_says_to_that(hilo: Rig, her: Phone) -> None:
    """What she is told comes alone; her yes brings the question, else it comes ten minutes later, and counts once."""
    hilo.now = THURSDAY
    hilo.tick()
    assert len(her.news) == 1
    assert ASKED not in her.told
    her.press("Está bien")
    hilo.tick()
    assert her.told.count(ASKED) == 1
    late = hilo.join(nickname="Ceiba")
    with hilo.unit() as unit:
        unit.people.prefer(late.person, **{WELCOME_AT: None})
    late.look()
    hilo.now = THURSDAY + WEEK
    hilo.tick()
    assert len(late.news) == 1
    hilo.now += TELLING_WAITS - timedelta(minutes=1)
    hilo.tick()
    assert ASKED not in late.told
    hilo.now += timedelta(minutes=1)
    hilo.tick()
    assert late.told.count(ASKED) == 1
    with hilo.reading() as unit:
        assert len(week.begun(unit, hilo.turns.organisation, late.person).moments) == 1


def test_nothing_is_told_while_what_she_put_off_is_about_to_come(hilo: Rig, her: Phone) -> None:
    """It would take the place of the first question, which would come hours after it was told: both come later."""
    hilo.now = THURSDAY - timedelta(minutes=55)
    hilo.ask(her)
    her.press("Más tarde")
    her.press(words(her, "button.until.soon"))
    her.look()
    for minutes in (0, 4, 5, 10):
        hilo.now = THURSDAY + timedelta(minutes=minutes)
        hilo.tick()
        assert "cada jueves" not in her.told
    assert words(her, "run.resumed") in her.told
    hilo.now = THURSDAY + 16 * HOUR
    hilo.tick()
    assert "cada jueves" in her.told
    hilo.now += TELLING_WAITS
    hilo.tick()

    assert her.told.count(ASKED) == 1


def test_where_her_hours_end_both_come_at_once(hilo: Rig, her: Phone) -> None:
    """The first question is not left for the next day once it was told of."""
    hilo.now = THURSDAY + timedelta(hours=1, minutes=55)  # five to nine, when her evening ends
    hilo.tick()
    assert "cada jueves" in her.told
    assert her.told.count(ASKED) == 1


def test_what_she_is_told_comes_once_more_if_nobody_knows_whether_it_came(hilo: Rig, her: Phone) -> None:
    """The bot died, or the line was cut, as it went out: it says so, and she decides as ever."""
    hilo.messenger.fail(Unknown("cut"), accepted=False, new=True)
    hilo.now = THURSDAY
    hilo.tick()
    assert her.news == []
    hilo.now += timedelta(seconds=5)
    hilo.tick()
    assert [each.splitlines()[0] for each in her.news] == [words(her, "prompt.repeat")]
    assert "cada jueves a las 7 de la tarde, 8 veces" in her.told
    her.press("Está bien")
    hilo.tick()

    assert her.told.count(ASKED) == 1


def test_what_she_says_to_it_holds_for_the_first_question(hilo: Rig, her: Phone) -> None:
    """By herself: it waits for her; another day: it comes then; not at all: never."""
    others = [hilo.join(nickname=name) for name in ("Ceiba", "Nopal")]
    with hilo.unit() as unit:
        for each in others:
            unit.people.prefer(each.person, **{WELCOME_AT: None})
    hilo.now = THURSDAY
    hilo.tick()
    her.press("No me avises: yo entro")
    others[0].press("Cambiar día u hora")
    others[0].press("El viernes")
    others[0].press("A las 11 de la mañana")
    others[1].press("No me lo preguntes")
    for each in (her, *others):
        each.look()
    hilo.now += TELLING_WAITS
    hilo.tick()
    assert [each.news for each in (her, *others)] == [[], [], []]
    with hilo.reading() as unit:  # what they were told counts by itself, as nothing followed
        told = [week.begun(unit, hilo.turns.organisation, each.person).moments for each in (her, *others)]
    assert [len(each) for each in told] == [1, 1, 1]
    hilo.now = THURSDAY + 16 * HOUR
    hilo.tick()
    assert ASKED in others[0].told
    her.say("/menu")
    hilo.tick()
    assert ASKED in her.told

    assert others[1].news == []


def test_who_comes_in_is_never_rung_and_finds_it_when_she_writes(hilo: Rig, her: Phone) -> None:
    """Nothing at the hour, and no reminder; what is open waits its whole window, and then is over without a word."""
    come_to(hilo, THURSDAY)
    her.press("No me avises: yo entro")
    her.look()
    come_to(hilo, THURSDAY + WEEK)
    hilo.now += 30 * HOUR
    hilo.tick()
    assert her.news == []
    her.say("/menu")
    hilo.tick()
    assert her.told.count(ASKED) == 1
    her.look()
    [(last,)] = hilo.rows("SELECT id FROM broadcasts ORDER BY occurs_on DESC LIMIT 1")
    with hilo.unit() as unit:
        assert remind(unit, UUID(last), None) == 1  # the team reminds, once
    hilo.now += 10 * HOUR
    hilo.tick()
    assert her.news == []
    come_to(hilo, THURSDAY + 2 * WEEK)
    hilo.now += timedelta(days=3, minutes=1)
    hilo.tick()
    her.say("/menu")
    her.look()
    hilo.tick()

    assert her.news == []
    skipped = hilo.rows(
        "SELECT state, reason FROM deliveries d JOIN broadcasts b ON b.id = d.broadcast_id ORDER BY occurs_on"
    )
    assert skipped == [("started", None), ("started", None), ("skipped", "window")]


def test_what_she_does_not_want_is_not_asked_and_can_be_had_again(hilo: Rig, her: Phone) -> None:
    """In her settings stands the same; what is open of it ends."""
    come_to(hilo, THURSDAY)
    her.press(words(her, "button.rhythm.n"))
    assert her.run.status == "expired"
    her.look()
    come_to(hilo, THURSDAY + WEEK)
    assert her.news == []
    her.say("/menu")
    her.press("Mis ajustes")
    her.press("Lo que me llega seguido")
    her.press("¿Cómo vas? · sin preguntar")
    her.press("Mejor avísame")
    her.look()
    come_to(hilo, THURSDAY + 2 * WEEK)

    assert ASKED in her.told
    assert hilo.rows("SELECT count(*) FROM deliveries WHERE reason = 'declined'") == [(1,)]


def test_on_a_phone_that_others_see_nothing_is_named(hilo: Rig, her: Phone) -> None:
    """Neither what it is nor what for; coming by herself is offered first."""
    with hilo.unit() as unit:
        unit.people.prefer(her.person, phone="shared")
    come_to(hilo, THURSDAY)
    first = her.news[0]

    assert "Aquí va a haber algo para ti cada jueves a las 7 de la tarde, 8 veces." in first
    assert PURPOSE not in first
    told = next(each for each in her.thread if each.text == first)
    assert told.labels[0] == "No me avises: yo entro"


def standing(hilo: Rig) -> list[tuple[str, str | None]]:
    """List how deliveries stand, in the order of their occurrences."""
    return hilo.rows(  # type: ignore[return-value]  # two columns
        "SELECT state, reason FROM deliveries d JOIN broadcasts b ON b.id = d.broadcast_id ORDER BY occurs_on"
    )


def to_her_settings(her: Phone) -> None:
    """Open what comes back among her settings."""
    her.say("/menu")
    her.press("Mis ajustes")
    her.press("Lo que me llega seguido")
    her.press(next(label for label in her.last.labels if label.startswith("¿Cómo vas? · ")))


def test_she_chooses_a_day_and_hour_of_hers_inside_the_window(hilo: Rig, her: Phone) -> None:
    """From the first telling; what is open stays, the next comes once, on Saturday; and back to everybody's hour."""
    come_to(hilo, THURSDAY)
    her.press("Cambiar día u hora")
    assert {"El jueves", "El viernes", "El sábado", "El domingo"} <= set(her.last.labels)
    her.press("El sábado")
    assert "A las 7 de la tarde" in her.last.labels
    her.press("A las 11 de la mañana")
    assert "a ti te llega el sábado a las 11 de la mañana" in her.screen()
    her.look()
    come_to(hilo, THURSDAY + WEEK)
    assert her.news == []
    hilo.now = THURSDAY + WEEK + 40 * HOUR - timedelta(minutes=1)
    hilo.tick()
    assert her.news == []
    hilo.now += timedelta(minutes=1)
    hilo.tick()
    assert her.told.count(ASKED) == 1
    assert hilo.rows("SELECT count(*) FROM deliveries WHERE closes_at = '2026-12-07 01:00:00.000000'") == [(1,)]
    to_her_settings(her)
    assert "A ti te llega el sábado a las 11 de la mañana" in her.screen()
    her.press("Cambiar día u hora")
    her.press("A la hora de siempre")
    her.look()
    come_to(hilo, THURSDAY + 2 * WEEK)

    assert ASKED in her.told


def test_less_often_leaves_out_without_a_word(hilo: Rig, her: Phone) -> None:
    """Every other time, then once a month, then each time again, which all stand on the same screen."""
    come_to(hilo, THURSDAY)
    her.press("Menos seguido")
    her.press("Una sí y una no")
    assert "La que sigue para ti: jueves 10 de diciembre." in her.screen()
    for number in (1, 2, 3):
        come_to(hilo, THURSDAY + number * WEEK)
    assert standing(hilo) == [("started", None), ("skipped", "less")] * 2
    to_her_settings(her)
    assert "Ahora te llega una sí y una no." in her.screen()
    her.press("Cada vez")
    her.look()
    come_to(hilo, THURSDAY + 4 * WEEK)

    assert ASKED in her.told
    assert [reason for _, reason in standing(hilo)] == [None, "less", None, "less", None]


def test_once_a_month_is_every_fourth_week(hilo: Rig, her: Phone) -> None:
    """Counted from the last one that came."""
    come_to(hilo, THURSDAY)
    her.press("Menos seguido")
    her.press("Una vez al mes")
    for number in range(1, 5):
        come_to(hilo, THURSDAY + number * WEEK)

    assert [reason for _, reason in standing(hilo)] == [None, "less", "less", "less", None]


def test_not_today_skips_one_and_can_be_taken_back(hilo: Rig, her: Phone) -> None:
    """The team is told nothing; what was left out is asked again with the next tap, and the next week comes."""
    come_to(hilo, THURSDAY)
    her.press("Hoy no")
    assert "Bueno, hoy no. La que sigue: jueves 3 de diciembre." in her.screen()
    assert standing(hilo) == [("skipped", "today")]
    [(which,)] = hilo.rows("SELECT id FROM broadcasts")
    with hilo.unit() as unit:
        assert (unit.following.progress(UUID(which)).sent, unit.following.progress(UUID(which)).skipped) == (1, 0)
    her.press("Siempre sí")
    assert ASKED in her.screen()
    assert standing(hilo) == [("started", None)]
    her.press("Hoy no")
    her.look()
    hilo.now += timedelta(days=4)
    hilo.tick()
    assert her.news == []
    come_to(hilo, THURSDAY + WEEK)

    assert ASKED in her.told
    assert standing(hilo) == [("skipped", "today"), ("started", None)]


def test_not_today_said_before_it_comes(hilo: Rig, her: Phone) -> None:
    """In her settings on the day itself; the evening brings nothing, and why is kept."""
    hilo.now = THURSDAY - 9 * HOUR
    hilo.tick()
    to_her_settings(her)
    her.press("Hoy no")
    her.look()
    come_to(hilo, THURSDAY)
    assert her.news == []

    assert standing(hilo) == [("skipped", "today")]


@pytest.mark.parametrize(("language", "said"), [("es", "Hoy no."), ("en", "not today")])
def test_not_today_is_typed(hilo: Rig, language: str, said: str) -> None:
    """Before it comes, and once it asks; inside an open question in words it is asked whether that is the answer."""
    her = hilo.join(language)
    with hilo.unit() as unit:
        unit.people.prefer(her.person, **{WELCOME_AT: None})
    begin(hilo.facilitator())
    hilo.now = THURSDAY - 9 * HOUR
    hilo.tick()
    her.say(said)
    assert words(her, "rhythm.not_today") in her.screen()
    come_to(hilo, THURSDAY)
    assert standing(hilo) == [("skipped", "today")]
    come_to(hilo, THURSDAY + WEEK)
    her.say(said)
    assert words(her, "rhythm.not_today") in her.screen()
    assert standing(hilo)[-1] == ("skipped", "today")
    come_to(hilo, THURSDAY + 2 * WEEK)
    her.press(words(her, "button.start"))
    her.say("2")
    her.say(said)
    her.press(words(her, "meant.not_today"))
    assert words(her, "rhythm.not_today") in her.screen()
    assert her.run.status == "expired"  # what was answered is kept
    her.say(said)

    assert words(her, "rhythm.nothing_today") in her.screen()


def test_not_today_puts_off_what_was_ordered_by_hand_and_leaves_out_all_that_comes_back(hilo: Rig, her: Phone) -> None:
    """It comes back to nobody by itself, so she is asked until when; two that come back are left out at once."""
    hilo.order()
    hilo.tick()
    her.say("hoy no")
    assert "Mañana" in her.last.labels
    her.press("Mañana")
    begin(hilo.facilitator(nickname="Berta"), "cada jueves a las 8 de la noche")
    hilo.now = THURSDAY - 9 * HOUR
    hilo.tick()
    her.look()
    her.say("hoy no")
    said, _ = her.heard[-2:]
    assert (said.text, "Lo que me llega seguido" in said.labels) == (words(her, "rhythm.not_today_either"), True)
    assert "Mañana" in her.last.labels
    her.look()
    come_to(hilo, THURSDAY)
    hilo.now = THURSDAY + HOUR
    hilo.tick()

    assert [reason for state, reason in standing(hilo) if state == "skipped"] == ["today", "today"]


@pytest.mark.parametrize("inside", [False, True])
def test_not_today_before_what_was_ordered_by_hand_puts_it_off_and_leaves_out_the_rest(
    hilo: Rig, her: Phone, inside: bool
) -> None:
    """Both are said; neither is lost: the one by hand waits until she likes, what comes back is taken back by a tap."""
    hilo.now = THURSDAY - 9 * HOUR
    hilo.order()
    hilo.tick()
    if inside:
        her.press("Sí, ahora")
        her.say("2")
    her.look()
    her.say("hoy no")
    if inside:
        her.press("Hoy no quiero contestar")
    assert "Lo que te llega seguido tampoco llega hoy." in her.told
    assert "Mañana" in her.last.labels
    her.press("Mañana")
    assert her.run.status == "postponed"
    her.press("Siempre sí")
    assert words(her, "rhythm.after_all") in her.screen()
    her.say("hoy no")
    assert words(her, "rhythm.not_today") in her.screen()
    come_to(hilo, THURSDAY)
    assert standing(hilo)[-1] == ("skipped", "today")

    her.say("/menu")
    her.press("Mis ajustes")
    her.press("Lo que me llega seguido")
    her.press("¿Cómo vas? · cada jueves")
    her.press("Siempre sí")
    her.look()
    hilo.tick()
    hilo.now += TELLING_WAITS
    hilo.tick()

    assert standing(hilo)[-1] == ("started", None)
    assert her.told.count(ASKED) == 1


def test_two_alike_are_told_apart_where_others_see_the_phone(hilo: Rig, her: Phone) -> None:
    """By a number alone; on her own phone by what they are, and on any by how she has them."""
    begin(hilo.facilitator(nickname="Berta"))
    with hilo.unit() as unit:
        unit.people.prefer(her.person, phone="shared")
    her.say("/menu")
    her.press("Mis ajustes")
    her.press("Lo que me llega seguido")
    assert her.last.labels[:2] == [f"{place} · Cada jueves a las 7 de la tarde" for place in (1, 2)]
    her.press("1 · Cada jueves a las 7 de la tarde")
    her.press("Menos seguido")
    her.press("Una vez al mes")
    her.say("/menu")
    her.press("Mis ajustes")
    her.press("Lo que me llega seguido")

    assert her.last.labels[:2] == [
        "Cada jueves a las 7 de la tarde · una vez al mes",
        "Cada jueves a las 7 de la tarde",
    ]


def test_who_skips_all_of_it_has_sent_nothing(hilo: Rig, her: Phone) -> None:
    """Before she starts there are questions for her, none of them half answered; then nothing says that all is done."""
    come_to(hilo, THURSDAY)
    her.say("/menu")
    assert "Hay unas preguntas para ti" in her.screen()
    her.press("Seguir con las preguntas")
    while "Saltar" in her.last.labels:
        her.press("Saltar")

    assert "Está bien. Esta vez no mandaste nada." in her.screen()
