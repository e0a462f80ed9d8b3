"""The list of unsent messages: refused, or with an unknown result; the team sends each again or leaves it.

The list says to whom, what kind of message and when, never its words.
"""

from typing import ClassVar, Final, Literal

from bot import clock
from bot.conversation.actions import Action, handles
from bot.conversation.screen import Pager, Screen
from bot.conversation.writer import ENDED, SILENT
from bot.export.export_worker import WORKSHOP
from bot.participant.arguments import FromTeam
from bot.product_languages import language_of
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.ids import id_from_short
from bot.rendering.speech import BROADCAST, NOTICE, PAGE, PANEL, Speech, rows
from bot.rendering.texts import shorten
from bot.services.permissions import ADMINS, FACILITATORS, allowed, may_see, reach
from bot.services.phones import watched
from bot.team.kit.feature import Feature
from bot.team.kit.page import TeamPage
from dialogs import languages
from storage.claims import REPEATED
from storage.outbox import FROM_TEAM
from storage.people import Person
from storage.unit import Unit
from storage.unsent import LEFT, RESENT, UnsentRow

SHOWN: Final = 4  # messages on a screen
NAME: Final = 18  # characters of a name
OPEN: Final = "o"
RESEND: Final = "r"
LEAVE: Final = "l"
LEAVE_SURE: Final = "y"
ALL: Final = "a"
ALL_SURE: Final = "z"
ON: Final = "p"
OVER: Final = "over"  # why a message is off the list: it is no longer needed
UNREACHED: Final = frozenset({"unreachable", "left", "declined"})
TO_THE_TEAM: Final = frozenset({NOTICE, PANEL, "file", "order", "picture"})


def waiting(unit: Unit, person: Person) -> int:
    """Return how many unsent messages a person of the team may decide about."""
    cohorts, everywhere = reach(unit, person)
    return unit.unsent.count(cohorts, everywhere=everywhere)


def kind_of(row: UnsentRow) -> str:
    """Return the code of what kind of message a row is."""
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


class UnsentListed(Argument):
    """What to do with the row of a number, with all rows up to a number, or which page to show."""

    layout: ClassVar[str] = "[{step}[{number}]]"
    step: Literal["", "o", "r", "l", "y", "a", "z", "p"] = ""
    number: int = 0


UNSENT = Action("unsent", FACILITATORS, (UnsentListed,), commands=("unsent",))


