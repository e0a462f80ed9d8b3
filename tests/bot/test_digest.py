"""What a facilitator is told: her menu, and once a week a summary at the hour she chose."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from bot import clock
from bot.services.versions import save_version
from bot.team.answers import digest
from bot.team.home.today import MESSAGES_COUNTED
from dialogs import languages
from storage.unit import Unit
from tests.bot.leader import LONGEST, ROWS, answered, follow, words
from tests.bot.rig import PURPOSE, SIERRA, TUESDAY, Phone, Rig, texts
from tests.bot.test_reading import told

THURSDAY = 3  # the reading day on record
NINE = datetime(2026, 11, 26, 15, 0, tzinfo=UTC)  # Thursday, nine in the morning in Mexico City


def screens(phone: Phone) -> None:
    """Everything the bot said fits a phone."""
    for message in phone.heard:
        assert len(message.text or "") <= LONGEST, message.text
        assert len(message.keyboard) <= ROWS, message.labels


def menu(phone: Phone) -> str:
    """Open the menu; returns what it tells."""
    phone.say("/menu")
    return phone.last.text or ""


def digests(phone: Phone) -> list[str]:
    """Return the summaries she was sent since she last did anything."""
    return [text for text in phone.news if "resumen" in text or "in brief" in text]


def close(hilo: Rig, phone: Phone) -> None:
    """Close the order whose questions she answered."""
    with hilo.unit() as unit:
        broadcast_id = phone.run.broadcast_id
        assert broadcast_id is not None
        unit.broadcasts.close(broadcast_id)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "es",
            [
                "Buenos días. Hoy tienes:",
                "· Pidió que le llamen Nopal",
                "· 1 mensaje de Ceiba, de hoy",
                "· 2 respuestas nuevas en Sierra Norte",
                "· Falta contarles qué pasó con «¿Cómo vas?»",
            ],
        ),
        (
            "en",
            [
                "Good morning. Today:",
                "· Nopal asked for a call",
                "· 1 message from Ceiba, today",
                "· 2 new answers in Sierra Norte",
                "· Still to tell them what came of “How is it going?”",
            ],
        ),
    ],
)
def test_the_menu_tells_what_waits_the_most_pressing_first(hilo: Rig, language: str, expected: list[str]) -> None:
    """Support, messages, answers, what is owed; then buttons for what there is."""
    ceiba = told(hilo, "Ceiba", "Lo del agua.")
    ceiba.say("Se cayó el puente.")
    ceiba.press("Sí")
    told(hilo, "Nopal", "Lo de la escuela.", "2 · Que me llamen")
    close(hilo, ceiba)
    ana = hilo.facilitator(language)

    asks = words(ana, "learnt.ask_closed", title={"es": "¿Cómo vas?", "en": "How is it going?"}[language])
    assert menu(ana).splitlines() == [*expected, "", asks]
    assert menu(ana).splitlines() == expected  # it is asked once
    assert ana.last.labels[:2] == [words(ana, "menu.alert"), words(ana, "menu.read")]
    screens(ana)


@pytest.mark.parametrize(
    ("language", "days", "when"),
    [
        ("es", 0, "de hoy"),
        ("es", 1, "de ayer"),
        ("es", 2, "del martes"),
        ("es", 6, "del martes"),
        ("es", 7, "del 24 nov"),
        ("en", 0, "today"),
        ("en", 1, "yesterday"),
        ("en", 2, "Tuesday"),
        ("en", 7, "24 Nov"),
    ],
)
def test_a_message_is_of_today_of_yesterday_or_of_a_weekday(hilo: Rig, language: str, days: int, when: str) -> None:
    """No weekday is named that could be today's or last week's; it turns at midnight, where she is."""
    ceiba = hilo.join(nickname="Ceiba")
    ceiba.say("Se cayó el puente.")
    ceiba.press("Sí")
    ana = hilo.facilitator(language)
    hilo.advance(days=days)

    assert menu(ana).splitlines()[1].endswith(f", {when}")
    ana.say("/mensajes")
    inbox = {0: words(ana, "time.today"), 1: words(ana, "time.yesterday")}.get(days, "24")
    assert any(inbox in label for label in ana.last.labels if label.startswith("Ceiba"))


def test_yesterday_begins_at_midnight(hilo: Rig) -> None:
    """What was said late in the evening is of yesterday a few hours later."""
    hilo.advance(hours=14)  # eleven at night
    ceiba = hilo.join(nickname="Ceiba")
    ceiba.say("Se cayó el puente.")
    ceiba.press("Sí")
    ana = hilo.facilitator()
    assert "de hoy" in menu(ana)
    hilo.advance(hours=2)

    assert "de ayer" in menu(ana)


@pytest.mark.parametrize(
    ("language", "nothing"), [("es", "Hoy no hay nada pendiente."), ("en", "Nothing needs you today.")]
)
def test_an_empty_day_is_said_so(hilo: Rig, language: str, nothing: str) -> None:
    """With nothing to do there is still a way to ask something."""
    ana = hilo.facilitator(language)

    assert nothing in menu(ana)
    assert words(ana, "menu.ask") in ana.last.labels


@pytest.mark.parametrize(("hours", "hello"), [(0, "Buenos días."), (5, "Buenas tardes."), (12, "Buenas noches.")])
def test_the_greeting_follows_the_day_where_she_is(hilo: Rig, hours: int, hello: str) -> None:
    """Morning, afternoon and evening, by her own clock."""
    ana = hilo.facilitator()
    hilo.advance(hours=hours)

    assert menu(ana).startswith(hello)


def test_there_are_buttons_for_what_there_is_and_what_she_may_do(hilo: Rig) -> None:
    """Every button of the menu leads somewhere: none is for an action that nobody answers."""
    told(hilo, "Ceiba", "Lo del agua.")
    ana = hilo.facilitator()
    for path in ((), ("menu.more",), ("menu.alert",)):
        menu(ana)
        follow(ana, *path)
        for label in ana.last.labels:
            menu(ana)
            follow(ana, *path)
            ana.press(label)
            assert words(ana, "staff.not_allowed") not in ana.told, label
            assert ana.told or ana.last.edits, label
    screens(ana)


LINES = ("menu.alert", "menu.read", "menu.told", "menu.ask", "menu.more")


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_menu_is_the_same_five_lines_whether_or_not_she_practised(hilo: Rig, language: str) -> None:
    """Then her own things, support and help; while she practises, the way on says that it is practice."""
    hilo.cohort()
    ana = hilo.facilitator(language)
    own = ("button.leader", "menu.role_rest", "button.support", "button.help")
    usual = [words(ana, code) for code in (*LINES, *own)]
    menu(ana)
    assert ana.last.labels == usual
    follow(ana, "menu.more", "menu.practise")
    menu(ana)
    assert ana.last.labels == [words(ana, "button.go_on_practice"), *usual]
    ana.press(words(ana, "button.go_on_practice"))
    ana.press(words(ana, "button.later"))
    ana.press(words(ana, "button.stop"))
    menu(ana)
    assert ana.last.labels[-len(usual) :] == usual
    follow(ana, "button.leader", "button.how")

    assert words(ana, "button.nickname") in ana.last.labels


def test_more_says_what_each_button_opens(hilo: Rig) -> None:
    """A line for each, an admin's behind one of them; a group's admin sees what she may."""
    hilo.cohort()
    ana, root = hilo.facilitator(), hilo.facilitator(nickname="Rosa", cohort=None, role="admin")
    for phone, last in ((ana, "menu.practise"), (root, "menu.organisation")):
        menu(phone)
        follow(phone, "menu.more")
        text = phone.last.text or ""
        buttons = phone.last.labels[:-1]
        assert [line.removeprefix("· ").partition(":")[0] for line in text.splitlines()] == buttons
        assert buttons[-1] == words(phone, last)
        assert len(text) <= 500
    follow(root, "menu.organisation")

    assert {words(root, "menu.roles"), words(root, "button.danger"), words(root, "menu.trail")} <= set(root.last.labels)


def test_a_facilitator_who_is_a_leader_keeps_both(hilo: Rig) -> None:
    """What she is asked goes first, the team's side follows, and what is hers stays within reach."""
    phone, cohort_id = answered(hilo), hilo.cohort()
    person = phone.person
    with hilo.unit() as unit:
        unit.roles.grant(clock.new_id(), person.id, "facilitator", cohort_id)
    hilo.order()
    hilo.tick()
    menu(phone)
    assert phone.last.labels[0] == words(phone, "button.go_on")
    assert words(phone, "menu.read") in phone.last.labels
    follow(phone, "button.leader")

    assert words(phone, "button.mine") in phone.last.labels
    screens(phone)


