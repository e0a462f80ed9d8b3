"""Who is on watch, and at which moments each of the team is told until somebody presses `Ya lo leí`; drills."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services import care, care_hours, watch
from bot.services.watch import ReaderDay
from tests.bot.leader import follow, words
from tests.bot.phone import Phone
from tests.bot.rig import RECORD, Rig
from tests.bot.shell import Shell

MEXICO = "America/Mexico_City"
NIGHT, DAY = "2026-12-01T02:00", "2026-12-01T11:00"


def local(text: str, zone: str = MEXICO) -> datetime:
    """Read a moment of a zone's wall clock."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def at(hilo: Rig, text: str) -> None:
    """Let it be this time in Mexico."""
    hilo.advance(seconds=(local(text) - hilo.now).total_seconds())


def admin(hilo: Rig) -> Phone:
    """Let an admin come in."""
    return hilo.facilitator(nickname="Sol", cohort=None, role="admin")


def put(hilo: Rig, sol: Phone, name: str = "Ana", days: str = "1") -> None:
    """Put one of the team on watch by the wizard: day and night, or every day from 20:00 to 06:00."""
    sol.say("/guardia")
    sol.press(words(sol, "button.watch_add"))
    sol.press(next(label for label in sol.last.labels if label.endswith(name)))
    sol.say(days)
    if days != "1":
        sol.say("20:00")
        sol.say("06:00")
    sol.say("1")
    assert sol.told == words(sol, "watch.put", name=name)
    hilo.advance(seconds=6)


def cry(leader: Phone) -> None:
    """Press to be looked for."""
    leader.say("/apoyo")
    leader.press(words(leader, "button.look_for_me"))


def rang(hilo: Rig, phone: Phone) -> bool:
    """Return whether the newest message made a sound."""
    sent = [each for each in hilo.messenger.sent if each.chat == phone.chat and each.edits is None]
    return not sent[-1].quiet


# The moments, by themselves.


@pytest.mark.parametrize(
    ("raised", "told"),
    [
        ("2026-12-01T02:00", ["2026-12-01T08:00", "2026-12-01T10:00", "2026-12-01T12:00"]),
        ("2026-12-01T15:30", ["2026-12-01T17:30", "2026-12-01T19:30", "2026-12-02T08:00", "2026-12-02T10:00"]),
        ("2026-12-01T20:59", ["2026-12-02T08:00", "2026-12-02T10:00"]),
        ("2026-12-01T07:59", ["2026-12-01T08:00", "2026-12-01T10:00"]),
    ],
)
def test_again_at_the_start_of_the_day_then_every_two_hours_of_it(raised: str, told: list[str]) -> None:
    """Never at night, whatever the hour at which it rang."""
    moment = local(raised)
    for each in told:
        moment = watch.next_telling(ReaderDay(MEXICO), moment)
        assert moment == local(each)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001  the zone is put on below
    st.integers(0, 60 * 24 * 9),
    st.sampled_from([MEXICO, "Europe/Madrid", "Asia/Kolkata", "America/Tijuana"]),
    st.sampled_from([(8, 21), (12, 18), (18, 21), (8, 12)]),
)
def test_minute_by_minute_it_is_told_at_those_moments_alone(
    began: datetime, minutes: int, zone: str, hours: tuple[int, int]
) -> None:
    """Looked at once a minute or after a long outage: once for each moment that has passed, or once for all of them."""
    raised = began.replace(tzinfo=UTC)
    now = raised + timedelta(minutes=minutes)
    day = ReaderDay(zone, *hours)
    told = watch.next_telling(day, raised) <= now
    assert watch.is_due(day, raised, raised, now) is told
    if told:
        assert not watch.is_due(day, raised, now, now), "who was told just now is not told again"
        after = day.start_after(now)
        assert watch.is_due(day, raised, now, after), "the next morning it is told again"


# On phones.


def test_it_must_be_said_who_is_on_watch(hilo: Rig) -> None:
    """The checklist asks; nobody is an answer; a phone on watch is asked to be tried."""
    sol = admin(hilo)
    sol.say("/estado")
    assert words(sol, "checklist.open", what=words(sol, "checklist.watch")) in sol.told
    follow(sol, "button.watch")
    assert words(sol, "watch.unasked") in (sol.last.text or "")
    follow(sol, "button.watch_nobody")
    sol.say("/estado")
    assert words(sol, "checklist.done", what=words(sol, "checklist.watch")) in sol.told
    hilo.facilitator()
    put(hilo, sol)
    sol.say("/estado")

    assert words(sol, "checklist.open", what=words(sol, "checklist.drill")) in sol.told