class UnsentScreens(Feature):
    """The list of unsent messages, and what the team decides about each."""

    @handles(UNSENT)
    def unsent(self, screen: Screen, argument: UnsentListed) -> None:
        """Show a page of the list; open, resend or leave one message; or leave all."""
        team_page = TeamPage(self._turns, screen)
        kind, number = argument.step, argument.number
        if kind == ALL:
            self._ask_all(team_page)
        elif kind == ALL_SURE:
            self._leave_all(team_page, number)
        elif kind not in {OPEN, RESEND, LEAVE, LEAVE_SURE}:
            self._list(team_page, number)
        elif (row := team_page.unit.unsent.get(number)) is None:
            self._tell(team_page, team_page.words("unsent.decided"))
        elif not self._may_decide(team_page, row):
            team_page.refuse(UNSENT.name)
        elif kind == RESEND:
            self._resend(team_page, row)
        elif kind == LEAVE_SURE:
            self._leave(team_page, row)
        else:
            self._open(team_page, row, sure=kind == LEAVE)

    def _may_decide(self, team_page: TeamPage, row: UnsentRow) -> bool:
        cohorts = team_page.unit.memberships.of(row.person_id) if row.person_id else ()
        return any(may_see(team_page.unit, team_page.person.id, each) for each in cohorts or (None,))

    # The screens.

    def _list(self, team_page: TeamPage, page: int) -> None:
        cohorts, everywhere = reach(team_page.unit, team_page.person)
        number = team_page.unit.unsent.count(cohorts, everywhere=everywhere)
        pager = Pager.of(number, SHOWN, page, joined=True)
        found = team_page.unit.unsent.page(
            cohorts, SHOWN if pager.after else SHOWN + 1, pager.first, everywhere=everywhere
        )
        if not found:
            team_page.show(
                "\n\n".join(filter(None, (team_page.lead, team_page.words("unsent.none")))), rows(team_page.menu())
            )
            return
        lines = [f"{place}. {self._line(team_page, each)}" for place, each in enumerate(found, pager.first + 1)]
        buttons = [
            team_page.labelled(f"{place} · {self._called(team_page, each)}", UNSENT, UnsentListed(OPEN, each.seq))
            for place, each in enumerate(found, pager.first + 1)
        ]
        turn = pager.turns(lambda code, place: team_page.button(code, UNSENT, UnsentListed(ON, place)))
        every = [team_page.button("button.unsent_all", UNSENT, UnsentListed(ALL))] if number > 1 else []
        keyboard = rows(*buttons) + turn + rows(*every, team_page.menu())
        team_page.show(
            "\n\n".join(filter(None, (team_page.lead, team_page.words("unsent.list"), "\n".join(lines)))), keyboard
        )

    def _open(self, team_page: TeamPage, row: UnsentRow, *, sure: bool) -> None:
        """Show one message and what can be done; or, with `sure`, ask before leaving it, which erases its words."""
        if sure:
            yes = team_page.button("button.unsent_leave_yes", UNSENT, UnsentListed(LEAVE_SURE, row.seq))
            no = team_page.button("button.unsent_no", UNSENT, UnsentListed(OPEN, row.seq))
            team_page.show(f"{self._line(team_page, row)}\n\n{team_page.words('unsent.leave.ask')}", rows(yes, no))
            return
        hindered = self._hindered(team_page, row)
        why = hindered or team_page.words("unsent.why.failed" if row.known else "unsent.why.unknown")
        again = [] if hindered else [team_page.button("button.unsent_resend", UNSENT, UnsentListed(RESEND, row.seq))]
        leave = team_page.button("button.unsent_leave", UNSENT, UnsentListed(LEAVE, row.seq))
        back = team_page.button("button.unsent_list", UNSENT)
        team_page.show(f"{self._line(team_page, row)}\n\n{why}", rows(*again, leave, back, team_page.menu()))

    def _line(self, team_page: TeamPage, row: UnsentRow) -> str:
        zone = self._turns.organisation.zone(team_page.unit, team_page.person)
        hour = team_page.speech.texts.hour(row.at, zone, team_page.speech.language)
        return team_page.words(
            "unsent.failed" if row.known else "unsent.unknown",
            what=team_page.words(f"unsent.kind.{kind_of(row)}"),
            name=self._called(team_page, row),
            when=team_page.words("unsent.when", day=team_page.day(row.at), hour=hour),
        )

    def _called(self, team_page: TeamPage, row: UnsentRow) -> str:
        return shorten(team_page.called(row.person_id) if row.person_id else team_page.words("unsent.somebody"), NAME)

    def _tell(self, team_page: TeamPage, text: str) -> None:
        """Show the rest of the list under a text that says what was done."""
        team_page.lead = text
        self._list(team_page, 0)

    # The decisions.

    def _hindered(self, team_page: TeamPage, row: UnsentRow) -> str:
        """Return the words that say why a message is not to be sent again; an empty string if it may be."""
        code = hindrance(team_page.unit, row)
        return team_page.words(f"unsent.{code}", name=self._called(team_page, row)) if code else ""

    def _resend(self, team_page: TeamPage, row: UnsentRow) -> None:
        if told := self._hindered(team_page, row):
            if hindrance(team_page.unit, row) in {"answered", OVER}:
                team_page.unit.unsent.decide(row, OVER)
                team_page.note("unsent.over", row.id)
            self._tell(team_page, told)
            return
        if not team_page.unit.unsent.decide(row, RESENT):
            self._tell(team_page, team_page.words("unsent.decided"))
            return
        team_page.note("unsent.resent", row.id)
        self._tell(team_page, team_page.words(again(team_page, row)))

    def _leave(self, team_page: TeamPage, row: UnsentRow) -> None:
        left = team_page.unit.unsent.decide(row, LEFT)
        if left:
            team_page.note("unsent.left", row.id)
        self._tell(team_page, team_page.words("unsent.left" if left else "unsent.decided"))

    def _ask_all(self, team_page: TeamPage) -> None:
        seqs = self._seqs(team_page)
        if not seqs:
            self._list(team_page, 0)
            return
        yes = team_page.button("button.unsent_leave_yes", UNSENT, UnsentListed(ALL_SURE, max(seqs)))
        text = team_page.speech.texts.count("unsent.all.ask", team_page.speech.language, len(seqs))
        team_page.show(text, rows(yes, team_page.button("button.unsent_no", UNSENT)))

    def _leave_all(self, team_page: TeamPage, upto: int) -> None:
        """Leave all messages that were listed when the question was asked; newer ones stay."""
        left = 0
        for row in map(team_page.unit.unsent.get, (seq for seq in self._seqs(team_page) if seq <= upto)):
            if row is not None and team_page.unit.unsent.decide(row, LEFT):
                team_page.note("unsent.left", row.id)
                left += 1
        self._tell(team_page, team_page.speech.texts.count("unsent.all.left", team_page.speech.language, left))

    def _seqs(self, team_page: TeamPage) -> list[int]:
        cohorts, everywhere = reach(team_page.unit, team_page.person)
        return team_page.unit.unsent.seqs(cohorts, everywhere=everywhere)


