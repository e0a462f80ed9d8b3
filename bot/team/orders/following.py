"""Following orders: how each goes, who is missing and why, one kind reminder, stopping and closing.

Whatever changes what others get asks first. Everything is checked again when its button is pressed: the group, and
whether somebody else did it a moment before.
"""

from typing import ClassVar
from uuid import UUID

from bot.conversation.screen import LABEL, Pager, Screen, brief, full
from bot.conversation.turns import Turns
from bot.messengers.port import Button, Incoming, Keyboard, Kind
from bot.rendering.speech import rows
from bot.services.broadcasts import cancel, close, remind
from bot.services.permissions import cohorts_of, may_reach
from bot.services.refusals import NotAllowed
from bot.team.kit.feature import Part
from bot.team.orders.incomplete_reason import Lacking
from bot.team.orders.panel import Panels, back
from storage.broadcasts import Broadcast

SHOWN = 5  # orders on a page
PEOPLE_SHOWN = 6
SURE = "!"  # ends the argument of a button that was asked about first
CLOSE_TOO = "!!"
ALL = "all"
HEX = 32  # characters of an id that another part's button carries


class Following(Part):
    """Everything about orders that were given."""

    actions: ClassVar = frozenset({"progress", "order_who", "order_nudge", "order_end", "halt"})

    def __init__(self, turns: Turns) -> None:
        """Take what plays turns."""
        super().__init__(turns)
        self._panels = Panels(turns)
        self._lacking = Lacking(turns, self._panels)

    def do(self, screen: Screen, action: str, argument: str, incoming: Incoming) -> None:
        """Answer a button or a command about orders."""
        screen = self._placed(screen, incoming)
        name = argument.rstrip(SURE)
        sure = argument[len(name) :]
        if action == "progress" and (not argument or argument.startswith(".")):
            self._list(screen, int(argument[1:] or 0))
        elif action == "halt" and name in {"", ALL}:
            self._halt_any(screen, name, sure=bool(sure))
        else:
            broadcast = self._reachable(screen, name.partition(".")[0], action)
            self._about(screen, action, broadcast, name, sure)

    def _about(self, screen: Screen, action: str, broadcast: Broadcast, name: str, sure: str) -> None:
        """Show an order that is within reach, or do what a button says about it."""
        if action == "progress":
            self._panels.show(screen.speech, screen.person, broadcast, screen.place)
        elif action == "order_who":
            self._who(screen, broadcast, int(name.partition(".")[2] or 0))
        elif action == "order_nudge":
            self._nudge(screen, broadcast, sure=bool(sure))
        elif action == "order_end":
            self._end(screen, broadcast, sure=bool(sure))
        else:
            self._halt(screen, broadcast, sure)

    def _placed(self, screen: Screen, incoming: Incoming) -> Screen:
        """A panel's own buttons change the panel, however much was said after it."""
        speech = screen.speech
        if incoming.kind is not Kind.PRESS or screen.place is not None:
            return screen
        row = screen.unit.outbox.row_of(speech.messenger, speech.chat, incoming.order)
        if self._panels.stands_at(screen.unit, screen.person, row):
            return Screen(speech, screen.person, row)
        return screen

    def _show(self, screen: Screen, text: str, keyboard: Keyboard) -> None:
        """Show a screen; where a panel stood, it stands no more."""
        if screen.place is None:
            screen.speech.send(text, keyboard, protect=True)
        else:
            self._panels.leave(screen.unit, screen.person, screen.place)
            screen.show(text, keyboard)

    def _reachable(self, screen: Screen, written: str, action: str) -> Broadcast:
        unit = screen.unit
        broadcast = unit.broadcasts.get(UUID(written) if len(written) == HEX else full(written))
        if broadcast is not None and may_reach(unit, screen.person, broadcast.cohort_id):
            return broadcast
        raise NotAllowed(action)

    # The list.

    def _list(self, screen: Screen, page: int) -> None:
        """List the orders of her groups, the newest first."""
        unit = screen.unit
        found = unit.following.page([each.id for each in cohorts_of(unit, screen.person)], SHOWN + 1, page * SHOWN)
        if not found:
            ask = screen.speech.button("button.ask", "ask")
            self._show(screen, screen.words("progress.none"), rows(ask, screen.menu()))
            return
        buttons = [
            screen.labelled(self._label(screen, broadcast), "progress", brief(broadcast.id))
            for broadcast in map(unit.broadcasts.get, found[:SHOWN])
            if broadcast
        ]
        pager = Pager(page, page > 0, len(found) > SHOWN)
        turns = pager.turns(lambda code, number: screen.button(code, "progress", f".{number}"))
        keyboard = rows(*buttons) + turns + rows(screen.menu())
        self._show(screen, screen.words("progress.which"), keyboard)

    def _label(self, screen: Screen, broadcast: Broadcast) -> str:
        """Name an order on a button, and say whether it is closed or yet to come."""
        title = self._panels.title(screen.speech, broadcast, LABEL)
        if broadcast.closed_at is not None:
            return f"{title} · {screen.words('progress.label.closed')}"
        if broadcast.cancelled_at is None and broadcast.due_at > screen.unit.now:
            return f"{title} · {screen.words('progress.label.scheduled')}"
        return title

    # Who is missing.

    def _who(self, screen: Screen, broadcast: Broadcast, page: int) -> None:
        """List by nickname who has not finished, and why, as far as rows can tell."""
        unit, short = screen.unit, brief(broadcast.id)
        counts = unit.following.progress(broadcast.id)
        missing = counts.people - counts.finished
        if not missing:
            self._show(screen, screen.words("missing.nobody"), back(screen.speech, broadcast))
            return
        pages = -(-missing // PEOPLE_SHOWN)
        pager = Pager.of(missing, PEOPLE_SHOWN, page)
        found = unit.following.missing(broadcast.id, PEOPLE_SHOWN, pager.first)
        heading = screen.speech.texts.count("missing.heading", screen.speech.language, missing)
        if pages > 1:
            heading += " · " + screen.words("read.page", page=pager.page + 1, pages=pages)
        lines = [line for each in found if (line := self._lacking.line(screen.speech, broadcast, each))]
        turns = pager.turns(lambda code, number: screen.button(code, "order_who", f"{short}.{number}"))
        title = self._panels.title(screen.speech, broadcast)
        keyboard = turns + back(screen.speech, broadcast)
        self._show(screen, "\n".join((title, heading, "", *lines)), keyboard)

    # What can be done, once it was asked about.

    def _ask(self, screen: Screen, broadcast: Broadcast, lines: list[str], *buttons: Button) -> None:
        title = self._panels.title(screen.speech, broadcast)
        rather_not = screen.button("button.order_no", "progress", brief(broadcast.id))
        self._show(screen, "\n".join((title, *filter(None, lines))), rows(*buttons, rather_not))

    def _already(self, screen: Screen, broadcast: Broadcast, *verbs: str) -> bool:
        """Tell kindly that something was done before; the panel below says by whom and when."""
        if not any(getattr(broadcast, f"{verb}_at") for verb in verbs):
            return False
        code = "progress.already" if getattr(broadcast, f"{verbs[0]}_at") else "progress.closed_before"
        self._panels.show(screen.speech, screen.person, broadcast, screen.place, screen.words(code))
        return True

    def _done(self, screen: Screen, broadcast_id: UUID, lead: str) -> None:
        """Show the panel anew under what was just done, and bring everybody else's up to date."""
        broadcast = screen.unit.broadcasts.get(broadcast_id)
        assert broadcast is not None
        self._panels.renew(screen.unit, broadcast_id, but=screen.person.id)
        self._panels.show(screen.speech, screen.person, broadcast, screen.place, lead)

    def _count(self, screen: Screen, code: str, number: int) -> str:
        return screen.speech.texts.count(code, screen.speech.language, number) if number else ""

    def _nudge(self, screen: Screen, broadcast: Broadcast, *, sure: bool) -> None:
        """Ask whether to remind, saying how many; or do it, once."""
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
            yes = screen.button("button.order_nudge_yes", "order_nudge", brief(broadcast.id) + SURE)
            self._ask(screen, broadcast, lines, yes)
        else:
            reminded = remind(unit, broadcast.id, screen.person) or 0
            self._done(screen, broadcast.id, self._count(screen, "nudge.done", reminded))

    def _end(self, screen: Screen, broadcast: Broadcast, *, sure: bool) -> None:
        """Ask whether to close, saying whom nobody will wait for; or do it."""
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
            yes = screen.button("button.order_end_yes", "order_end", brief(broadcast.id) + SURE)
            self._ask(screen, broadcast, lines, yes)
            return
        close(screen.unit, broadcast.id, screen.person)
        self._done(screen, broadcast.id, screen.words("end.done"))

    def _halt(self, screen: Screen, broadcast: Broadcast, sure: str) -> None:
        """Ask whether to stop what was not sent yet, and what becomes of what was; or do it."""
        if self._already(screen, broadcast, "cancelled", "closed"):
            return
        counts, short = screen.unit.following.progress(broadcast.id), brief(broadcast.id)
        if not counts.queued:
            end = screen.button("button.order_end", "order_end", short)
            self._show(screen, screen.words("halt.all_sent"), rows(end) + back(screen.speech, broadcast))
        elif not sure:
            lines = [self._count(screen, "halt.ask", counts.queued), self._count(screen, "halt.sent", counts.sent)]
            if counts.sent:
                on = screen.button("button.order_halt_on", "halt", short + SURE)
                self._ask(
                    screen, broadcast, lines, on, screen.button("button.order_halt_end", "halt", short + CLOSE_TOO)
                )
            else:
                self._ask(screen, broadcast, lines, screen.button("button.order_halt_yes", "halt", short + CLOSE_TOO))
        else:
            cancel(screen.unit, broadcast.id, screen.person)
            if sure == CLOSE_TOO:
                close(screen.unit, broadcast.id, screen.person)
            self._done(screen, broadcast.id, self._count(screen, "halt.done", counts.queued))

    # Everything that is going out.

    def _halt_any(self, screen: Screen, name: str, *, sure: bool) -> None:
        """List what is going out or scheduled, to stop one of it or everything."""
        unit, person = screen.unit, screen.person
        going = unit.following.going_out([each.id for each in cohorts_of(unit, person)])
        people = sum(number for _, number in going)
        if not going:
            progress = screen.button("button.progress", "progress")
            self._show(screen, screen.words("halt.nothing"), rows(progress, screen.menu()))
        elif name == ALL and sure:
            self._halt_all(screen, [broadcast_id for broadcast_id, _ in going], people)
        elif name == ALL:
            yes = screen.button("button.halt_all_yes", "halt", ALL + SURE)
            text = "\n".join((self._count(screen, "halt.orders", len(going)), self._count(screen, "halt.ask", people)))
            self._show(screen, text, rows(yes, screen.button("button.order_no", "progress")))
        else:
            lines, buttons = [screen.words("halt.which")], []
            for broadcast_id, number in going[:SHOWN]:
                if (broadcast := unit.broadcasts.get(broadcast_id)) is not None:
                    title = self._panels.title(screen.speech, broadcast, LABEL)
                    lines.append(f"{title}: {self._count(screen, 'progress.queued', number)}")
                    buttons.append(screen.labelled(title, "halt", brief(broadcast_id)))
            if len(going) > SHOWN:
                lines.append(self._count(screen, "halt.more", len(going) - SHOWN))
            everything = [screen.button("button.halt_all", "halt", ALL)]
            self._show(screen, "\n".join(lines), rows(*buttons, *everything, screen.menu()))

    def _halt_all(self, screen: Screen, orders: list[UUID], people: int) -> None:
        """Stop all of it; what was sent to nobody is closed as well."""
        unit, by = screen.unit, screen.person
        for broadcast_id in orders:
            sent = unit.following.progress(broadcast_id).sent
            cancel(unit, broadcast_id, by)
            if not sent:
                close(unit, broadcast_id, by)
            self._panels.renew(unit, broadcast_id)
        progress = screen.button("button.progress", "progress")
        self._show(screen, self._count(screen, "halt.done", people), rows(progress, screen.menu()))
