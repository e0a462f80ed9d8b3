"""The admin's list of what is still to do, and practising on her own phone."""

import pytest

from bot import clock
from tests.bot.ready import RECORD, keep_safe
from tests.bot.rig import SIERRA, Phone, Rig, texts

COMMAND = {"es": "/estado", "en": "/status"}
ANSWERS = {
    "es": ("2 · 🙁 Bajo", "Hubo junta.", "Listo", "1 · Nada por ahora"),
    "en": ("2 · 🙁 Low", "We met.", "Done", "1 · Nothing for now"),
}


def words(phone: Phone, code: str, **facts: object) -> str:
    return texts().say(code, phone.person.language or "es", **facts)


def admin(hilo: Rig, language: str = "es") -> Phone:
    return hilo.facilitator(language, cohort=None, role="admin")


def practised(phone: Phone) -> None:
    """Go through the check-in of practice."""
    mood, week, enough, need = ANSWERS[phone.person.language or "es"]
    phone.press(words(phone, "button.practise"))
    phone.press(mood)
    phone.say(week)
    phone.press(enough)
    phone.press(need)


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_list_shows_what_is_done_and_what_is_not(bare: Rig, language: str) -> None:
    """A bot that answers is all that is there at first; each open item has its button."""
    phone = admin(bare, language)
    phone.say(COMMAND[language])

    lines = phone.told.splitlines()
    assert lines[0] == words(phone, "checklist")
    assert [line[0] for line in lines[2:]] == ["✓", *("☐" for _ in range(10))]
    assert len(phone.told) <= 1000
    for code in ("key", "backup", "readers", "record"):
        phone.say(COMMAND[language])
        phone.press(words(phone, f"button.checklist.{code}"))
        assert texts().own(f"checklist.how.{code}", "telegram", language) in phone.last.text
        phone.press(words(phone, "button.checklist"))
        assert words(phone, "checklist.bot") in phone.last.text


def test_what_is_done_is_ticked(hilo: Rig) -> None:
    """With record, key, backup, practice and a facilitator all is ready, and that is said."""
    phone = admin(hilo)
    hilo.facilitator(nickname="Rosa")
    phone.say("/estado")
    practised(phone)
    phone.press("Lo que falta")
    assert words(phone, "checklist.care") in (phone.last.text or "")
    phone.press(words(phone, "button.care_lines"))
    phone.press(words(phone, "button.care_words"))
    phone.press(words(phone, "button.care_card_dialled"))
    phone.say("/estado")
    phone.press(words(phone, "button.watch"))
    phone.press(words(phone, "button.watch_nobody"))
    phone.say("/estado")

    assert words(phone, "checklist.all") in phone.last.text
    # The handover is open, and keeps nobody from inviting.
    assert [line for line in phone.last.text.splitlines() if "☐" in line] == ["☐ El relevo: faltan 7 cosas"]


def test_only_an_admin_sees_the_list(hilo: Rig) -> None:
    """A facilitator and a leader are told that it is not theirs."""
    for phone in (hilo.facilitator(), hilo.join()):
        phone.say("/estado")
        assert "☐" not in phone.told
        assert "✓" not in phone.told


def test_whoever_comes_in_as_admin_is_led_to_the_list(bare: Rig) -> None:
    """Her first screen after the nickname leads there; a facilitator's does not."""
    phone = bare.phone()
    phone.say(f"/start {bare.invite('admin', None)}")
    phone.say("Español")
    phone.say("Ana")
    phone.press("Lo que falta")

    assert words(phone, "checklist") in phone.told


@pytest.mark.parametrize("language", ["es", "en"])
def test_practising_goes_from_question_to_erased_answer(hilo: Rig, language: str) -> None:
    """She is asked at once on her own phone, sees her answer as the team does, and erases it."""
    phone = admin(hilo, language)
    phone.say(COMMAND[language])
    practised(phone)
    assert words(phone, "practise.done") in phone.told
    phone.press(words(phone, "button.practise.see"))
    assert ANSWERS[language][1] in phone.told
    phone.press(words(phone, "button.practise.erase"))
    phone.press(words(phone, "button.erase_sure"))
    assert words(phone, "leader.erased.run") in phone.last.text

    assert hilo.count("answers") == 0
    assert len(hilo.audited("answers.erased")) == 1


def test_practice_counts_nowhere(hilo: Rig) -> None:
    """What was answered in practice is in a group marked so, and reaches nobody else."""
    phone, leader = admin(hilo), hilo.join()
    leader.look()
    phone.say("/estado")
    practised(phone)

    assert hilo.rows("SELECT practice FROM cohorts c JOIN runs r ON r.cohort_id = c.id") == [(1,)]
    assert leader.news == []
    assert hilo.rows("SELECT state FROM deliveries") == [("started",)]


def test_practising_twice_makes_one_group(hilo: Rig) -> None:
    """The group is made once; an open practice goes on instead of beginning anew."""
    phone = admin(hilo)
    phone.say("/estado")
    phone.press("Practicar")
    phone.say("/estado")
    phone.press("Practicar")
    assert hilo.count("runs") == 1

    assert hilo.rows("SELECT count(*) FROM cohorts WHERE practice") == [(1,)]


def test_the_list_follows_the_record(bare: Rig) -> None:
    """What the console has filled meanwhile is ticked at the next look."""
    phone = admin(bare)
    phone.say("/estado")
    assert words(phone, "checklist.open", what=words(phone, "checklist.key")) in phone.told
    bare.advance(minutes=1)
    with bare.unit() as unit:
        unit.organisation.set(RECORD)
        keep_safe(unit)
        unit.cohorts.add(clock.new_id(), SIERRA, ("es",), None)
    phone.say("/estado")

    assert [line[0] for line in phone.told.splitlines()[2:]] == ["✓", "✓", "✓", "✓", "☐", "☐", "✓", "✓", "☐", "☐", "☐"]