def test_a_translator_is_offered_nothing_to_read(hilo: Rig) -> None:
    """A role that reads nothing is told of no answers and no messages."""
    told(hilo, "Ceiba", "Lo del agua.")
    phone = hilo.facilitator(role="translator")

    assert "respuesta" not in menu(phone)
    assert words(phone, "menu.read") not in phone.last.labels


def test_much_of_everything_still_fits(hilo: Rig) -> None:
    """Many groups, long names and a pile of messages make one screen; what is not named is counted."""
    for number in range(7):
        cohort = f"Comunidad de nombre bastante largo número {number}"
        leader = told(hilo, f"Persona de apodo largo {number}", "Historia.", "2 · Que me llamen", cohort)
        close(hilo, leader)
    person = leader.person
    for _ in range(MESSAGES_COUNTED + 2):
        with hilo.unit() as unit:
            unit.messages.add(clock.new_id(), person, "to_team", "x", hilo.now, unit.cohorts.list()[0].id)
    ana = hilo.facilitator(cohort=None, role="admin")
    text = menu(ana)

    assert "· Pidieron que les llamen 7 personas:" in text
    assert "· Más de 50 mensajes" in text
    assert "· 3 respuestas nuevas en otros grupos" in text
    assert text.endswith("· y 2 cosas más")
    assert len(text) <= LONGEST
    screens(ana)


