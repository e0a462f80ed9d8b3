"""What an admin does from the phone, at 360 pixels: handover, recordings, minors, and an invite for each on a list.

`pytest tests/browser/test_admin_screens.py --screenshots` writes the pictures into docs/screenshots.
"""

from pathlib import Path

import pytest

from bot.content import Content
from tests.browser.test_team_screens import Shown, folder, looked_at, phones
from tests.browser.test_walk import WIZARDS
from tests.by_day import LANGUAGES_ALIKE

__all__ = ["folder", "phones"]  # fixtures

SCREENS = ("handover", "handover-who", "handover-written", "recordings", "record", "minors", "invite-list")
ME = "me"
OTHERS = {"es": "¿Y alguien que no está en el equipo?", "en": "And anyone who is not on the team?"}
PAID = {"es": "¿Hasta qué día", "en": "Until what day"}
DAY = {"es": "15 de agosto de 2027", "en": "15 August 2027"}
PAYS = {"es": "la contadora", "en": "the accountant"}
SEES_TO_IT = {"es": ("Rosa Pérez", "la Procuraduría"), "en": ("Rosa Pérez", "the state office")}


def holds(admin: Shown, item: str, *, who: str = "") -> None:
    """Say who holds one thing: whoever facilitates, somebody else by name, or nobody yet."""
    say = admin.words
    asked = admin.hears(say(f"cli.handover.q.{item}"))
    if who == ME:
        admin.press(f"1 · {say('practice.facilitator')}", asked)
        admin.press(say("button.done"), asked)
    else:
        admin.press(say("button.skip"), asked)
    others = admin.hears(OTHERS[admin.language])
    if who and who != ME:
        admin.write(who)
    else:
        admin.press(say("button.skip"), others)


def handed_over(admin: Shown) -> None:
    """What lacks, one thing after the other, and how it stands then."""
    say = admin.words
    admin.write(f"/{say('command.handover.name')}")
    admin.picture("handover", say("handover"))
    admin.press(say("button.handover.fill"))
    admin.picture("handover-who", say("cli.handover.q.bot"))
    for item in ("bot", "next", "server"):
        holds(admin, item, who=ME)
    holds(admin, "costs", who=PAYS[admin.language])
    admin.hears(PAID[admin.language])
    admin.write(DAY[admin.language])
    for item in ("paper", "second"):
        holds(admin, item, who=ME)
    admin.picture("handover-written", say("handover.whole"))


def spoken(admin: Shown) -> None:
    """How far the sentences are recorded, and the first one, as it is read aloud."""
    admin.menu("menu.more", "menu.organisation", "menu.recordings")
    admin.picture("recordings", admin.words("record.languages"))
    admin.frame.get_by_role("button", name="Español · 0/" if admin.language == "es" else "English · 0/").last.click()
    admin.press(admin.words("button.record_go"))
    admin.picture("record", "1 ")


def decided(admin: Shown) -> None:
    """Whether anybody is under eighteen, and who sees to them."""
    admin.write(f"/{admin.words('command.status.name')}")
    admin.press(admin.words("button.minors"), admin.hears(admin.words("checklist.bot")))
    admin.press(admin.words("button.minors_change"))
    admin.press("1 · Sí" if admin.language == "es" else "1 · Yes")
    wizard = Content(WIZARDS).in_files().dialog("minors")
    for name, said in zip(("person", "reported_to"), SEES_TO_IT[admin.language], strict=True):
        admin.hears(wizard.step(name).label[admin.language])
        admin.write(said)
    for name in ("card", "hours"):
        admin.press(admin.words("button.skip"), admin.hears(wizard.step(name).label[admin.language]))
    admin.hears(wizard.step("confirm").label[admin.language])
    admin.press("1 · Guardar" if admin.language == "es" else "1 · Save")
    admin.picture("minors", SEES_TO_IT[admin.language][1])


def invited(admin: Shown) -> None:
    """A pasted list of nicknames, and an invite for each."""
    wizard = Content(WIZARDS).in_files().dialog("invite_list")
    admin.write(f"/{admin.words('command.invite.name')}")
    admin.press(admin.words("button.invite_list"))
    admin.hears(wizard.step("names").label[admin.language])
    admin.write("Luna\nCeiba del Monte\nMilpa")
    admin.press(admin.words("button.all"))
    for name in ("days", "confirm"):
        asked = admin.hears(wizard.step(name).label[admin.language].partition("${")[0])
        admin.press(wizard.step(name).choices[0].label[admin.language], asked)
    admin.hears(admin.words("button.invites"))
    admin.picture("invite-list")


@pytest.mark.by_day("phones", why=LANGUAGES_ALIKE)
@pytest.mark.proof
def test_what_an_admin_does_from_the_phone_has_its_pictures(phones: tuple[Shown, Shown], folder: Path) -> None:
    """Each screen is reached by typing and pressing; no picture is blank, and none is heavy."""
    _, admin = phones
    handed_over(admin)
    spoken(admin)
    decided(admin)
    invited(admin)

    looked_at(folder, admin.language, SCREENS)
