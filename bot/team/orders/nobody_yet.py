"""A cohort in which nobody can be asked yet: who is on the way, and how to let somebody in."""

from bot.conversation.screen import Screen
from bot.messengers.port import Button
from bot.rendering import targets
from bot.rendering.speech import rows
from bot.services.member_status import WAITING, state
from storage.cohorts import Cohort


def show(screen: Screen, cohort: Cohort, *buttons: Button) -> None:
    """Say that nobody of a cohort can be asked, and whom it waits for; `buttons` stand above the ways on."""
    unit, speech = screen.unit, screen.speech
    codes = [
        state(person, membership)
        for membership in unit.memberships.members(cohort.id)
        if (person := unit.people.get(membership.person_id)) is not None
    ]
    knocking = codes.count("approval")
    joining = sum(code in WAITING for code in codes) - knocking
    resting = codes.count("paused")
    told = [
        speech.texts.count(code, speech.language, number)
        for code, number in (("ask.joining", joining), ("ask.knocking", knocking), ("ask.resting", resting))
        if number
    ]
    text = speech.words("ask.nobody" if told else "order.nobody", cohort=cohort.name)
    ways = [screen.button("menu.people", targets.PEOPLE)] if told else []
    ways.append(screen.button("menu.invite", targets.INVITE))
    screen.show(" ".join((text, *told)), rows(*buttons, *ways, screen.menu()))