def test_what_is_owed_can_be_marked_as_told(hilo: Rig) -> None:
    """An order counts while it is closed, was answered, and nobody said that people were told."""
    ceiba = told(hilo, "Ceiba", "Lo del agua.")
    hilo.join(nickname="Nopal", cohort="Costa")
    hilo.order(cohort="Costa")
    ana = hilo.facilitator()
    assert "contarles" not in menu(ana)
    close(hilo, ceiba)
    menu(ana)
    follow(ana, "menu.told")
    ana.press(ana.last.labels[0])
    follow(ana, "button.told")
    assert "contarles" not in menu(ana)

    assert [entry.actor for entry in hilo.audited("broadcast.told")] == [str(ana.person.id)]


def test_telling_can_be_undone(hilo: Rig) -> None:
    """Right after marking it, one press takes it back."""
    ceiba = told(hilo, "Ceiba", "Lo del agua.")
    close(hilo, ceiba)
    ana = hilo.facilitator()
    menu(ana)
    follow(ana, "menu.told")
    ana.press(ana.last.labels[0])
    follow(ana, "button.told", "button.not_told")

    assert "Falta contarles qué pasó" in menu(ana)


def test_an_order_past_the_day_on_its_card_is_owed(hilo: Rig) -> None:
    """A purpose that ran until a day is past on the next one, closed or not."""
    leader = hilo.join()
    with hilo.unit() as unit:
        cohort = unit.cohorts.by_name(SIERRA)
        assert cohort is not None
        _order(hilo, unit, cohort.id, {"why": PURPOSE, "until": "month", "day": "2026-11-25"})
    hilo.tick()
    leader.press("Sí, ahora")
    leader.say("2")
    ana = hilo.facilitator()
    hilo.advance(days=1)
    assert "contarles" not in menu(ana)
    hilo.advance(days=1)

    assert "Falta contarles qué pasó con «¿Cómo vas?»" in menu(ana)


def _order(hilo: Rig, unit: Unit, cohort_id: UUID, card: dict[str, str]) -> None:
    dialog = hilo.content.dialog("check_in")
    save_version(unit, dialog)
    people = [(clock.new_id(), who, unit.now) for who in unit.memberships.active(cohort_id)]
    order, purpose = clock.new_id(), clock.new_id()
    unit.broadcasts.order(order, "k", dialog.version, cohort_id, card, purpose, None, unit.now, people)


@pytest.mark.parametrize(("language", "line"), [("es", "· 1 respuesta nueva en"), ("en", "· 1 new answer in")])
def test_the_summary_comes_once_a_week_on_the_reading_day_at_nine(hilo: Rig, language: str, line: str) -> None:
    """By default: not before, once, and the week after again; with what waits, and a way to read it."""
    told(hilo, "Ceiba", "Lo del agua.")
    ana = hilo.facilitator(language)
    hilo.tick()
    hilo.now = NINE - timedelta(minutes=1)
    hilo.tick()
    assert digests(ana) == []
    hilo.now = NINE + timedelta(seconds=20)
    hilo.tick()
    (text,) = digests(ana)
    assert line in text
    for _ in range(3):
        hilo.advance(hours=1)
        hilo.tick()
    assert len(digests(ana)) == 1
    hilo.now = NINE + timedelta(days=7, minutes=1)
    hilo.tick()
    assert len(digests(ana)) == 2
    ana.press(words(ana, "button.read_next"))

    assert "Lo del agua." in (ana.last.text or "")
    screens(ana)


