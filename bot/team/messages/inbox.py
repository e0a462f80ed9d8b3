"""What waits for one of the team, in one list: alerts, requests and what else is to be decided, then messages.

Message conversations that were closed are a list of their own.
"""

from collections import Counter
from collections.abc import Sequence
from typing import ClassVar, Literal
from uuid import UUID

from bot.conversation.actions import Action
from bot.conversation.screen import Pager
from bot.messengers.port import Button, Keyboard
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import pairs, rows
from bot.rendering.texts import shorten
from bot.services import alerts as alert_acts
from bot.services import hand_notices, links, recollections, shut_ways, support
from bot.services.notices import OneAlert, looked
from bot.services.permissions import ADMINS_OF_ALL, FACILITATORS, allowed, reach
from bot.team.kit.page import TeamPage
from bot.team.kit.reading_queries import ReadingQueries
from bot.team.messages import asked, unsent
from storage.alerts import RINGS, Alert
from storage.meant import MeantKind
from storage.messages import Message, MessageConversation
from storage.support_requests import SupportRequest
from storage.unit import Unit

SHOWN = 5  # lines on a screen
NAME = 18  # characters of a name on a button
MANY = 200  # waiting messages that are searched for one that asks for support


class Listing(Argument):
    """A page of what waits (`p`) or of the closed conversations (`c`)."""

    layout: ClassVar[str] = "[{kind}[{page}]]"
    kind: Literal["", "p", "c"] = ""
    page: int = 0


LAST = 999_999_999  # a page number that stands for the last page


class MailPage(Argument):
    """A page of one message conversation."""

    layout: ClassVar[str] = "{conversation}[.{page}]"
    conversation: UUID
    page: int = LAST


MAIL = Action(targets.MAIL, FACILITATORS, (Listing,), commands=("messages",), offered=104)


def show(team_page: TeamPage, argument: Listing) -> None:
    """Show a page of what waits, or of the closed conversations."""
    if argument.kind == "c":
        _show_closed(team_page, argument.page)
    else:
        show_waiting(team_page, argument.page)


def show_waiting(team_page: TeamPage, page: int = 0, *, undo: Sequence[Button] = ()) -> None:
    """Show a page of what waits: alerts and requests, what else is to be decided, then messages; most urgent first.

    `undo` takes back what was done just before, which the page's `lead` tells.
    """
    team_page.put_away()
    looked(team_page.unit, team_page.person)
    first = _before_messages(team_page)
    waiting = _waiting(team_page)
    asking = _asking(team_page, waiting)
    meant = {each.conversation: each.meant.kind for each in waiting if each.meant is not None}
    skip = page * SHOWN
    lines = first[skip : skip + SHOWN + 1]
    if most := SHOWN + 1 - len(lines):
        found = _conversations(team_page, asking, max(0, skip - len(first)), most)
        lines = [*lines, *(_line(team_page, each, asks=each.id in asking, meant=meant.get(each.id)) for each in found)]
    if not lines and page:
        show_waiting(team_page)
        return
    turn = _turns(team_page, "p", page, more=len(lines) > SHOWN)
    last = [*undo, team_page.button("button.mail_closed", MAIL, Listing("c"))]
    if allowed(team_page.unit, team_page.person, ADMINS_OF_ALL):
        last.append(team_page.button("button.danger", targets.DANGER))
    keyboard = rows(*lines[:SHOWN] or _to_read(team_page)) + turn + pairs([*last, team_page.menu()])
    text = team_page.words("attend.list" if lines else "attend.none")
    team_page.show("\n\n".join(filter(None, (team_page.lead, text))), keyboard)


def _to_read(team_page: TeamPage) -> list[Button]:
    """Return the button to what was answered and not read, which is what comes next where nothing waits here."""
    shelves = ReadingQueries(team_page.unit, team_page.person)
    new = any(of.runs for _, of in shelves.waiting(seconds=False))
    return [team_page.button("menu.read", targets.READ)] if new else []


def _show_closed(team_page: TeamPage, page: int) -> None:
    team_page.put_away()
    cohorts, everywhere = reach(team_page.unit, team_page.person)
    found = team_page.unit.messages.conversations(
        cohorts, SHOWN + 2, page * SHOWN, closed=True, without_cohort=everywhere
    )
    if not found and page:
        _show_closed(team_page, 0)
        return
    more = len(found) > (SHOWN if page else SHOWN + 1)  # one too many stands in place of the buttons that turn
    lines = [_line(team_page, each, asks=False) for each in (found[:SHOWN] if more else found)]
    turn = _turns(team_page, "c", page, more=more)
    keyboard = rows(*lines) + turn + rows(team_page.button("button.alerts", targets.ALERT), team_page.menu())
    team_page.show(team_page.words("mail.closed" if found else "mail.closed.none"), keyboard)


def _turns(team_page: TeamPage, kind: Literal["p", "c"], page: int, *, more: bool) -> Keyboard:
    return Pager(page, page > 0, more).turns(lambda code, number: team_page.button(code, MAIL, Listing(kind, number)))


