"""Following broadcasts: the standing of each, who has not finished and why, one reminder, stopping and closing.

Every act that changes what participants get is confirmed first. When its button is pressed, the cohort is checked
again, and whether somebody else did it meanwhile.
"""

from collections.abc import Collection
from typing import ClassVar, Final
from uuid import UUID

from bot.conversation.actions import Action, MenuPlace, handles
from bot.conversation.screen import LABEL, Pager, Screen
from bot.conversation.turns import Turns
from bot.messengers.port import Button, Keyboard, Kind
from bot.participant.pause_leave import REST
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import rows
from bot.services import gaps, hand_notices
from bot.services.broadcasts import close, remind
from bot.services.permissions import FACILITATORS, cohorts_of, may_reach
from bot.services.refusals import NotAllowed
from bot.services.share_backs import stop
from bot.team.kit.arguments import PageOf
from bot.team.kit.feature import Feature
from bot.team.kit.page import SCREEN_LENGTH
from bot.team.orders import learning
from bot.team.orders.by_hand import HandList
from bot.team.orders.incomplete_reason import IncompleteReason
from bot.team.orders.panel import BroadcastPanels, OfOrder, back
from storage.broadcasts import Broadcast

SHOWN = 5  # broadcasts on a page
PEOPLE_SHOWN = 6
SURE: Final = "!"  # ends the argument of a button that confirms
CLOSE_TOO: Final = "!!"
ALL = "all"


class OrdersPage(Argument):
    """A page of broadcasts."""

    layout: ClassVar[str] = "[.{page}]"
    page: int = 0


class Stopping(Argument):
    """No argument: show the broadcasts that can be stopped."""

    layout: ClassVar[str] = ""


class StoppingAll(Argument):
    """All broadcasts that are going out, and whether stopping them is confirmed."""

    layout: ClassVar[str] = "all[{sure:!}]"
    sure: bool = False


PROGRESS = Action(
    targets.PROGRESS,
    FACILITATORS,
    (OrdersPage, OfOrder),
    commands=("progress",),
    offered=102,
    menu=MenuPlace("more", 2),
)
ORDER_WHO = Action(targets.ORDER_WHO, FACILITATORS, (PageOf, OfOrder))
ORDER_REMIND = Action(targets.ORDER_REMIND, FACILITATORS, (OfOrder,))
ORDER_END = Action(targets.ORDER_END, FACILITATORS, (OfOrder,))
HALT = Action(
    targets.HALT,
    FACILITATORS,
    (Stopping, StoppingAll, OfOrder),
    commands=("halt",),
    offered=108,
    otherwise=REST,  # typed by a participant, the command is about their own break
)


