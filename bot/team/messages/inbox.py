"""The list of message conversations: those that ask for support, then those that nobody took, longest wait first."""

from collections.abc import Callable, Sequence
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
from bot.services import hand_notices, support
from bot.services.notices import looked
from bot.services.permissions import FACILITATORS, may_see, reach
from bot.team.kit.page import TeamPage
from bot.team.messages import asked
from storage.messages import MessageConversation
from storage.support_requests import SupportRequest

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
    requests = [] if closed else support.open_for(team_page.unit, team_page.person)
    asking = set() if closed else _asking(team_page)
    found = _found(team_page, requests, asking, page, closed=closed)
    if not found and page:
        show(team_page, Listing("c" if closed else ""))
        return
    buttons = [
        asked.line(team_page, each)
        if isinstance(each, SupportRequest)
        else _line(team_page, each, asks=each.id in asking)
        for each in found[:SHOWN]
    ]
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
    keyboard = rows(*buttons) + turn + rows(*alerts, *_by_hand(team_page), other, team_page.menu())
    code = "closed" if closed else "waiting"
    team_page.show(team_page.words(f"mail.{code}" if found else f"mail.{code}.none"), keyboard)


def holder(team_page: TeamPage, found: MessageConversation) -> str:
    """Return the name of who took a conversation, or an empty string."""
    return team_page.called(found.taken_by) if found.taken_by else ""


def _alerts(team_page: TeamPage) -> bool:
    """Return whether there are open alerts in the reader's cohorts."""
    return any(may_see(team_page.unit, team_page.person.id, each.cohort_id) for each in team_page.unit.alerts.open())


def _by_hand(team_page: TeamPage) -> list[Button]:
    """Return the button to those to whom the team wrote and whom nothing rings, while some are still to be told."""
    found = hand_notices.silent_messages(team_page.unit, team_page.person)
    left = sum(each.way is None for each in found)
    return [team_page.button("button.hand", targets.MAIL_HAND, "l", n=left)] if left else []


def _asking(team_page: TeamPage) -> set[UUID]:
    """Return the conversations in which support was asked for before there were requests, and nobody has answered."""
    cohorts, everywhere = reach(team_page.unit, team_page.person)
    waiting = team_page.unit.messages.list(cohorts, MANY, without_cohort=everywhere)
    asks = [each for each in waiting if each.asks_support]
    known = team_page.unit.support_requests.in_messages([each.id for each in asks])
    return {each.conversation for each in asks if each.id not in known}


def _found(
    team_page: TeamPage, requests: Sequence[SupportRequest], asking: set[UUID], page: int, *, closed: bool
) -> list[SupportRequest | MessageConversation]:
    """Return a page of what was asked of the team and of conversations, and one more if there is a next page.

    A conversation in which nothing but support was asked for stands there as the request.
    """
    shown = {found.id for each in requests if (found := _of_request(team_page, each)) is not None}
    skip = page * SHOWN
    rest = max(0, skip - len(requests))
    most = SHOWN + 1 - len(requests[skip : skip + SHOWN + 1])
    if not shown:
        listed = _listed(team_page, asking, rest, most, closed=closed) if most else []
        return [*requests[skip : skip + SHOWN + 1], *listed]
    listed = _listed(team_page, asking - shown, 0, rest + most + len(shown), closed=closed)
    others = [each for each in listed if each.id not in shown]
    return [*requests[skip : skip + SHOWN + 1], *others[rest : rest + most]]


def _of_request(team_page: TeamPage, request: SupportRequest) -> MessageConversation | None:
    """Return the conversation that holds a request and no word more, or None."""
    message = team_page.unit.messages.get(request.message_id) if request.message_id else None
    found = team_page.unit.messages.conversation(message.conversation) if message is not None else None
    said = team_page.unit.messages.said(found) if found is not None else []
    return found if len(said) == 1 else None


def _listed(team_page: TeamPage, asking: set[UUID], skip: int, most: int, *, closed: bool) -> list[MessageConversation]:
    """Return some conversations: first those that ask for support."""
    cohorts, everywhere = reach(team_page.unit, team_page.person)
    messages = team_page.unit.messages
    if not asking:
        return messages.conversations(cohorts, most, skip, closed=closed, without_cohort=everywhere)
    others = messages.conversations(cohorts, skip + most + len(asking), without_cohort=everywhere)
    first = [found for each in asking if (found := messages.conversation(each))]
    first.sort(key=lambda each: (each.taken_by is not None, each.seq))
    return [*first, *(each for each in others if each.id not in asking)][skip : skip + most]


def _line(team_page: TeamPage, found: MessageConversation, *, asks: bool) -> Button:
    who = shorten(team_page.called(found.person_id), NAME)
    state = team_page.words(f"mail.state.{found.state}", name=shorten(holder(team_page, found), NAME))
    what = team_page.words("mail.asks") if asks else team_page.day(found.since)
    return team_page.labelled(f"{who} · {what} · {state}", targets.MAIL_OPEN, MailPage(found.id))
