"""What could not be sent, and what nobody knows of whether it was: listed for the team, to be sent again or left.

It is told to whom, what kind of thing and when, never in which words.
"""

from typing import ClassVar, Final, Literal

from bot import clock
from bot.conversation.actions import Action, Place, handles
from bot.conversation.screen import Pager, Screen
from bot.conversation.writer import DISCREET_PHONES, ENDED, SILENT
from bot.export.worker import WORKSHOP
from bot.participant.arguments import FromTeam
from bot.product_languages import language_of
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.ids import full
from bot.rendering.speech import BROADCAST, NOTICE, PAGE, PANEL, Speech, rows
from bot.rendering.texts import shorten
from bot.services.permissions import ADMINS, FACILITATORS, allowed, may_see, reach
from bot.team.kit.feature import Part
from bot.team.kit.page import Desk
from dialogs import languages
from storage.outbox import FROM_TEAM, REPEATED
from storage.people import Person
from storage.unit import Unit
from storage.unsent import LEFT, RESENT, UnsentRow

SHOWN: Final = 4  # on a screen
NAME: Final = 18  # characters of a name
OPEN: Final = "o"
RESEND: Final = "r"
LEAVE: Final = "l"
LEAVE_SURE: Final = "y"
ALL: Final = "a"
ALL_SURE: Final = "z"
ON: Final = "p"
OVER: Final = "over"  # why something is off the list: there is no need of it any more
UNREACHED: Final = frozenset({"unreachable", "left", "declined"})
TO_THE_TEAM: Final = frozenset({NOTICE, PANEL, "file", "order", "picture"})


def waiting(unit: Unit, person: Person) -> int:
    """Count what somebody of the team may decide about."""
    cohorts, everywhere = reach(unit, person)
    return unit.unsent.count(cohorts, everywhere=everywhere)


def kind_of(row: UnsentRow) -> str:
    """Return what kind of thing a row says, as a code."""
    media, what = row.body.get("media") or {}, str(row.body.get("what") or "").partition(":")[0]
    if row.messenger == WORKSHOP:
        return "order"
    if what:
        return what
    if row.prompt is not None:
        return "question"
    if row.run_id is not None:
        return "run"
    if "parked" in media:
        return "file"
    if "drawn" in media:
        return "picture"
    if media:
        return "photo" if media.get("kind") == "photo" else "voice"
    return NOTICE if row.lane == BROADCAST else "reply"


class Row(Argument):
    """What is to be done with a row, by its number; with all up to a number; or which page is shown."""

    layout: ClassVar[str] = "[{step}[{number}]]"
    step: Literal["", "o", "r", "l", "y", "a", "z", "p"] = ""
    number: int = 0


UNSENT = Action("unsent", FACILITATORS, (Row,), commands=("unsent",), menu=Place("more", 2))