def hindrance(unit: Unit, row: UnsentRow) -> str:
    """Return the code of why a message is not to be sent again; an empty string if it may be."""
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
    """Return the same by the kind of message; what is for the team is not sent to anyone who has left it."""
    if kind in {"file", "order"} and not allowed(unit, person, ADMINS):
        return OVER
    if kind in TO_THE_TEAM and not unit.roles.of(person.id):
        return OVER
    if kind == PANEL and not any(each.outbox_seq == row.seq for each in unit.panels.of(person.id, "progress")):
        return OVER
    if kind == FROM_TEAM and unit.messages.get(id_from_short(str(row.body["what"]).partition(":")[2])) is None:
        return OVER
    if kind not in {FROM_TEAM, "question"} and kind not in TO_THE_TEAM and _watched(unit, person):
        return "watched"
    return ""


def _watched(unit: Unit, person: Person) -> bool:
    """Return whether others may see a person's phone; of the team, whether they said so: nobody asks them."""
    return watched(person) and (bool(person.preferences.get("phone")) or not unit.roles.of(person.id))


def again(team_page: TeamPage, row: UnsentRow) -> str:
    """Put a message into the outbox again, after all that waits there for the chat; return the code of what was done.

    If others see the person's phone, only a notice is sent: the message itself waits until they open it.
    """
    unit = team_page.unit
    person = unit.people.get(row.person_id) if row.person_id else None
    if person is not None and _watched(unit, person) and kind_of(row) in {FROM_TEAM, "question"}:
        _notice(team_page, person, row)
        return "unsent.resent.watched"
    body = dict(row.body)
    if not row.known:
        body["again"] = team_page.speech.texts.say("prompt.repeat", str(body.get("language") or languages.DEFAULT))
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


def _notice(team_page: TeamPage, person: Person, row: UnsentRow) -> None:
    """Send a notice that something waits, with a button that opens it."""
    speech = Speech(team_page.unit, team_page.speech.texts, person, row.messenger, row.chat, language_of(person))
    menu = speech.button("button.menu", targets.HOME)
    if kind_of(row) == FROM_TEAM:
        message = str(row.body["what"]).partition(":")[2]
        look = speech.button("button.told_open", targets.TEAM, FromTeam(id_from_short(message)))
        speech.send(speech.words("told.notice"), rows(look, menu), what=str(row.body["what"]))
    else:
        open_run = team_page.unit.runs.open(person)
        begun = open_run is not None and bool(open_run.state["position"])
        look = speech.button("button.resume" if begun else "button.told_open", targets.AGAIN)
        speech.say("leader.notice" if begun else "told.notice", rows(look, menu))
