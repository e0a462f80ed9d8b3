"""What the organisation promises, changed from an admin's phone: what each change does, and who hears of it."""

import pytest

from bot.services.members import WELCOME_AT
from tests.bot.leader import check, words
from tests.bot.phone import Phone
from tests.bot.rig import Rig


def admin(hilo: Rig, language: str = "es") -> Phone:
    """Somebody who administers everything."""
    return hilo.facilitator(language, nickname="Rosa", cohort=None, role="admin")


def opened(phone: Phone, key: str) -> None:
    """Go from the menu to one promise."""
    phone.say("/menu")
    for code in ("menu.more", "menu.organisation", "button.record", f"button.record.{key}"):
        phone.press(words(phone, code))
        check(phone)


def changed(phone: Phone, key: str, *said: str) -> None:
    """Change one, answering by what is pressed or said, and keep it."""
    opened(phone, key)
    phone.press(words(phone, "button.record_change"))
    for each in said:
        if each in phone.last.labels:
            phone.press(each)
        else:
            phone.say(each)
    phone.press(next(label for label in phone.last.labels if label.startswith("1 · ")))
    check(phone)


def finished(hilo: Rig, phone: Phone) -> str:
    """Answer a check-in to its end; returns the last thing said."""
    hilo.ask(phone)
    return answered(phone)


def answered(phone: Phone) -> str:
    """Answer what was asked to its end; returns the last thing said."""
    phone.say("2")
    phone.say("Hubo junta.")
    phone.press(words(phone, "button.all"))
    phone.press(next(label for label in phone.last.labels if label.startswith("1 · ")))
    return phone.told


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_promise_says_what_changing_it_does(hilo: Rig, language: str) -> None:
    """Seven of them, each with how it stands, what follows, and when people are told; a facilitator has none of it."""
    root = admin(hilo, language)
    for key in ("name", "reading_days", "away", "retention_months", "week", "why", "stop_when"):
        opened(root, key)
        assert words(root, f"record.does.{key}") in (root.last.text or "")
        assert words(root, "button.record_change") in root.last.labels
    hilo.cohort()
    ana = hilo.facilitator(language)
    ana.say("/menu")
    ana.press(words(ana, "menu.more"))

    assert words(ana, "menu.organisation") not in ana.last.labels


def test_reading_days_follow_at_once(hilo: Rig) -> None:
    """Whoever tells something from now on is told the new day."""
    root, leader = admin(hilo), hilo.join()
    changed(root, "reading_days", "sábado", "Listo")
    assert words(root, "record.told.reading_days") in root.told
    hilo.advance(seconds=2)

    assert "El equipo lo lee el sábado." in finished(hilo, leader)
    assert [entry.subject for entry in hilo.audited("organisation.changed")] == ["reading_days"]


@pytest.mark.parametrize(("language", "day"), [("es", "jueves 14 de enero"), ("en", "Thursday 14 January")])
def test_while_the_team_is_away_every_promised_day_follows(hilo: Rig, language: str, day: str) -> None:
    """The first reading day after they are back, with its date; who reads says so, too; back at once by one tap."""
    root, leader = admin(hilo), hilo.join(language)
    hilo.ask(leader)  # while they are away nothing new is asked
    changed(root, "away", "Saltar", "8 de enero de 2027")
    assert words(root, "record.told.away") in root.told
    hilo.advance(seconds=2)
    told = answered(leader)
    assert day in told, told
    leader.say("/menu")
    leader.press(words(leader, "button.know"))
    leader.press(words(leader, "button.who"))
    back = {"es": "viernes 8 de enero", "en": "Friday 8 January"}[language]
    assert words(leader, "fact.away", day=back) in (leader.last.text or "")
    opened(root, "away")
    root.press(words(root, "button.record_back"))
    hilo.advance(seconds=2)
    with hilo.reading() as unit:
        assert "away" not in unit.organisation.get()
        assert hilo.turns.organisation.next_reading(unit, language) in {"jueves", "Thursday"}


@pytest.mark.parametrize(("since", "back"), [("10 de enero de 2027", "8 de enero de 2027"), ("Saltar", "hoy")])
def test_days_away_that_end_before_they_begin_are_not_kept(hilo: Rig, since: str, back: str) -> None:
    """It says what is wrong, and nothing is different."""
    root = admin(hilo)
    changed(root, "away", since, back)

    assert words(root, "record.away.wrong") in root.told
    with hilo.reading() as unit:
        assert "away" not in unit.organisation.get()


def test_who_agreed_to_another_time_is_asked_again(hilo: Rig) -> None:
    """How long answers are kept is among what they agreed to."""
    root, leader = admin(hilo), hilo.join()
    changed(root, "retention_months", "2 · Seis meses")
    assert words(root, "record.told.retention_months") in root.told
    hilo.advance(seconds=2)
    leader.say("/menu")
    leader.press(words(leader, "button.renew_read"))

    assert "6 meses cuando mucho" in leader.told


def test_why_is_read_by_people_and_warned_about(hilo: Rig) -> None:
    """What an admin writes is looked at for promises nobody can hold; it is kept all the same."""
    root, leader = admin(hilo), hilo.join()
    changed(root, "why", "Para acompañarnos. Todo es confidencial.")
    assert "confidencial" in root.told
    assert words(root, "promise.warning", words="※").partition("※")[0] in root.told
    hilo.advance(seconds=2)
    leader.say("/paraque")

    assert "Para acompañarnos." in (leader.last.text or "")


def test_what_is_not_confirmed_stays(hilo: Rig) -> None:
    """Nothing changes before the last tap."""
    root = admin(hilo)
    opened(root, "name")
    root.press(words(root, "button.record_change"))
    root.say("Otra escuela")
    root.press(next(label for label in root.last.labels if label.startswith("2 · ")))

    assert words(root, "record.left") in root.told
    with hilo.reading() as unit:
        assert unit.organisation.get()["name"] != "Otra escuela"


@pytest.mark.parametrize("language", ["es", "en"])
def test_how_often_one_person_is_written_to_is_changed_from_the_phone(hilo: Rig, language: str) -> None:
    """It holds at once: a second order waits a week; a total that leaves no room is not kept, and says why."""
    root, leader = admin(hilo, language), hilo.join(language)
    with hilo.unit() as unit:
        unit.people.prefer(leader.person, **{WELCOME_AT: None})
    opened(root, "week")
    assert words(root, "record.week.now", messages=3, askings=2) in (root.last.text or "")
    press = {"es": ("3 · Tres", "2 · Tres"), "en": ("3 · Three times", "2 · Three times")}[language]
    changed(root, "week", *press)
    assert words(root, "record.week.wrong") in root.told
    assert hilo.audited("organisation.changed") == []
    changed(root, "week", *{"es": ("1 · Una", "1 · Dos"), "en": ("1 · Once", "1 · Twice")}[language])
    assert words(root, "record.week.now", messages=2, askings=1) in root.told
    assert [entry.subject for entry in hilo.audited("organisation.changed")] == ["week"]
    for _ in range(2):
        hilo.order()
        hilo.tick()
        hilo.advance(hours=5)

    assert sorted(hilo.rows("SELECT state, reason FROM deliveries")) == [("due", "week"), ("started", None)]
