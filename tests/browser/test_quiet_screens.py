"""What is asked quietly, at 360 pixels: a drill, how to be reached on a watched phone, and what a text promises.

`pytest tests/browser/test_quiet_screens.py --screenshots` writes the pictures into docs/screenshots.
"""

from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import expect

from bot.content import Content
from tests.browser.test_cry_screens import seen_by
from tests.browser.test_team_screens import Shown, folder, looked_at, phones
from tests.browser.test_walk import ROOT, SOON, WIZARDS, join
from tests.by_day import LANGUAGES_ALIKE

__all__ = ["folder", "phones"]  # fixtures

SCREENS: Final = ("drill", "reach-watched", "reach-asked", "promise-purpose", "promise-reply", "minors-office")
SAID: Final = {
    "es": ("Con mi tía, 951 000 0000", "Para llamarles pronto a quienes lo pidan.", "Te vamos a llamar pronto."),
    "en": ("At my aunt's, 951 000 0000", "To call those who ask for it soon.", "We will call you soon."),
}


def drilled(admin: Shown) -> None:
    """The phone on watch is tried: on a page it is said that nothing rings there."""
    say = admin.words
    admin.write(f"/{say('command.watch.name')}")
    admin.press(say("button.watch_add"))
    admin.press(f"1 · {say('practice.facilitator')}")
    admin.press("1 · Siempre, de día y de noche" if admin.language == "es" else "1 · Always, day and night")
    admin.press("1 · Sí" if admin.language == "es" else "1 · Yes")
    admin.press(say("button.watch"))
    admin.hears(say("watch.page_only"))
    admin.press(say("practice.facilitator"))
    admin.press(say("button.watch_try"))
    admin.picture("drill", say("watch.drill.web"))
    admin.press(say("button.alert_mine"))
    admin.hears(say("watch.heard"))
    admin.write(f"/{say('command.status.name')}")
    admin.hears(say("checklist.watch_silent", names=say("practice.facilitator")))


def reached(leader: Shown) -> None:
    """On a phone that others see: one neutral button, one message at a time, and what is typed is gone at once."""
    said, _, _ = SAID[leader.language]
    seen_by(leader, "leader.phone.checked")
    leader.write(f"/{leader.words('command.support.name')}")
    leader.press(leader.words("button.look_for_me"))
    leader.hears(leader.words("cry.called.watched"))
    leader.press(leader.words("button.reach.watched"))
    leader.picture("reach-watched", leader.words("reach.shown.watched"))
    leader.press(leader.words("button.reach_where"))
    leader.hears(leader.words("reach.ask.where"))
    leader.frame.locator("#text").fill(said)
    leader.frame.locator("#composer .send").click()
    leader.picture("reach-asked", leader.words("reach.is.where", said=leader.words("chosen.discreet")))
    expect(leader.frame.locator("body")).not_to_contain_text(said, timeout=SOON)
    leader.frame.locator("body").evaluate("() => location.reload()")
    expect(leader.frame.locator("body")).not_to_contain_text(said, timeout=SOON)


def promised(leader: Shown, facilitator: Shown) -> None:
    """A purpose and a reply that promise something, before they go."""
    say, (_, purpose, reply) = facilitator.words, SAID[facilitator.language]
    steps = Content(WIZARDS).in_files().dialog("ask_purpose")
    facilitator.menu("menu.ask")
    facilitator.press(Content(ROOT / "none").in_files().dialog("check_in").title[facilitator.language])
    facilitator.hears(steps.step("why").label[facilitator.language].partition("${")[0].strip())
    facilitator.write(purpose)
    for name in ("whom", "use"):
        facilitator.press(say("button.skip"), facilitator.hears(steps.step(name).label[facilitator.language]))
    facilitator.press(steps.step("until").choices[0].label[facilitator.language])
    facilitator.picture("promise-purpose", say("button.ask_send_anyway"))
    facilitator.write(f"/{say('command.alerts.name')}")
    facilitator.press(f"Colibrí · {say('asked.short.support')}")
    facilitator.press(say("button.alert_message"))
    facilitator.press(say("button.mail_reply"))
    # What she writes before the wizard asks answers nothing, and the conversation's own page names the leader, too.
    asks = Content(WIZARDS).in_files().dialog("reply").step("words").label[facilitator.language]
    facilitator.hears(asks.replace("${reply_name}", "Colibrí"))
    facilitator.write(reply)
    facilitator.press(say("mail.way.team"))
    wizard = Content(WIZARDS).in_files().dialog("reply_promising")
    facilitator.picture("promise-reply", wizard.step("way").choices[1].label[facilitator.language])
    facilitator.press(wizard.step("way").choices[2].label[facilitator.language])
    expect(facilitator.frame.locator("body")).to_contain_text(say("mail.not_sent"), timeout=SOON)


def written(admin: Shown) -> None:
    """The reporting office, in the other language of the organisation."""
    say = admin.words
    other = "inglés" if admin.language == "es" else "Spanish"
    # That a page was taken out of the chat is said when its time is over: it may come between question and answer.
    chat = expect(admin.frame.locator("body"))
    admin.write(f"/{say('command.status.name')}")
    chat.to_contain_text(say("checklist.bot"), timeout=SOON)
    admin.press(say("button.minors"))
    admin.press(say("button.minors_change"))
    admin.press("1 · Sí" if admin.language == "es" else "1 · Yes")
    wizard = Content(WIZARDS).in_files().dialog("minors")
    for name, said in (("person", "Rosa Pérez"), ("reported_to", "DIF")):
        chat.to_contain_text(wizard.step(name).label[admin.language], timeout=SOON)
        admin.write(said)
    for name in ("card", "hours"):
        chat.to_contain_text(wizard.step(name).label[admin.language], timeout=SOON)
        admin.press(say("button.skip"))
    chat.to_contain_text(wizard.step("confirm").label[admin.language], timeout=SOON)
    admin.press("1 · Guardar" if admin.language == "es" else "1 · Save")
    admin.press(say("button.minors.reported_to", language=other))
    admin.picture("minors-office", say("minors.text.reported_to", language=other.capitalize()))


@pytest.mark.by_day("phones", why=LANGUAGES_ALIKE)
@pytest.mark.proof
def test_what_is_asked_quietly_has_its_pictures(phones: tuple[Shown, Shown], folder: Path) -> None:
    """Each screen is reached by typing and pressing; no picture is blank, and none is heavy."""
    leader, facilitator = phones
    drilled(facilitator)
    join(leader)
    reached(leader)
    promised(leader, facilitator)
    written(facilitator)

    looked_at(folder, leader.language, SCREENS)
