"""Inviting from a pasted list of nicknames, and passing an invite on from one's own phone."""

from urllib.parse import unquote
from uuid import UUID

import pytest

from bot.services.links import Site
from bot.team.people.invite_list import MOST, names_of
from storage.damage_scan import scan
from tests.bot.ready import RECORD, keep_safe
from tests.bot.rig import Phone, Rig
from tests.bot.test_people import say

BASE = "https://hilo.example.org"


@pytest.fixture
def ready(hilo: Rig) -> Rig:
    """An organisation that may invite, on Telegram and with web pages."""
    hilo.turns.site = Site(BASE, messengers=frozenset({"telegram"}))
    hilo.cohort()
    with hilo.unit() as unit:
        unit.organisation.set({**RECORD, "username": "hilo_sierra_bot"})
        keep_safe(unit)
    return hilo


def paste(phone: Phone, names: str) -> None:
    """Go through the wizard with a list."""
    phone.say("/invitar")
    phone.press(say("button.invite_list"))
    phone.say(names)
    if "Listo" in phone.last.labels:
        phone.press("Listo")
    phone.press("2 · Dos semanas")
    phone.press("1 · Sí, hazlas")


def opens(phone: Phone) -> dict[str, str]:
    """Return what buttons open, by label."""
    found = (button for message in phone.heard for row in message.keyboard for button in row)
    return {button.label: unquote(button.url) for button in found if button.url}


def test_each_line_gets_a_link_of_its_own(ready: Rig) -> None:
    """One tap a person opens her own WhatsApp; the link is for one, and whoever comes in is offered that nickname."""
    ana = ready.facilitator()
    paste(ana, "1. Luna\n- Ceiba del Monte\n\nluna\n")
    sent = opens(ana)
    assert set(sent) == {"Luna", "Ceiba del Monte", "SMS"}
    link = sent["Luna"].rpartition(" ")[2]
    assert sent["Luna"] == f"https://wa.me/?text={say('web.invited', link=link)}"
    assert link.startswith(f"{BASE}/join/")
    assert sent["SMS"].endswith("/sms")
    ana.say("/invitar")
    assert {"Luna · Sierra Norte", "Ceiba del Monte · Sierra Norte"} <= set(ana.last.labels)
    luna = ready.phone()
    luna.say(f"/start {link.rpartition('/')[2]}")
    luna.say("Español")
    luna.press("Sí, quiero participar")
    luna.press("Luna")
    assert luna.person.nickname == "Luna"
    assert "called" not in luna.person.preferences
    late = ready.phone()
    late.say(f"/start {link.rpartition('/')[2]}")
    ana.say("/invitar")

    assert "Luna · Sierra Norte" not in ana.last.labels
    assert ready.rows("SELECT count(*) FROM people")[0][0] == 2
    assert ready.rows("SELECT count(*) FROM invites WHERE nickname IS NOT NULL") == [(1,)]
    # The list itself is kept nowhere else.
    kept = {path for _, path in ready.rows("SELECT run_id, path FROM answers")}
    runs = {run for run, _ in ready.rows("SELECT id, id FROM runs")}
    assert kept
    assert not kept & {ready.storage.vault.path_hash(UUID(run), "names") for run in runs}


def test_another_nickname_may_be_taken(ready: Rig) -> None:
    """The name on the list is an offer, and goes once another is given."""
    ana = ready.facilitator()
    paste(ana, "Luna")
    luna = ready.phone()
    luna.say(f"/start {opens(ana)['Luna'].rpartition('/')[2]}")
    luna.say("Español")
    luna.press("Sí, quiero participar")
    luna.say("Marea")

    assert luna.person.nickname == "Marea"
    assert "called" not in luna.person.preferences


def test_a_name_goes_once_its_invite_is_over(ready: Rig) -> None:
    """What the team called somebody who never came stays no longer than her invite."""
    ana = ready.facilitator()
    paste(ana, "Luna\nCeiba")
    ana.say("/invitar")
    ana.press("Luna · Sierra Norte")
    assert say("invite.for", name="Luna") in (ana.last.text or "")
    ana.press(say("button.invite_end"))
    ana.press(say("button.invite_end_sure"))
    assert ready.rows("SELECT count(*) FROM invites WHERE nickname IS NOT NULL") == [(1,)]
    ready.advance(days=15)
    ready.tick()

    assert ready.rows("SELECT count(*) FROM invites WHERE nickname IS NOT NULL") == [(0,)]


def test_a_name_from_before_invites_had_keys_gets_one(ready: Rig) -> None:
    """It is read as before, and within the hour sealed with the invite's own key."""
    ana = ready.facilitator()
    paste(ana, "Luna")
    with ready.unit() as unit:
        (luna,) = (each for each in unit.invites.list() if each.nickname)
        sealed = unit.vault.organisation_key.seal(b"Luna", "invites", "nickname", luna.id.hex)
        unit.connection.exec_driver_sql("UPDATE invites SET nickname = ? WHERE nickname IS NOT NULL", (sealed,))
        unit.connection.exec_driver_sql("DELETE FROM invite_keys")
    with ready.unit() as unit:
        assert [each.nickname for each in unit.invites.list() if each.nickname] == ["Luna"]
        unit.invites.forget_nicknames()
    with ready.reading() as unit:
        assert [each.nickname for each in unit.invites.list() if each.nickname] == ["Luna"]
        assert scan(unit) == []
    assert ready.rows("SELECT count(*) FROM invite_keys") == [(1,)]
    assert ready.rows("SELECT nickname FROM invites WHERE nickname IS NOT NULL") != [(sealed,)]


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ("···", "invite.list.empty"),
        ("\n".join(f"Flor {number}" for number in range(MOST + 1)), "invite.list.many"),
        ("Luna\n" + "x" * 31, "invite.list.long"),
    ],
)
def test_a_list_that_does_not_fit_makes_nothing(ready: Rig, names: str, told: str) -> None:
    """What is wrong is said with the remedy, and no invite is made."""
    ana = ready.facilitator()
    made = ready.count("invites")
    paste(ana, names)

    facts = {"most": MOST if told == "invite.list.many" else 30, "n": MOST + 1, "name": "x" * 29 + "…"}
    assert say(told, **facts) in ana.told
    assert ready.count("invites") == made


def test_an_invite_for_a_poster_can_be_passed_on(ready: Rig) -> None:
    """The one for many has the same tap: the page's link by WhatsApp or SMS."""
    ana = ready.facilitator()
    ana.say("/invitar")
    ana.press(say("button.invite_new"))
    ana.say("12")
    ana.press("2 · Dos semanas")
    ana.press("1 · Sí, hazla")
    sent = opens(ana)

    assert f"{BASE}/join/" in sent[say("button.whatsapp")]
    assert sent[say("button.sms")].endswith("/sms")


def test_lines_are_read_as_people_write_lists() -> None:
    """Numbers, dashes and dots before a name are none of it; a name twice is one person."""
    assert names_of("1) Luna\n2. Río\n- Mar\n• Sol\n3 Hermanas\n\nLUNA") == ["Luna", "Río", "Mar", "Sol", "3 Hermanas"]