def test_at_night_only_the_phone_on_watch_rings(hilo: Rig) -> None:
    """The others get it without a sound, and with one at the start of their day; then the admins, too."""
    sol = admin(hilo)
    ana, eva = hilo.facilitator(), hilo.facilitator(nickname="Eva")
    leader = hilo.join()
    put(hilo, sol)
    at(hilo, NIGHT)
    sol.look()
    cry(leader)
    assert (rang(hilo, ana), rang(hilo, eva)) == (True, False)
    assert sol.news == []
    for text, told in (("2026-12-01T07:59", 0), ("2026-12-01T08:01", 1), ("2026-12-01T10:01", 1)):
        eva.look()
        sol.look()
        at(hilo, text)
        hilo.tick()
        assert (len(eva.news), len(sol.news)) == (told, told)
        assert not told or rang(hilo, eva)
    eva.press(words(eva, "button.alert_open"))
    eva.press(words(eva, "button.alert_mine"))
    assert words(eva, "alert.mine") in (eva.last.text or "")
    sol.look()
    at(hilo, "2026-12-02T12:00")
    hilo.tick()

    assert sol.news == []


def test_with_nobody_on_watch_it_rings_by_day_and_not_at_night(hilo: Rig) -> None:
    """At 2 it comes without a sound; at 11, in the middle of the day, a phone rings."""
    ana, leader = hilo.facilitator(), hilo.join()
    at(hilo, NIGHT)
    cry(leader)
    assert not rang(hilo, ana)
    at(hilo, DAY)
    ana.press(words(ana, "button.alert_open"))
    ana.press(words(ana, "button.alert_mine"))
    leader.say("/apoyo")
    cry(leader)

    assert rang(hilo, ana)


def test_while_someone_is_on_watch_the_others_are_left_in_peace(hilo: Rig) -> None:
    """Also by day: one phone rings; outside the hours of the watch it is as if nobody were."""
    sol = admin(hilo)
    ana, eva = hilo.facilitator(), hilo.facilitator(nickname="Eva")
    leader = hilo.join()
    put(hilo, sol, days="2")
    at(hilo, "2026-12-01T20:30")
    cry(leader)
    assert (rang(hilo, ana), rang(hilo, eva)) == (True, False)
    ana.press(words(ana, "button.alert_open"))
    ana.press(words(ana, "button.alert_mine"))
    at(hilo, "2026-12-02T11:00")
    cry(leader)

    assert (rang(hilo, ana), rang(hilo, eva)) == (True, True)


def test_an_admin_on_watch_hears_it_at_once(hilo: Rig) -> None:
    """Who is on watch need not facilitate the group; who may not see it is not told."""
    sol = admin(hilo)
    luz = hilo.facilitator(nickname="Luz", cohort="Costa")
    hilo.facilitator()
    leader = hilo.join()
    put(hilo, sol, "Sol")
    put(hilo, sol, "Luz")
    at(hilo, NIGHT)
    sol.look()
    luz.look()
    cry(leader)

    assert len(sol.news) == 1
    assert rang(hilo, sol)
    assert luz.news == []


def test_each_is_told_in_their_own_day(hilo: Rig) -> None:
    """One in Tijuana, two hours behind, is told two hours later."""
    ana, eva = hilo.facilitator(), hilo.facilitator(nickname="Eva")
    with hilo.unit() as unit:
        unit.people.prefer(eva.person, zone="America/Tijuana")
    leader = hilo.join()
    at(hilo, NIGHT)
    cry(leader)
    for text, told in (("2026-12-01T08:01", (1, 0)), ("2026-12-01T09:30", (0, 0)), ("2026-12-01T10:01", (1, 1))):
        ana.look()
        eva.look()
        at(hilo, text)
        hilo.tick()
        assert (len(ana.news), len(eva.news)) == told


def test_each_has_the_day_that_she_chose_herself(hilo: Rig) -> None:
    """Who takes questions in the afternoon and evening is told from noon to 21, and her phone rings then alone."""
    ana, eva, luz = hilo.facilitator(), hilo.facilitator(nickname="Eva"), hilo.facilitator(nickname="Luz")
    for phone, chosen in ((eva, "afternoon"), (eva, "evening"), (luz, "weekend")):
        phone.say("/menu")
        phone.press(words(phone, "button.leader"))
        phone.press(words(phone, "button.how"))
        phone.press(words(phone, "button.hours"))
        phone.press(next(label for label in phone.last.labels if words(phone, f"leader.hours.{chosen}") in label))
    leader = hilo.join()
    at(hilo, "2026-12-01T09:00")
    cry(leader)
    assert (rang(hilo, ana), rang(hilo, eva), rang(hilo, luz)) == (True, False, True)
    for text, told in (
        ("2026-12-01T11:01", (1, 0, 1)),
        ("2026-12-01T12:01", (0, 1, 0)),
        ("2026-12-01T13:01", (1, 0, 1)),
        ("2026-12-01T14:01", (0, 1, 0)),
    ):
        for phone in (ana, eva, luz):
            phone.look()
        at(hilo, text)
        hilo.tick()
        assert (len(ana.news), len(eva.news), len(luz.news)) == told