def _before_messages(team_page: TeamPage) -> list[Button]:
    """Return a line for each thing that waits and is no message."""
    unit, person = team_page.unit, team_page.person
    # Somebody who asked to be looked for is one line, not the alert and the request.
    requests = support.open_for(unit, person)
    mine = alert_acts.unasked(unit, person, requests)
    rang, marked = ([each for each in mine if (each.strength == RINGS) is loud] for loud in (True, False))
    of_all = allowed(unit, person, ADMINS_OF_ALL)
    labels = _alert_labels(team_page, [*rang, *marked])
    found = [team_page.labelled(labels[each.id], targets.ALERT, OneAlert("o", each.id)) for each in rang]
    found += [asked.line(team_page, each) for each in requests]
    if of_all and unit.role_rests.undecided():
        found.append(team_page.button("menu.role_rest_one", targets.ROLE_REST_ONE))
    if links.link_requests(unit, person) or recollections.open_for(unit, person):
        found.append(team_page.button("menu.link_asked", targets.LINK_REQUESTS))
    if shut_ways.shut_ways(unit, person):
        found.append(team_page.button("menu.pin_shut", targets.PIN_SHUT))
    found += [team_page.labelled(labels[each.id], targets.ALERT, OneAlert("o", each.id)) for each in marked]
    if unsent.waiting(unit, person):
        found.append(team_page.button("menu.unsent", unsent.UNSENT))
    return [*found, *_by_hand(team_page)]


def _alert_labels(team_page: TeamPage, alerts: Sequence[Alert]) -> dict[UUID, str]:
    """Return what each alert's button says, no two the same: else the hour, and within a minute a number, is added."""
    plain = {each.id: _alert_label(team_page, each) for each in alerts}
    alike = Counter(plain.values())
    found: dict[UUID, str] = {}
    times: Counter[str] = Counter()
    for alert in alerts:
        label = plain[alert.id]
        if alike[label] > 1:
            label = _alert_label(team_page, alert, team_page.hour(alert.raised_at))
        times[label] += 1
        found[alert.id] = label if times[label] == 1 else f"{label} ({times[label]})"
    return found


def _alert_label(team_page: TeamPage, alert: Alert, hour: str = "") -> str:
    """Return who an alert is about, since when, and whether it is only marked."""
    day = " ".join(filter(None, (team_page.day(alert.raised_at), hour)))
    name = shorten(team_page.called(alert.person_id), NAME)
    if alert.strength == RINGS:
        return f"{name} · {team_page.words('alert.rings')} · {day}"
    return f"{name} · {day} · {team_page.words('alert.marked')}"


def holder(team_page: TeamPage, found: MessageConversation) -> str:
    """Return the name of who took a conversation, or an empty string."""
    return team_page.called(found.taken_by) if found.taken_by else ""


def _by_hand(team_page: TeamPage) -> list[Button]:
    """Return the button to those to whom the team wrote and whom nothing rings, while some are still to be told."""
    found = hand_notices.silent_messages(team_page.unit, team_page.person)
    left = sum(each.way is None for each in found)
    return [team_page.button("button.hand", targets.MAIL_HAND, "l", n=left)] if left else []


def _waiting(team_page: TeamPage) -> list[Message]:
    """Return the messages that wait for an answer."""
    cohorts, everywhere = reach(team_page.unit, team_page.person)
    return team_page.unit.messages.list(cohorts, MANY, without_cohort=everywhere)


def _asking(team_page: TeamPage, waiting: Sequence[Message]) -> set[UUID]:
    """Return the conversations in which support was asked for before there were requests, and nobody has answered."""
    asks = [each for each in waiting if each.asks_support]
    known = team_page.unit.support_requests.in_messages([each.id for each in asks])
    return {each.conversation for each in asks if each.id not in known}


def _conversations(team_page: TeamPage, asking: set[UUID], skip: int, most: int) -> list[MessageConversation]:
    """Return some conversations: first those that ask for support.

    What a request or an alert says stands in the list as that alone (`said_above`).
    """
    unit, person = team_page.unit, team_page.person
    requests = support.open_for(unit, person)
    shown = said_above(unit, requests, alert_acts.unasked(unit, person, requests))
    listed = _listed(team_page, asking - shown, 0 if shown else skip, most + (skip + len(shown) if shown else 0))
    others = [each for each in listed if each.id not in shown]
    return others[skip : skip + most] if shown else others


def said_above(unit: Unit, requests: Sequence[SupportRequest], alerts: Sequence[Alert]) -> set[UUID]:
    """Return the conversations in which nothing but support was asked for, or nothing was said but words of danger.

    `requests` and `alerts` are the open ones that a reader may see (`support.open_for`, `alerts.unasked`).
    """
    shown = {found.id for each in requests if (found := support.conversation_of(unit, each)) is not None}
    rang = [each for each in alerts if each.strength == RINGS]
    return shown | alert_acts.within(unit, rang)


def _listed(team_page: TeamPage, asking: set[UUID], skip: int, most: int) -> list[MessageConversation]:
    """Return some conversations: first those that ask for support."""
    cohorts, everywhere = reach(team_page.unit, team_page.person)
    messages = team_page.unit.messages
    if not asking:
        return messages.conversations(cohorts, most, skip, without_cohort=everywhere)
    others = messages.conversations(cohorts, skip + most + len(asking), without_cohort=everywhere)
    first = [found for each in asking if (found := messages.conversation(each))]
    first.sort(key=lambda each: (each.taken_by is not None, each.seq))
    return [*first, *(each for each in others if each.id not in asking)][skip : skip + most]


def _line(team_page: TeamPage, found: MessageConversation, *, asks: bool, meant: MeantKind | None = None) -> Button:
    who = shorten(team_page.called(found.person_id), NAME)
    state = team_page.words(f"mail.state.{found.state}", name=shorten(holder(team_page, found), NAME))
    what = team_page.words("mail.asks") if asks else team_page.day(found.since)
    if meant is not None and not asks:
        what = team_page.words(f"meant.short.{meant}")
    return team_page.labelled(f"{who} · {what} · {state}", targets.MAIL_OPEN, MailPage(found.id))