def test_a_restart_sends_no_summary_twice_and_loses_none(hilo: Rig) -> None:
    """A new process at nine sends it; another one a minute later knows; one that comes a day late leaves it."""
    ana = hilo.facilitator()
    hilo.tick()
    hilo.now = NINE + timedelta(hours=2)  # nobody ran at nine
    hilo.again()
    hilo.tick()
    assert len(digests(ana)) == 1
    hilo.again()
    hilo.advance(minutes=1)
    hilo.tick()
    assert len(digests(ana)) == 1
    hilo.now = NINE + timedelta(days=9)
    hilo.again()
    hilo.tick()

    assert len(digests(ana)) == 1


def test_whoever_is_new_to_the_team_begins_with_the_next_one(hilo: Rig) -> None:
    """Someone who came in at ten gets nothing that was due at nine."""
    hilo.now = NINE + timedelta(hours=1)
    ana = hilo.facilitator()
    hilo.tick()
    hilo.advance(minutes=2)
    hilo.tick()

    assert digests(ana) == []


@pytest.mark.parametrize("language", ["es", "en"])
def test_she_chooses_day_and_hour(hilo: Rig, language: str) -> None:
    """By buttons, on screens that fit; what she chose is what comes, and not what was."""
    ana = hilo.facilitator(language)
    menu(ana)
    follow(ana, "menu.more", "menu.digest", "button.digest_day")
    ana.press(ana.last.labels[1])  # Tuesday
    assert words(ana, "digest.which_day") not in (ana.last.text or "")
    follow(ana, "button.digest_hour")
    ana.press("18:00")
    assert "18:00" in (ana.last.text or "")
    hilo.advance(hours=8, minutes=59)
    hilo.tick()
    assert digests(ana) == []
    hilo.advance(minutes=2)
    hilo.tick()
    assert len(digests(ana)) == 1
    hilo.now = NINE + timedelta(minutes=1)
    hilo.tick()

    assert len(digests(ana)) == 1
    assert languages.base(ana.person.language or "") == language
    screens(ana)


def test_it_can_be_stopped_and_sent_again(hilo: Rig) -> None:
    """No summary comes while she wants none; it can be seen at once whenever she likes."""
    ana = hilo.facilitator()
    menu(ana)
    follow(ana, "menu.more", "menu.digest", "button.digest_off")
    hilo.now = NINE + timedelta(minutes=1)
    hilo.tick()
    assert digests(ana) == []
    follow(ana, "button.digest_on")
    hilo.now = NINE + timedelta(days=7, minutes=1)
    hilo.tick()
    assert len(digests(ana)) == 1
    menu(ana)
    follow(ana, "menu.more", "menu.digest", "button.digest_now")

    assert "resumen de la semana" in (ana.last.text or "")


def test_whoever_may_no_longer_read_gets_no_summary(hilo: Rig) -> None:
    """With the role the summary ends, and for whoever left the chat as well."""
    ana, eva = hilo.facilitator(), hilo.facilitator(nickname="Eva")
    hilo.tick()
    with hilo.unit() as unit:
        unit.roles.revoke(ana.person.id, "facilitator")
        unit.people.change(eva.person, participation="left")
    hilo.now = NINE + timedelta(minutes=1)
    hilo.tick()

    assert digests(ana) == digests(eva) == []


@pytest.mark.parametrize(
    ("now", "before", "after"),
    [
        (NINE, NINE, NINE + timedelta(days=7)),
        (NINE - timedelta(seconds=1), NINE - timedelta(days=7), NINE),
        (TUESDAY, NINE - timedelta(days=7), NINE),
        (NINE + timedelta(days=6), NINE, NINE + timedelta(days=7)),
    ],
)
def test_the_moments_of_a_week_are_found(now: datetime, before: datetime, after: datetime) -> None:
    """The newest one that is over, and the next one to come."""
    zone = "America/Mexico_City"

    assert digest.latest(THURSDAY, 9, zone, now) == before
    assert digest.following(THURSDAY, 9, zone, now) == after