def test_a_repeat_about_a_colleague_goes_to_whom_she_named_alone(hilo: Rig) -> None:
    """The admins and the others of the group are never told again of one of the team who chose otherwise."""
    sol = admin(hilo)
    ana, eva, luz = hilo.facilitator(), hilo.facilitator(nickname="Eva"), hilo.facilitator(nickname="Luz")
    with hilo.unit() as unit:
        unit.organisation.set({**RECORD, "danger_words": {"es": ["me quiere matar"]}})
    hilo.advance(seconds=6)
    for named, heard in ((eva, (0, 2, 0)), (None, (2, 0, 0))):
        follow_how(ana, "button.confidant")
        ana.press("Eva" if named else words(ana, "button.other_admins"))
        for phone in (sol, eva, luz):
            phone.look()
        ana.say("Ayuda, me quiere matar")
        hilo.advance(hours=2, minutes=1)
        hilo.tick()
        assert (len(sol.news), len(eva.news), len(luz.news)) == heard
        (eva if named else sol).press(words(eva, "button.alert_open"))
        (eva if named else sol).press(words(eva, "button.alert_mine"))


def follow_how(phone: Phone, code: str) -> None:
    """Open one of her own settings."""
    phone.say("/menu")
    phone.press(words(phone, "button.leader"))
    phone.press(words(phone, "button.how"))
    phone.press(words(phone, code))


def test_the_first_line_that_answers_now_stands_in_for_whom_to_call(hilo: Rig) -> None:
    """Where the organisation wrote nobody, a line of the care card does, by the hour; what it wrote comes first."""
    ana, leader = hilo.facilitator(), hilo.join()
    with hilo.unit() as unit:
        line = care.CareLine({"es": "Rosa"}, "951 000", care_hours.read("de 9 a 15"))
        night = care.CareLine({"es": "Guardia"}, "555 0102", care_hours.read("24 horas"))
        unit.organisation.set({**RECORD, "care_lines": [line.kept(), night.kept()]})
    for text, said in (("2026-12-01T10:00", "Rosa: 951 000"), ("2026-12-01T16:00", "Guardia: 555 0102")):
        at(hilo, text)
        cry(leader)
        ana.press(words(ana, "button.alert_open"))
        ana.press(words(ana, "button.alert_mine"))
        assert words(ana, "alert.after", whom=said) in (ana.last.text or "")
    with hilo.unit() as unit:
        unit.organisation.set({**unit.organisation.get(), "after_alert": {"es": "Berta, 555 0199"}})
    at(hilo, "2026-12-01T18:00")
    cry(leader)
    ana.press(words(ana, "button.alert_open"))
    ana.press(words(ana, "button.alert_mine"))

    assert words(ana, "alert.after", whom="Berta, 555 0199") in (ana.last.text or "")


def test_who_read_it_is_told_whom_to_call_herself(hilo: Rig) -> None:
    """What the organisation wrote, else whoever answers now on the care card; nothing where neither is known."""
    ana, leader = hilo.facilitator(), hilo.join()
    for after, said in ((None, None), ({"es": "Berta, 555 0199"}, "Berta, 555 0199")):
        with hilo.unit() as unit:
            unit.organisation.set({**RECORD, **({"after_alert": after} if after else {})})
        hilo.advance(seconds=6)
        cry(leader)
        ana.press(words(ana, "button.alert_open"))
        ana.press(words(ana, "button.alert_mine"))
        expected = words(ana, "alert.mine.alone")
        noted = f"{expected} {words(ana, 'alert.after', whom=said)}" if said else expected
        assert (ana.last.text or "").startswith(f"{noted}\n\n")
        hilo.advance(hours=2)