class NotSent(Part):
    """The list, and what is decided about each thing on it."""

    @handles(UNSENT)
    def unsent(self, screen: Screen, argument: Row) -> None:
        """List a page, or open, send again or leave one thing, by its number; or leave all."""
        desk = Desk(self._turns, screen)
        kind, number = argument.step, argument.number
        if kind == ALL:
            self._ask_all(desk)
        elif kind == ALL_SURE:
            self._leave_all(desk, number)
        elif kind not in {OPEN, RESEND, LEAVE, LEAVE_SURE}:
            self._list(desk, number)
        elif (row := desk.unit.unsent.get(number)) is None:
            self._tell(desk, desk.words("unsent.decided"))
        elif not self._hers(desk, row):
            desk.refuse(UNSENT.name)
        elif kind == RESEND:
            self._resend(desk, row)
        elif kind == LEAVE_SURE:
            self._leave(desk, row)
        else:
            self._open(desk, row, sure=kind == LEAVE)

    def _hers(self, desk: Desk, row: UnsentRow) -> bool:
        cohorts = desk.unit.memberships.of(row.person_id) if row.person_id else ()
        return any(may_see(desk.unit, desk.person.id, each) for each in cohorts or (None,))

    # What is shown.

    def _list(self, desk: Desk, page: int) -> None:
        cohorts, everywhere = reach(desk.unit, desk.person)
        number = desk.unit.unsent.count(cohorts, everywhere=everywhere)
        pager = Pager.of(number, SHOWN, page)
        found = desk.unit.unsent.page(cohorts, SHOWN, pager.first, everywhere=everywhere)
        if not found:
            desk.show("\n\n".join(filter(None, (desk.lead, desk.words("unsent.none")))), rows(desk.menu()))
            return
        lines = [f"{place}. {self._line(desk, each)}" for place, each in enumerate(found, pager.first + 1)]
        buttons = [
            desk.labelled(f"{place} · {self._called(desk, each)}", UNSENT, Row(OPEN, each.seq))
            for place, each in enumerate(found, pager.first + 1)
        ]
        turn = pager.turns(lambda code, place: desk.button(code, UNSENT, Row(ON, place)))
        every = [desk.button("button.unsent_all", UNSENT, Row(ALL))] if number > 1 else []
        keyboard = rows(*buttons) + turn + rows(*every, desk.menu())
        desk.show("\n\n".join(filter(None, (desk.lead, desk.words("unsent.list"), "\n".join(lines)))), keyboard)

    def _open(self, desk: Desk, row: UnsentRow, *, sure: bool) -> None:
        """Show one thing with what can be done; or ask whether to leave it, since its words go with that."""
        if sure:
            yes = desk.button("button.unsent_leave_yes", UNSENT, Row(LEAVE_SURE, row.seq))
            no = desk.button("button.unsent_no", UNSENT, Row(OPEN, row.seq))
            desk.show(f"{self._line(desk, row)}\n\n{desk.words('unsent.leave.ask')}", rows(yes, no))
            return
        hindered = self._hindered(desk, row)
        why = hindered or desk.words("unsent.why.failed" if row.known else "unsent.why.unknown")
        again = [] if hindered else [desk.button("button.unsent_resend", UNSENT, Row(RESEND, row.seq))]
        leave = desk.button("button.unsent_leave", UNSENT, Row(LEAVE, row.seq))
        back = desk.button("button.unsent_list", UNSENT)
        desk.show(f"{self._line(desk, row)}\n\n{why}", rows(*again, leave, back, desk.menu()))

    def _line(self, desk: Desk, row: UnsentRow) -> str:
        zone = self._turns.organisation.zone(desk.unit, desk.person)
        hour = desk.speech.texts.hour(row.at, zone, desk.speech.language)
        return desk.words(
            "unsent.failed" if row.known else "unsent.unknown",
            what=desk.words(f"unsent.kind.{kind_of(row)}"),
            name=self._called(desk, row),
            when=desk.words("unsent.when", day=desk.day(row.at), hour=hour),
        )

    def _called(self, desk: Desk, row: UnsentRow) -> str:
        return shorten(desk.called(row.person_id) if row.person_id else desk.words("unsent.somebody"), NAME)

    def _tell(self, desk: Desk, text: str) -> None:
        """Say what was done, above what is left."""
        desk.lead = text
        self._list(desk, 0)

    # What is decided.

    def _hindered(self, desk: Desk, row: UnsentRow) -> str:
        """Say why something cannot be sent again, or need not be; an empty string where it can."""
        code = hindrance(desk.unit, row)
        return desk.words(f"unsent.{code}", name=self._called(desk, row)) if code else ""

    def _resend(self, desk: Desk, row: UnsentRow) -> None:
        if told := self._hindered(desk, row):
            if hindrance(desk.unit, row) in {"answered", OVER}:
                desk.unit.unsent.decide(row, OVER)
                desk.note("unsent.over", row.id)
            self._tell(desk, told)
            return
        if not desk.unit.unsent.decide(row, RESENT):
            self._tell(desk, desk.words("unsent.decided"))
            return
        desk.note("unsent.resent", row.id)
        self._tell(desk, desk.words(again(desk, row)))

    def _leave(self, desk: Desk, row: UnsentRow) -> None:
        left = desk.unit.unsent.decide(row, LEFT)
        if left:
            desk.note("unsent.left", row.id)
        self._tell(desk, desk.words("unsent.left" if left else "unsent.decided"))

    def _ask_all(self, desk: Desk) -> None:
        seqs = self._seqs(desk)
        if not seqs:
            self._list(desk, 0)
            return
        yes = desk.button("button.unsent_leave_yes", UNSENT, Row(ALL_SURE, max(seqs)))
        text = desk.speech.texts.count("unsent.all.ask", desk.speech.language, len(seqs))
        desk.show(text, rows(yes, desk.button("button.unsent_no", UNSENT)))

    def _leave_all(self, desk: Desk, upto: int) -> None:
        """Leave what there was when she was asked; what came since stays."""
        left = 0
        for row in map(desk.unit.unsent.get, (seq for seq in self._seqs(desk) if seq <= upto)):
            if row is not None and desk.unit.unsent.decide(row, LEFT):
                desk.note("unsent.left", row.id)
                left += 1
        self._tell(desk, desk.speech.texts.count("unsent.all.left", desk.speech.language, left))

    def _seqs(self, desk: Desk) -> list[int]:
        cohorts, everywhere = reach(desk.unit, desk.person)
        return desk.unit.unsent.seqs(cohorts, everywhere=everywhere)