def test_an_hour_stays_the_same_hour_when_clocks_change() -> None:
    """Nine is nine in a zone with summer time, before and after."""
    spring = datetime(2026, 3, 25, 12, 0, tzinfo=UTC)  # in Madrid clocks change on the 29th
    first = digest.following(THURSDAY, 9, "Europe/Madrid", spring)
    second = digest.following(THURSDAY, 9, "Europe/Madrid", first)

    assert (first.hour, second.hour) == (8, 7)


def test_whoever_asked_for_support_without_a_word_comes_first(hilo: Rig) -> None:
    """A message that says nothing asks for support; it counts as that, and not as a message."""
    leader, cohort_id = hilo.join(nickname="Ceiba"), hilo.cohort()
    person = leader.person
    with hilo.unit() as unit:
        unit.messages.add(clock.new_id(), person, "to_team", "", unit.now, cohort_id)
    ana = hilo.facilitator()

    assert menu(ana).splitlines()[1:] == ["· Pidió apoyo Ceiba"]


def test_words_of_danger_stand_above_everything(hilo: Rig) -> None:
    """As long as nobody has seen to them, and in her own groups alone."""
    leader, cohort_id = told(hilo, "Ceiba", "Lo del agua."), hilo.cohort()
    person, alert = leader.person, clock.new_id()
    with hilo.unit() as unit:
        unit.alerts.add(alert, person.id, cohort_id)
    ana, eva = hilo.facilitator(), hilo.facilitator(nickname="Eva", cohort="Costa")
    assert menu(ana).splitlines()[1] == "· 1 aviso por atender"
    assert "alerta" not in menu(eva)
    with hilo.unit() as unit:
        unit.alerts.seen(alert, person.id)

    assert "alerta" not in menu(ana)


def test_a_facilitator_who_paused_keeps_the_teams_side(hilo: Rig) -> None:
    """She is asked nothing herself, and may still read; every button of her menu leads on."""
    phone, cohort_id = answered(hilo), hilo.cohort()
    person = phone.person
    with hilo.unit() as unit:
        unit.roles.grant(clock.new_id(), person.id, "facilitator", cohort_id)
        unit.people.change(person, participation="paused")
    menu(phone)
    assert words(phone, "menu.read") in phone.last.labels
    assert words(phone, "menu.ask") not in phone.last.labels
    screens(phone)
    phone.press(words(phone, "menu.read"))

    assert words(phone, "read.hub") in (phone.last.text or "")


def test_what_another_screen_changed_meanwhile_stays(hilo: Rig) -> None:
    """A digest kept by one who read her earlier in the transaction takes nothing back that was changed since."""
    ana = hilo.facilitator()
    hilo.tick()
    with hilo.unit() as unit:
        first = unit.people.known(ana.person.id)
        digest.save(unit, unit.people.known(first.id), day=4)
        unit.people.prefer(unit.people.known(first.id), phone="shared")
        digest.save(unit, first, hour=11)

    kept = ana.person.preferences
    assert kept["phone"] == "shared"
    assert (kept["digest"]["day"], kept["digest"]["hour"]) == (4, 11)


def test_a_summary_is_not_sent_again_by_whoever_forgot_it(hilo: Rig) -> None:
    """Even when what was kept of it was written over, the trail knows."""
    ana = hilo.facilitator()
    hilo.tick()
    before = ana.person.preferences["digest"]
    hilo.now = NINE + timedelta(minutes=1)
    hilo.tick()
    person = ana.person
    with hilo.unit() as unit:
        unit.people.prefer(person, digest=before)
    hilo.advance(minutes=2)
    hilo.tick()

    assert len(digests(ana)) == 1
    assert [entry.subject for entry in hilo.audited("summary.sent")] == [str(person.id)]


@pytest.mark.parametrize("language", ["es", "en"])
def test_what_is_still_open_is_not_said_to_be_told(hilo: Rig, language: str) -> None:
    """While a broadcast is open nothing can be told: that is said, with the way to it; before any there is nothing."""
    leader = hilo.join(nickname="Ceiba")
    ana = hilo.facilitator(language)
    ana.say("/menu")
    ana.press(texts().say("menu.told", language))
    assert ana.last.text == texts().say("told.none", language)
    hilo.order()
    hilo.tick()
    leader.say("2")
    ana.say("/menu")
    ana.press(texts().say("menu.told", language))
    assert ana.last.text == texts().count("told.open", language, 1)
    ana.press(texts().say("menu.progress", language))

    assert SIERRA in (ana.last.text or "") or any(SIERRA in label for label in ana.last.labels)