def test_a_drill_rings_says_so_and_is_noted_once_heard(hilo: Rig) -> None:
    """Sent by an admin to the phone on watch; noted by that phone's own press; the checklist is ticked."""
    sol, ana = admin(hilo), hilo.facilitator()
    put(hilo, sol)
    at(hilo, NIGHT)
    sol.say("/guardia")
    sol.press("Ana")
    assert words(sol, "watch.undrilled") in (sol.last.text or "")
    follow(sol, "button.watch_try")
    assert ana.told == words(ana, "watch.drill")
    assert rang(hilo, ana)
    ana.press(words(ana, "button.alert_mine"))
    assert ana.told == words(ana, "watch.heard")
    sol.say("/guardia")
    sol.press("Ana")
    assert words(sol, "watch.drilled") in (sol.last.text or "")
    sol.say("/estado")
    assert words(sol, "checklist.done", what=words(sol, "checklist.drill")) in sol.told
    assert hilo.count("alerts") == 0
    sol.say("/guardia")
    sol.press("Ana")
    follow(sol, "button.watch_off")

    assert words(sol, "watch.nobody") in (sol.last.text or "")


def test_whoever_is_not_here_yet_is_said_to_be_absent(hilo: Rig) -> None:
    """The setup names a nickname; until somebody of the team has it nothing rings, and the screen says so."""
    with hilo.unit() as unit:
        unit.organisation.set({**RECORD, "watch": [{"name": "Ana"}]})
    sol = admin(hilo)
    sol.say("/guardia")
    sol.press("Ana")
    assert words(sol, "watch.absent", name="Ana") in (sol.last.text or "")
    ana, leader = hilo.facilitator(), hilo.join()
    at(hilo, NIGHT)
    cry(leader)

    assert rang(hilo, ana)


def test_on_the_page_alone_nothing_rings_and_it_is_said_at_once(hilo: Rig) -> None:
    """Whoever has no Telegram can be put on watch; the admin is told that nothing rings there, and reads it again."""
    telegram, hilo.messenger.name = hilo.messenger.name, "web"
    hilo.facilitator()
    hilo.messenger.name = telegram
    sol = admin(hilo)
    sol.say("/guardia")
    sol.press(words(sol, "button.watch_add"))
    sol.press(next(label for label in sol.last.labels if label.endswith("Ana")))
    sol.say("1")
    sol.say("1")
    assert sol.told == "\n\n".join((words(sol, "watch.put", name="Ana"), words(sol, "watch.silent")))
    sol.press(words(sol, "button.watch"))

    assert f"({words(sol, 'watch.page_only')})" in (sol.last.text or "")
    with hilo.reading() as unit:
        ana = next(each for each in map(unit.people.get, unit.roles.who_reads()) if each and each.nickname == "Ana")
    with hilo.unit() as unit:
        watch.heard_drill(unit, ana)  # pressed on the page, where nothing rang
    sol.say("/estado")
    assert words(sol, "checklist.open", what=words(sol, "checklist.watch_silent", names="Ana")) in sol.told


def test_only_admins_of_everything_say_who_is_on_watch(hilo: Rig) -> None:
    """A facilitator and an admin of one group are refused."""
    hilo.cohort()
    for phone in (hilo.facilitator(), hilo.facilitator(nickname="Bety", role="admin")):
        phone.say("/guardia")
        assert phone.told == words(phone, "staff.not_allowed")


def test_a_file_says_who_is_on_watch_and_doctor_asks(console: Shell) -> None:
    """Asked while nothing is said; nobody is an answer; a phone that was never tried is named."""
    base = "name: Casa\nzone: America/Mexico_City\n"
    for more, code, facts in (
        ("", "cli.doctor.watch_unasked", {}),
        ("watch: []\n", "cli.doctor.watch_nobody", {}),
        ("watch: [{name: Ana, hours: de 20:00 a 6:00}]\n", "cli.doctor.watch_undrilled", {"names": "Ana"}),
    ):
        (console.folder / "a.yaml").write_text(base + more, "utf-8")
        console.good("setup", "--from", "a.yaml")
        assert console.says(code, **facts) in console("doctor").out


@pytest.mark.parametrize(
    ("text", "until"), [(NIGHT, "hoy a las 8 de la mañana"), ("2026-12-01T22:00", "mañana a las 8")]
)
def test_she_is_told_until_when_nobody_reads(hilo: Rig, text: str, until: str) -> None:
    """At night with nobody on watch the hour is computed; with somebody on watch none is promised."""
    sol = admin(hilo)
    hilo.facilitator()
    first, second = hilo.join(), hilo.join(nickname="Ceiba")
    with hilo.unit() as unit:
        for phone in (first, second):
            unit.people.prefer(phone.person, phone="mine")
        unit.organisation.set({**RECORD, "danger_words": {"es": ["me quiere matar"]}})
    at(hilo, text)
    first.say("Ayuda, me quiere matar")
    assert f"Del equipo nadie lee hasta {until}" in first.screen()
    put(hilo, sol)
    second.say("Ayuda, me quiere matar")

    assert "Del equipo nadie lee" not in second.screen()
    assert "no sé a qué hora lo abran" in second.screen()