class BroadcastScreens(Feature):
    """The screens about broadcasts that were ordered."""

    def __init__(self, turns: Turns) -> None:
        super().__init__(turns)
        self._panels = BroadcastPanels(turns)
        self._lacking = IncompleteReason(turns, self._panels)

    @handles(PROGRESS)
    def progress(self, screen: Screen, argument: OrdersPage | OfOrder) -> None:
        """Show a page of broadcasts, or the panel of one."""
        screen = self._placed(screen)
        if isinstance(argument, OrdersPage):
            self._list(screen, argument.page)
        else:
            broadcast = self._reachable(screen, argument.order, PROGRESS)
            self._panels.show(screen.speech, screen.person, broadcast, screen.place)

    @handles(ORDER_WHO)
    def who(self, screen: Screen, argument: PageOf | OfOrder) -> None:
        """Show a page of the participants who have not finished."""
        screen = self._placed(screen)
        order, page = (argument.id, argument.page) if isinstance(argument, PageOf) else (argument.order, 0)
        self._who(screen, self._reachable(screen, order, ORDER_WHO), page)

    @handles(ORDER_REMIND)
    def remind(self, screen: Screen, argument: OfOrder) -> None:
        """Send a reminder, or ask for confirmation first."""
        screen = self._placed(screen)
        self._remind(screen, self._reachable(screen, argument.order, ORDER_REMIND), sure=bool(argument.mark))

    @handles(ORDER_END)
    def end(self, screen: Screen, argument: OfOrder) -> None:
        """Close a broadcast, or ask for confirmation first."""
        screen = self._placed(screen)
        self._end(screen, self._reachable(screen, argument.order, ORDER_END), sure=bool(argument.mark))

    @handles(HALT)
    def halt(self, screen: Screen, argument: Stopping | StoppingAll | OfOrder) -> None:
        """Stop one broadcast or all that are going out, or ask for confirmation first."""
        screen = self._placed(screen)
        match argument:
            case OfOrder(order, sure):
                self._halt(screen, self._reachable(screen, order, HALT), sure)
            case StoppingAll(sure):
                self._halt_any(screen, ALL, sure=sure)
            case Stopping():
                self._halt_any(screen, "", sure=False)

    def _placed(self, screen: Screen) -> Screen:
        """Return the screen in place of the panel whose button was pressed, even if newer messages stand below it."""
        speech, incoming = screen.speech, screen.incoming
        if incoming is None or incoming.kind is not Kind.PRESS or screen.place is not None:
            return screen
        row = screen.unit.outbox.row_of(speech.messenger, speech.chat, incoming.order)
        if self._panels.stands_at(screen.unit, screen.person, row):
            return Screen(speech, screen.person, row)
        return screen

    def _show(self, screen: Screen, text: str, keyboard: Keyboard) -> None:
        """Show a screen; if it takes the place of a panel, forget that panel."""
        if screen.place is None:
            screen.speech.send(text, keyboard, protect=True)
        else:
            self._panels.leave(screen.unit, screen.person, screen.place)
            screen.show(text, keyboard)

    def _reachable(self, screen: Screen, order: UUID, action: Action) -> Broadcast:
        """Return a broadcast; raises NotAllowed if the person does not reach its cohort."""
        unit = screen.unit
        broadcast = unit.broadcasts.get(order)
        if broadcast is not None and may_reach(unit, screen.person, broadcast.cohort_id):
            return broadcast
        raise NotAllowed(action.name)

    # The list.

    def _list(self, screen: Screen, page: int) -> None:
        """Show a page of the broadcasts to the person's cohorts, the newest first."""
        unit = screen.unit
        found = unit.following.page([each.id for each in cohorts_of(unit, screen.person)], SHOWN + 2, page * SHOWN)
        if not found:
            ask = screen.speech.button("button.ask", targets.ASK)
            self._show(screen, screen.words("progress.none"), rows(ask, screen.menu()))
            return
        more = len(found) > (SHOWN if page else SHOWN + 1)  # one too many stands in place of the buttons that turn
        buttons = [
            screen.labelled(self._label(screen, broadcast), PROGRESS, OfOrder(broadcast.id))
            for broadcast in map(unit.broadcasts.get, found[:SHOWN] if more else found)
            if broadcast
        ]
        pager = Pager(page, page > 0, more)
        turns = pager.turns(lambda code, number: screen.button(code, PROGRESS, OrdersPage(number)))
        keyboard = rows(*buttons) + turns + rows(screen.menu())
        self._show(screen, screen.words("progress.which"), keyboard)

    def _label(self, screen: Screen, broadcast: Broadcast) -> str:
        """Return the label of a broadcast's button, with whether it is closed or still to come."""
        title = self._panels.title(screen.speech, broadcast, LABEL)
        if broadcast.closed_at is not None:
            return f"{title} · {screen.words('progress.label.closed')}"
        if broadcast.cancelled_at is None and broadcast.due_at > screen.unit.now:
            # Further east its hour has come already.
            begun = screen.unit.following.progress(broadcast.id).sent
            return title if begun else f"{title} · {screen.words('progress.label.scheduled')}"
        return title

    # Who has not finished.

    def _who(self, screen: Screen, broadcast: Broadcast, page: int) -> None:
        """Show by nickname who has not finished, and why, as far as it is known."""
        unit = screen.unit
        counts = unit.following.progress(broadcast.id)
        missing = counts.people - counts.finished
        if not missing:
            self._show(screen, screen.words("missing.nobody"), back(screen.speech, broadcast))
            return
        silent = hand_notices.silent(unit, broadcast).left
        pager = Pager.of(missing, PEOPLE_SHOWN, page, joined=True)
        text = self._lacking_people(screen, broadcast, missing, pager, silent)
        if missing > PEOPLE_SHOWN and not (pager.before or pager.after) and len(text) > SCREEN_LENGTH:
            pager = Pager.of(missing, PEOPLE_SHOWN, page)
            text = self._lacking_people(screen, broadcast, missing, pager, silent)
        turns = pager.turns(lambda code, number: screen.button(code, ORDER_WHO, PageOf(broadcast.id, number)))
        tell = (
            [screen.button("button.hand", targets.BY_HAND, HandList("l", broadcast.id), n=len(silent))]
            if silent
            else []
        )
        keyboard = turns + rows(*tell) + back(screen.speech, broadcast)
        self._show(screen, text, keyboard)

    def _lacking_people(
        self, screen: Screen, broadcast: Broadcast, missing: int, pager: Pager, silent: Collection[UUID]
    ) -> str:
        """Return a page of those who have not finished, by nickname and with the reason, below how many they are."""
        most = PEOPLE_SHOWN if pager.after else PEOPLE_SHOWN + 1
        found = screen.unit.following.missing(broadcast.id, most, pager.first)
        heading = screen.speech.texts.count("missing.heading", screen.speech.language, missing)
        if pager.before or pager.after:
            pages = -(-missing // PEOPLE_SHOWN)
            heading += " · " + screen.words("read.page", page=pager.page + 1, pages=pages)
        lines = (self._lacking.line(screen.speech, broadcast, each, silent) for each in found)
        return "\n".join((self._panels.title(screen.speech, broadcast), heading, "", *filter(None, lines)))

    # Acts that are confirmed first.

    def _ask(self, screen: Screen, broadcast: Broadcast, lines: list[str], *buttons: Button) -> None:
        title = self._panels.title(screen.speech, broadcast)
        rather_not = screen.button("button.order_no", PROGRESS, OfOrder(broadcast.id))
        self._show(screen, "\n".join((title, *filter(None, lines))), rows(*buttons, rather_not))

    def _already(self, screen: Screen, broadcast: Broadcast, *verbs: str) -> bool:
        """Return whether one of some acts was done before; if so, say it above the panel, which tells when and who."""
        if not any(getattr(broadcast, f"{verb}_at") for verb in verbs):
            return False
        code = "progress.already" if getattr(broadcast, f"{verbs[0]}_at") else "progress.closed_before"
        self._panels.show(screen.speech, screen.person, broadcast, screen.place, screen.words(code))
        return True

    def _done(self, screen: Screen, broadcast_id: UUID, *leads: str) -> None:
        """Show the panel again under lines that say what was done, and update everybody else's."""
        lead = " ".join(filter(None, leads))
        broadcast = screen.unit.broadcasts.get(broadcast_id)
        assert broadcast is not None
        self._panels.renew(screen.unit, broadcast_id, but=screen.person.id)
        self._panels.show(screen.speech, screen.person, broadcast, screen.place, lead)

    def _count(self, screen: Screen, code: str, number: int) -> str:
        return screen.speech.texts.count(code, screen.speech.language, number) if number else ""

    def _remind(self, screen: Screen, broadcast: Broadcast, *, sure: bool) -> None:
        """Ask whether to remind, saying how many people; or remind, which can be done once."""
        unit = screen.unit
        if self._already(screen, broadcast, "reminded", "closed"):
            return
        willing = unit.following.remindable(broadcast.id)
        if not willing:
            self._show(screen, screen.words("nudge.nobody"), back(screen.speech, broadcast))
        elif not sure:
            unsent = unit.following.progress(broadcast.id).queued
            lines = [
                self._count(screen, "nudge.ask", willing),
                screen.words("nudge.left_alone"),
                self._count(screen, "nudge.unsent", unsent),
            ]
            yes = screen.button("button.order_nudge_yes", ORDER_REMIND, OfOrder(broadcast.id, SURE))
            self._ask(screen, broadcast, lines, yes)
        else:
            reminded = remind(unit, broadcast.id, screen.person) or 0
            self._done(screen, broadcast.id, self._count(screen, "nudge.done", reminded))

    def _end(self, screen: Screen, broadcast: Broadcast, *, sure: bool) -> None:
        """Ask whether to close, saying how many have not finished; or close."""
        if self._already(screen, broadcast, "closed"):
            return
        if not sure:
            counts = screen.unit.following.progress(broadcast.id)
            lines = [
                screen.words("end.ask"),
                self._count(screen, "end.open", counts.halfway + counts.waiting),
                self._count(screen, "end.unsent", counts.queued),
                screen.words("end.kept"),
            ]
            yes = screen.button("button.order_end_yes", ORDER_END, OfOrder(broadcast.id, SURE))
            self._ask(screen, broadcast, lines, yes)
            return
        _close(screen, broadcast)
        self._done(screen, broadcast.id, screen.words("end.done"), learning.asked(screen, broadcast))

    def _halt(self, screen: Screen, broadcast: Broadcast, sure: str) -> None:
        """Ask whether to stop what was not sent yet, and whether to close what was sent; or do it."""
        if self._already(screen, broadcast, "cancelled", "closed"):
            return
        counts = screen.unit.following.progress(broadcast.id)
        if not counts.queued:
            end = screen.button("button.order_end", ORDER_END, OfOrder(broadcast.id))
            self._show(screen, screen.words("halt.all_sent"), rows(end) + back(screen.speech, broadcast))
        elif not sure:
            lines = [self._count(screen, "halt.ask", counts.queued), self._count(screen, "halt.sent", counts.sent)]
            if counts.sent:
                on = screen.button("button.order_halt_on", HALT, OfOrder(broadcast.id, SURE))
                too = screen.button("button.order_halt_end", HALT, OfOrder(broadcast.id, CLOSE_TOO))
                self._ask(screen, broadcast, lines, on, too)
            else:
                yes = screen.button("button.order_halt_yes", HALT, OfOrder(broadcast.id, CLOSE_TOO))
                self._ask(screen, broadcast, lines, yes)
        else:
            stop(screen.unit, broadcast.id, screen.person)
            if sure == CLOSE_TOO:
                _close(screen, broadcast)
            self._done(screen, broadcast.id, self._count(screen, "halt.done", counts.queued))

    # Stopping from the list.

    def _halt_any(self, screen: Screen, name: str, *, sure: bool) -> None:
        """Show the broadcasts that are going out or scheduled, to stop one or all; ask about all, or stop them."""
        unit, person = screen.unit, screen.person
        going = unit.following.going_out([each.id for each in cohorts_of(unit, person)])
        people = sum(number for _, number in going)
        if not going:
            progress = screen.button("button.progress", PROGRESS)
            self._show(screen, screen.words("halt.nothing"), rows(progress, screen.menu()))
        elif name == ALL and sure:
            self._halt_all(screen, [broadcast_id for broadcast_id, _ in going], people)
        elif name == ALL:
            yes = screen.button("button.halt_all_yes", HALT, StoppingAll(sure=True))
            text = "\n".join((self._count(screen, "halt.orders", len(going)), self._count(screen, "halt.ask", people)))
            self._show(screen, text, rows(yes, screen.button("button.order_no", PROGRESS)))
        else:
            lines, buttons = [screen.words("halt.which")], []
            for broadcast_id, number in going[:SHOWN]:
                if (broadcast := unit.broadcasts.get(broadcast_id)) is not None:
                    title = self._panels.title(screen.speech, broadcast, LABEL)
                    lines.append(f"{title}: {self._count(screen, 'progress.queued', number)}")
                    buttons.append(screen.labelled(title, HALT, OfOrder(broadcast_id)))
            if len(going) > SHOWN:
                lines.append(self._count(screen, "halt.more", len(going) - SHOWN))
            everything = [screen.button("button.halt_all", HALT, StoppingAll())]
            self._show(screen, "\n".join(lines), rows(*buttons, *everything, screen.menu()))

    def _halt_all(self, screen: Screen, orders: list[UUID], people: int) -> None:
        """Stop all these broadcasts; close those that were sent to nobody."""
        unit, by = screen.unit, screen.person
        for broadcast_id in orders:
            sent = unit.following.progress(broadcast_id).sent
            stop(unit, broadcast_id, by)
            if not sent:
                close(unit, broadcast_id, by)
            self._panels.renew(unit, broadcast_id)
        progress = screen.button("button.progress", PROGRESS)
        self._show(screen, self._count(screen, "halt.done", people), rows(progress, screen.menu()))


def _close(screen: Screen, broadcast: Broadcast) -> None:
    """Close a broadcast; whoever is in the middle is told at once, as this very press shows that people are heard."""
    gaps.heard(screen.unit, screen.speech.messenger)
    close(screen.unit, broadcast.id, screen.person)