def hindrance(unit: Unit, row: UnsentRow) -> str:
    """Return as a code why something is not to be sent again; an empty string where it may be."""
    if row.prompt is not None:
        if row.run_status == "completed" or (row.current_prompt or 0) > row.prompt:
            return "answered"
        if row.run_status is None or row.run_status in ENDED:
            return OVER
        if row.participation in SILENT:
            return "paused"
    if not row.body:
        return "damaged"
    kind = kind_of(row)
    if kind == PAGE:
        return PAGE
    person = unit.people.get(row.person_id) if row.person_id else None
    if row.person_id is None:
        return ""
    if person is None or row.participation in UNREACHED:
        return "unreached"
    if row.messenger != WORKSHOP and (row.messenger, row.chat) not in {at[1:] for at in unit.addresses.of(person)}:
        return "unreached"
    return _of_kind(unit, row, person, kind)


def _of_kind(unit: Unit, row: UnsentRow, person: Person, kind: str) -> str:
    """The same, by what it is: what is for the team goes to nobody who is of it no more."""
    if kind in {"file", "order"} and not allowed(unit, person, ADMINS):
        return OVER
    if kind in TO_THE_TEAM and not unit.roles.of(person.id):
        return OVER
    if kind == PANEL and not any(each.outbox_seq == row.seq for each in unit.panels.of(person.id, "progress")):
        return OVER
    if kind == FROM_TEAM and unit.messages.get(full(str(row.body["what"]).partition(":")[2])) is None:
        return OVER
    if kind not in {FROM_TEAM, "question"} and kind not in TO_THE_TEAM and _watched(person):
        return "watched"
    return ""


def _watched(person: Person) -> bool:
    return person.preferences.get("phone") in DISCREET_PHONES


def again(desk: Desk, row: UnsentRow) -> str:
    """Queue something once more, behind what her chat is still to be told; returns the code of what was done.

    On a phone that others see it is only told that something is there: what it is waits until she opens it.
    """
    unit = desk.unit
    person = unit.people.get(row.person_id) if row.person_id else None
    if person is not None and _watched(person) and kind_of(row) in {FROM_TEAM, "question"}:
        _notice(desk, person, row)
        return "unsent.resent.watched"
    body = dict(row.body)
    if not row.known:
        body["again"] = desk.speech.texts.say("prompt.repeat", str(body.get("language") or languages.DEFAULT))
    seq = unit.outbox.put(
        clock.new_id(),
        person,
        row.messenger,
        row.chat,
        "message",
        row.lane,
        body,
        run_id=row.run_id,
        prompt=row.prompt,
        repeatable=row.repeatable,
    )
    if not row.known:
        unit.outbox.repeat(seq, unit.now, REPEATED)
    if person is not None:
        unit.panels.moved(person.id, row.seq, seq)
    return "unsent.resent"


def _notice(desk: Desk, person: Person, row: UnsentRow) -> None:
    """Tell her that something is there, with the way to it."""
    speech = Speech(desk.unit, desk.speech.texts, person, row.messenger, row.chat, language_of(person))
    menu = speech.button("button.menu", targets.HOME)
    if kind_of(row) == FROM_TEAM:
        message = str(row.body["what"]).partition(":")[2]
        look = speech.button("button.told_open", targets.TEAM, FromTeam(full(message)))
        speech.send(speech.words("told.notice"), rows(look, menu), what=str(row.body["what"]))
    else:
        speech.say("hers.notice", rows(speech.button("button.resume", targets.AGAIN), menu))
