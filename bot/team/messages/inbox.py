"""The list of message conversations: those that ask for support, then those that nobody took, longest wait first."""

from collections.abc import Callable
from functools import partial
from typing import ClassVar, Literal
from uuid import UUID

from bot.conversation.actions import Action, MenuPlace
from bot.conversation.screen import Pager
from bot.messengers.port import Button
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import rows
from bot.rendering.texts import shorten
from bot.services.notices import looked
from bot.services.permissions import FACILITATORS, may_see, reach
from bot.team.kit.page import TeamPage
from storage.messages import MessageConversation

SHOWN = 4  # conversations on a screen
NAME = 18  # characters of a name on a button
MANY = 200  # waiting messages that are searched for one that asks for support


class Listing(Argument):
    """A page of conversations that wait (`p`) or are closed (`c`)."""

    layout: ClassVar[str] = "[{kind}[{page}]]"
    kind: Literal["", "p", "c"] = ""
    page: int = 0


LAST = 999_999_999  # a page number that stands for the last page


class MailPage(Argument):
    """A page of one message conversation."""

    layout: ClassVar[str] = "{conversation}[.{page}]"
    conversation: UUID
    page: int = LAST


MAIL = Action(targets.MAIL, FACILITATORS, (Listing,), commands=("messages",), offered=104, menu=MenuPlace("first", 2))


def show(team_page: TeamPage, argument: Listing) -> None:
    """Show a page of the conversations that wait, or of the closed ones."""
    team_page.put_away()
    looked(team_page.unit, team_page.person)
    closed, page = argument.kind == "c", argument.page
    asking = set() if closed else _asking(team_page)
    found = _listed(team_page, asking, page, closed=closed)
    if not found and page:
        show(team_page, Listing("c" if closed else ""))
        return
    buttons = [_line(team_page, each, asks=each.id in asking) for each in found[:SHOWN]]
    turned: Callable[[int], Listing] = partial(Listing, "c" if closed else "p")
    turn = Pager(page, page > 0, len(found) > SHOWN).turns(
        lambda code, number: team_page.button(code, MAIL, turned(number))
    )
    alerts = [team_page.button("button.alerts", targets.ALERT)] if _alerts(team_page) else []
    other = (
        team_page.button("button.mail_list", MAIL)
        if closed
        else team_page.button("button.mail_closed", MAIL, Listing("c"))
    )
    keyboard = rows(*buttons) + turn + rows(*alerts, other, team_page.menu())
    code = "closed" if closed else "waiting"
    team_page.show(team_page.words(f"mail.{code}" if found else f"mail.{code}.none"), keyboard)


def holder(team_page: TeamPage, found: MessageConversation) -> str:
    """Return the name of who took a conversation, or an empty string."""
    return team_page.called(found.taken_by) if found.taken_by else ""


def _alerts(team_page: TeamPage) -> bool:
    """Return whether there are open alerts in the reader's cohorts."""
    return any(may_see(team_page.unit, team_page.person.id, each.cohort_id) for each in team_page.unit.alerts.open())


def _asking(team_page: TeamPage) -> set[UUID]:
    """Return the conversations in which support was asked for and nobody has answered yet."""
    cohorts, everywhere = reach(team_page.unit, team_page.person)
    waiting = team_page.unit.messages.list(cohorts, MANY, without_cohort=everywhere)
    return {each.conversation for each in waiting if each.asks_support}


def _listed(team_page: TeamPage, asking: set[UUID], page: int, *, closed: bool) -> list[MessageConversation]:
    """Return a page of conversations, and one more if there is a next page."""
    cohorts, everywhere = reach(team_page.unit, team_page.person)
    messages, skip = team_page.unit.messages, page * SHOWN
    if not asking:
        return messages.conversations(cohorts, SHOWN + 1, skip, closed=closed, without_cohort=everywhere)
    others = messages.conversations(cohorts, skip + SHOWN + 1 + len(asking), without_cohort=everywhere)
    first = [found for each in asking if (found := messages.conversation(each))]
    first.sort(key=lambda each: (each.taken_by is not None, each.seq))
    return [*first, *(each for each in others if each.id not in asking)][skip : skip + SHOWN + 1]


def _line(team_page: TeamPage, found: MessageConversation, *, asks: bool) -> Button:
    who = shorten(team_page.called(found.person_id), NAME)
    state = team_page.words(f"mail.state.{found.state}", name=shorten(holder(team_page, found), NAME))
    what = team_page.words("mail.asks") if asks else team_page.day(found.since)
    return team_page.labelled(f"{who} · {what} · {state}", targets.MAIL_OPEN, MailPage(found.id))
