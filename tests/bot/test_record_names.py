"""Names in the organisation's record: a colleague who is erased is nobody there, and in no older copy of it."""

from sqlalchemy import select, update

from bot.services import watch
from storage.organisation import Organisation
from storage.record_names import names
from storage.tables import organisation
from tests.bot.leader import words
from tests.bot.phone import Phone
from tests.bot.rig import RECORD, Rig, texts
from tests.bot.test_watch import put

MINORS = {"anybody": True, "person": "la maestra Ána", "reported_to": {"es": "el DIF"}}
AFTER = {"es": "A Ana, 951 000 0000", "en": "The clinic"}
HANDOVER = {"bot": {"people": [], "words": "la prima de Ana, el contador"}, "paid_until": "2027-01-31"}


def ready(hilo: Rig, sol: Phone) -> None:
    """Let one of the team be on watch by the wizard, and stand in the record wherever somebody may."""
    put(hilo, sol)
    with hilo.unit() as unit:
        record = {**RECORD, **unit.organisation.get(), "minors": MINORS, "handover": HANDOVER}
        record["after_alert"] = AFTER
        unit.organisation.set(record)
    hilo.advance(seconds=6)


def sealed(hilo: Rig) -> bytes:
    """Return the record as it lies in the database."""
    with hilo.reading() as unit:
        return bytes(unit.connection.execute(select(organisation.c.record)).scalar_one())


def erased(phone: Phone) -> None:
    """Erase everything of one's own, in the chat."""
    phone.say("/borrar")
    phone.press(words(phone, "button.erase_all"))
    phone.press(words(phone, "button.erase_all_sure"))


def test_whoever_is_erased_is_nobody_in_the_record(hilo: Rig) -> None:
    """On watch, for minors, in the handover; the checklist asks anew, and minors are told of the team."""
    sol, ana = hilo.facilitator(nickname="Sol", cohort=None, role="admin"), hilo.facilitator(nickname="Ana")
    ready(hilo, sol)
    erased(ana)
    hilo.advance(minutes=1)

    with hilo.reading() as unit:
        record = unit.organisation.get()
        assert not watch.was_asked(record)
    assert record["minors"] == {**MINORS, "person": ""}
    assert record["after_alert"] == {"en": AFTER["en"]}
    assert record["handover"] == {**HANDOVER, "bot": {"people": [], "words": "el contador"}}
    assert texts().say("receipt.named", "es") not in (ana.last.text or "")  # the care card names nobody
    sol.say("/estado")
    assert "guardia" in sol.screen().lower()
    phone = hilo.phone()
    phone.say(f"/start {hilo.invite()}")
    phone.say("Español")
    phone.press("1 · Menos de 18")
    assert words(phone, "join.minor.adult", person=words(phone, "join.minor.team")) in phone.news


def test_an_older_copy_of_the_record_names_her_no_more(hilo: Rig) -> None:
    """With the organisation's key and the key of everybody who is left; everything else in it still opens."""
    sol, ana = hilo.facilitator(nickname="Sol", cohort=None, role="admin"), hilo.facilitator(nickname="Ana")
    ready(hilo, sol)
    old = sealed(hilo)
    opened = hilo.storage.vault.organisation_key.open(old, "organisation", "record", "1").decode()
    assert "Ana" not in opened
    assert "Ána" not in opened
    erased(ana)
    with hilo.unit() as unit:
        unit.connection.execute(update(organisation).values(record=old))
        record = unit.organisation.get()

    assert (watch.watchers(record), watch.was_asked(record)) == ([], False)
    assert record["minors"]["person"] == record["handover"]["bot"]["words"] == ""
    assert record["after_alert"] == {**AFTER, "es": ""}
    assert record["name"] == RECORD["name"]
    assert record["minors"]["reported_to"] == MINORS["reported_to"]


def test_a_name_that_was_typed_before_she_came_goes_with_her_too(hilo: Rig) -> None:
    """Within the hour of her coming it is sealed, and stays so when the record or her nickname changes."""
    sol = hilo.facilitator(nickname="Sol", cohort=None, role="admin")
    ready_ = {**RECORD, "watch": [{"name": "Ceiba", "hours": []}], "why": "Porque Ceiba lo pidió."}
    with hilo.unit() as unit:
        unit.organisation.set(ready_)
    ceiba = hilo.facilitator(nickname="Ceiba")
    hilo.advance(hours=1)
    hilo.tick()
    with hilo.unit() as unit:
        assert not unit.organisation.enclose_names()  # it was
        unit.people.change(ceiba.person, nickname="Otra")
        unit.organisation.note(away=None)
        assert "Ceiba" not in str(Organisation(unit.people._tx)._sealed()["watch"])
        unit.people.change(ceiba.person, nickname="Ceiba")
    erased(ceiba)

    assert texts().say("receipt.named", "es") in (ceiba.last.text or "")  # the reasons say it
    with hilo.reading() as unit:
        assert unit.organisation.get()["why"] == ready_["why"]
        assert not watch.watchers(unit.organisation.get())
    assert sol.person.nickname == "Sol"


def test_a_leader_of_the_same_name_takes_nobody_out(hilo: Rig) -> None:
    """A nickname that a leader has is a word like any other."""
    sol, _ana = hilo.facilitator(nickname="Sol", cohort=None, role="admin"), hilo.facilitator(nickname="Ana")
    leader = hilo.join(nickname="ana")
    ready(hilo, sol)
    erased(leader)

    with hilo.reading() as unit:
        record = unit.organisation.get()
    assert [each.name for each in watch.watchers(record)] == ["Ana"]
    assert record["minors"] == MINORS


def test_a_name_stands_whole() -> None:
    """Accents and capitals aside; not within another word."""
    assert names("José", "con JOSE, el del taller")
    assert not names("Ana", "la semana de Anabel")
    assert not names("", "nadie")
    assert not names(None, "nadie")
