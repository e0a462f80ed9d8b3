"""Reading answers: the new ones in turn, or by question, person or day. Every page read is recorded in the audit."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.conversation.actions import Action, MenuPlace, handles
from bot.conversation.screen import Pager, Screen, Turned
from bot.messengers.port import Button, Incoming, Keyboard
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import Speech, pairs, rows
from bot.rendering.texts import shorten
from bot.services import totals
from bot.services.permissions import FACILITATORS, allowed, cohorts_of, may_reach
from bot.services.refusals import NotAllowed
from bot.team.answers import circles
from bot.team.answers.evidence import laying
from bot.team.answers.quoting import asking
from bot.team.answers.totals import counted, said
from bot.team.home.today import answers_line
from bot.team.kit import answer_pages, opened_runs, page_expiry
from bot.team.kit.answer_pages import AnswerBlock, AnswerPage
from bot.team.kit.arguments import OfId
from bot.team.kit.feature import Feature
from bot.team.kit.reading_arguments import (
    READING,
    BroadcastAnswers,
    BroadcastList,
    BroadcastQuestions,
    DayAnswers,
    DayList,
    NextAnswers,
    PanelAnswers,
    PersonAnswers,
    PersonList,
    QuestionAnswers,
    ReadingClosed,
    ReadingWays,
    RunPart,
    TotalOf,
)
from bot.team.kit.reading_queries import ReadingQueries, initial, sorted_names
from bot.team.messages.mail import MAIL_WRITE
from bot.team.orders.asking import ASK
from bot.team.orders.following import PROGRESS
from bot.team.orders.panel import OfOrder
from dialogs import wording
from dialogs.model import Media, Step
from storage.broadcasts import Broadcast
from storage.people import Person
from storage.readings import Unread
from storage.runs import RunRow
from storage.unit import Unit

BOOKMARK = "bookmark"  # among the reader's preferences: the run and page to go on with
SHOWN = 5  # broadcasts, questions or days on a page of a list
BLOCK = 5  # answers to one question that are opened together
NAMES_SHOWN = 10
LETTERS_A_ROW = 5
LAST = 999  # a page number that stands for the last page
LABEL = 44  # characters of a question on a button
ASKED = 200  # characters of a question above the answers to it


@dataclass(frozen=True, slots=True)
class ReadingSession:
    """Who reads, and the chat in which the pages are shown."""

    speech: Speech
    person: Person
    incoming: Incoming | None

    @property
    def unit(self) -> Unit:
        """The open transaction."""
        return self.speech.unit

    def leads(self, code: str, argument: Argument, **facts: object) -> Button:
        """Return a button that leads to another page."""
        return self.speech.button(code, READ, argument, **facts)

    def leads_as(self, label: str, argument: Argument) -> Button:
        """Return such a button with a given label instead of a catalog code."""
        action = targets.TOTALS if isinstance(argument, TotalOf) else READ
        return Button(label, self.speech.buttons.plain(action, argument))


READ = Action(targets.READ, FACILITATORS, READING, commands=("read",), offered=103, menu=MenuPlace("first", 2))
PLAY = Action(targets.PLAY, FACILITATORS, (OfId,))


class ReadingScreens(Feature):
    """The screens for reading answers."""

    @handles(READ)
    def read(self, screen: Screen, argument: Argument) -> None:
        """Show the page that a button or a command asks for."""
        session = ReadingSession(screen.speech, screen.person, screen.incoming)
        match argument:
            case ReadingClosed():
                self._close(session)
            case NextAnswers() | RunPart():
                self._next(session, argument)
            case BroadcastList(page):
                self._broadcasts(session, page or 0)
            case BroadcastQuestions(broadcast_id, page):
                self._questions(session, broadcast_id, page or 0)
            case QuestionAnswers():
                self._question(session, argument)
            case BroadcastAnswers(broadcast_id, index, part) | PanelAnswers(broadcast_id, index, part):
                self._order(session, broadcast_id, index or 0, part or 0)
            case PersonList(letter, page):
                self._people(session, letter, page or 0)
            case PersonAnswers():
                self._person(session, argument)
            case DayList(page):
                self._days(session, page or 0)
            case DayAnswers():
                self._day(session, argument)
            case _:
                self._hub(session)

    def _show(self, session: ReadingSession, text: str, keyboard: Keyboard) -> None:
        page_expiry.show(self._turns, session.speech, session.person, session.incoming, text, keyboard)

    def _ends(self, session: ReadingSession) -> Keyboard:
        """Return the buttons to the other ways of reading and to close the page."""
        return ((session.leads("button.ways", ReadingWays()), session.leads("button.close", ReadingClosed())),)

    def _hub(self, session: ReadingSession) -> None:
        """Show how many answers wait, and the ways to read them."""
        shelves = self._shelves(session)
        waiting = shelves.waiting()
        told = [answers_line(session.speech, cohort.name, found) for cohort, found in waiting if found.runs]
        if not told and not shelves.anything():
            menu = session.speech.button("button.menu", targets.HOME)
            ask = (
                [session.speech.button("button.ask", ASK)]
                if allowed(session.unit, session.person, ASK.permission)
                else []
            )
            self._show(session, session.speech.words("read.nothing"), rows(*ask, menu))
            return
        lines = [f"· {line}" for line in told[:SHOWN]] or [session.speech.words("read.all_read")]
        if len(told) > SHOWN:
            lines.append("…")
        first = [session.leads("button.read_next", NextAnswers())] if told else []
        ways = [
            session.leads("button.by_question", BroadcastList()),
            session.leads("button.by_person", PersonList()),
            session.leads("button.by_day", DayList()),
        ]
        close = session.leads("button.close", ReadingClosed())
        self._show(session, "\n".join((session.speech.words("read.hub"), *lines)), rows(*first, *ways, close))

    def _close(self, session: ReadingSession) -> None:
        if not page_expiry.close(self._turns, session.speech, session.person):
            session.speech.say("read.closed", rows(session.speech.button("button.menu", targets.HOME)))

    # New answers in turn.

    def _next(self, session: ReadingSession, argument: NextAnswers | RunPart) -> None:
        """Show the page at the bookmark, else the next run, in the order of `ReadingQueries.next`."""
        run_id, person_id, part, onward = self._where(session, argument)
        opened = self._opened(session, run_id, person_id)
        if opened is None:
            self._keep(session, None)
            self._show(session, session.speech.words("read.all_read"), self._ends(session))
            return
        author, row, given = opened
        written = answer_pages.of_run(self._turns, session.speech, author, row)
        part = max(0, min(part, len(written) - 1))
        at_end = part == len(written) - 1
        self._keep(session, None if at_end else {"run": row.id.hex, "page": part + 1})
        self._record(session, row, part, given, written[part])
        left = sum(found.runs for _, found in self._shelves(session).waiting(seconds=False)) if at_end else 0
        number = session.speech.texts.number(left, session.speech.language)
        after = [session.leads("button.read_next_of", onward, left=number)] if left else []
        self._leaf(session, author, row, written, part, partial(RunPart, row.id), rows(*after))

    def _where(
        self, session: ReadingSession, argument: NextAnswers | RunPart
    ) -> tuple[UUID | None, UUID | None, int, NextAnswers]:
        """Return the run to read next, whose it is, which page of it, and the argument of the button that goes on."""
        shelves = self._shelves(session)
        if isinstance(argument, RunPart):
            return argument.run, shelves.person_of(argument.run), argument.part, NextAnswers()
        kept = session.person.preferences.get(BOOKMARK) or {}
        if kept and (person_id := shelves.person_of(UUID(kept["run"]))):
            return UUID(kept["run"]), person_id, int(kept["page"]), NextAnswers()
        # Searching thousands of runs for support is slow, so once it finds none it is not repeated in this walk.
        found, asked = shelves.next(look_for_support=not argument.searched)
        return (*(found or (None, None)), 0, NextAnswers(searched=not asked))

    def _keep(self, session: ReadingSession, bookmark: dict[str, object] | None) -> None:
        """Store the bookmark, or delete it with None."""
        if (session.person.preferences.get(BOOKMARK) or None) != bookmark:
            session.unit.people.prefer(session.person, **{BOOKMARK: bookmark})

    # Lists of runs: of a broadcast, a person or a day.

    def _order(self, session: ReadingSession, broadcast_id: UUID, index: int, part: int) -> None:
        """Show a broadcast's answers person by person."""
        broadcast = self._broadcast(session, broadcast_id)
        found = session.unit.readings.of_broadcast(broadcast.id)
        if found:
            self._walk(session, partial(BroadcastAnswers, broadcast.id), found, index, part)
            return
        if broadcast.on_paper:  # circles alone answered
            self._questions(session, broadcast.id, 0)
            return
        again = session.speech.button("button.progress", PROGRESS, OfOrder(broadcast.id))
        known = [again] if allowed(session.unit, session.person, PROGRESS.permission) else []
        self._show(session, session.speech.words("read.no_answers"), rows(*known) + self._ends(session))

    def _person(self, session: ReadingSession, argument: PersonAnswers) -> None:
        """Show one person's answers, the newest first, only from cohorts that the reader may read.

        Raises:
            NotAllowed: there are none.
        """
        author = session.unit.people.get(argument.person)
        mine = {cohort.id for cohort in cohorts_of(session.unit, session.person)}
        rows_ = [row for row in session.unit.runs.answered(author) if row.cohort_id in mine] if author else []
        if not rows_:
            raise NotAllowed(READ.name)
        found = [Unread(row.id, row.person_id, row.active_at) for row in rows_]
        self._walk(session, partial(PersonAnswers, argument.person), found, argument.index or 0, argument.part or 0)

    def _day(self, session: ReadingSession, argument: DayAnswers) -> None:
        """Show what was answered on one day."""
        zone = ZoneInfo(answer_pages.zone(self._turns, session.speech))
        found = self._shelves(session).on(argument.day, zone)
        if found:
            self._walk(session, partial(DayAnswers, argument.day), found, argument.index or 0, argument.part or 0)
        else:
            self._days(session, 0)

    def _walk(
        self, session: ReadingSession, turned: Callable[..., Argument], found: Sequence[Unread], index: int, part: int
    ) -> None:
        """Show one run of a list, with buttons to the previous and the next one.

        `turned` makes the argument of a button from its index in the list, and a part of the run's answers.
        """
        pager = Pager.of(len(found), 1, index)
        index = pager.page
        opened = self._opened(session, found[index].run_id, found[index].person_id)
        if opened is None:
            raise NotAllowed(READ.name)
        author, row, given = opened
        written = answer_pages.of_run(self._turns, session.speech, author, row)
        part = max(0, min(part, len(written) - 1))
        self._record(session, row, part, given, written[part])
        turns = pager.turns(lambda code, number: session.leads(code, turned(number)))
        place = session.speech.words("read.page", page=index + 1, pages=len(found)) if len(found) > 1 else ""
        self._leaf(session, author, row, written, part, partial(turned, index), turns, place)

    def _leaf(
        self,
        session: ReadingSession,
        author: Person,
        row: RunRow,
        written: Sequence[AnswerPage],
        part: int,
        turned: Turned,
        onward: Keyboard,
        place: str = "",
    ) -> None:
        """Show one page of a run."""
        head = answer_pages.heading(self._turns, session.speech, session.speech.called(author), row)
        head = "\n".join(filter(None, (head, answer_pages.marked(session.speech, row), place)))
        pager = Pager.of(len(written), 1, part)
        turning = pager.turns(
            lambda code, number: session.leads(code, turned(number)), "button.text_before", "button.text_next"
        )
        further = (*self._writing(session, author), *laying(session.speech, row), *asking(session.speech, row))
        self._page(session, head, written[part], turning + onward + rows(*further))

    def _writing(self, session: ReadingSession, author: Person) -> list[Button]:
        """Return the button to write to the person who answered, or nothing if the reader may not."""
        if not allowed(session.unit, session.person, MAIL_WRITE.permission):
            return []
        if not any(may_reach(session.unit, session.person, each) for each in session.unit.memberships.of(author.id)):
            return []
        return [session.speech.button("button.write_to", MAIL_WRITE, OfId(author.id))]

    def _page(self, session: ReadingSession, head: str, leaf: AnswerPage, onward: Keyboard) -> None:
        keyboard = pairs(answer_pages.plays(session.speech, leaf)) + onward + self._ends(session)
        self._show(session, f"{head}\n\n{leaf.text}", keyboard)

    # By question.

    def _broadcasts(self, session: ReadingSession, page: int) -> None:
        """Show a list of broadcasts."""
        cohorts = {cohort.id: cohort.name for cohort in cohorts_of(session.unit, session.person)}
        found = session.unit.broadcasts.list(list(cohorts)) if cohorts else []
        orders = [each for each in found if not each.shares_back]
        listed = [(self._title(session, each, cohorts[each.cohort_id]), BroadcastQuestions(each.id)) for each in orders]
        self._listed(session, "read.which", listed, page, BroadcastList, ReadingWays())

    def _questions(self, session: ReadingSession, broadcast_id: UUID, page: int) -> None:
        """Show a list of a broadcast's questions."""
        broadcast = self._broadcast(session, broadcast_id)
        listed: list[tuple[str, Argument]] = [
            (shorten(wording.choose(step.label, session.speech.language), LABEL), self._opens(broadcast, step, number))
            for number, step in enumerate(self._asked(session, broadcast))
        ]
        if not broadcast.on_paper or session.unit.readings.any_of(broadcast.id):
            listed.append((session.speech.words("button.all_questions"), BroadcastAnswers(broadcast.id)))
        turned = partial(BroadcastQuestions, broadcast.id)
        self._listed(session, "read.which_question", listed, page, turned, BroadcastList())

    def _opens(self, broadcast: Broadcast, step: Step, number: int) -> Argument:
        """Return what a question's button opens: its totals first where its answers can be counted."""
        return TotalOf(broadcast.id, number) if totals.closed(step) else QuestionAnswers(broadcast.id, number)

    def _question(self, session: ReadingSession, argument: QuestionAnswers) -> None:
        """Show everybody's answers to one question, a few at a time."""
        broadcast = self._broadcast(session, argument.broadcast)
        steps = self._asked(session, broadcast)
        step = steps[min(argument.question, len(steps) - 1)]
        found = session.unit.readings.of_broadcast(broadcast.id, step.name)
        if not found:
            text, onward = circles.alone(session.speech, broadcast, step, argument.question)
            self._show(session, text, onward + self._ends(session))
            return
        blocks = Pager.of(len(found), BLOCK, argument.block or 0)
        block, listed = blocks.page, blocks.cut(found)
        opened = [run for each in listed if (run := self._opened(session, each.run_id, each.person_id))]
        written = answer_pages.packed(self._short_block(session, step, listed))
        part = max(0, min(argument.part or 0, len(written) - 1))
        for _, row, given in opened:
            if row.id in written[part].runs:
                self._record(session, row, part, given, written[part])
        last = len(written) - 1

        def turn(code: str, part: int) -> Button:
            """Return a button to a page of this block of answers, or to the block before or after."""
            place = (block - 1, LAST) if part < 0 else (block + 1, None) if part > last else (block, part)
            return session.leads(code, QuestionAnswers(broadcast.id, argument.question, *place))

        turns = Pager(part, blocks.before or part > 0, blocks.after or part < last).turns(turn)
        asked = shorten(wording.choose(step.label, session.speech.language), ASKED)
        whole: list[Button] = []
        if block == part == 0:
            if not totals.closed(step):
                total = counted(self._turns, session.unit, broadcast)[steps.index(step)]
                asked = "\n".join((asked, *said(session.speech, total)))
            asked, whole = circles.below(session.speech, broadcast, step, argument.question, asked)
        back = rows(*whole, session.leads("button.other_question", BroadcastQuestions(broadcast.id)))
        self._page(session, asked, written[part], turns + back)

    def _short_block(self, session: ReadingSession, step: Step, found: Sequence[Unread]) -> list[AnswerBlock]:
        pieces = []
        for each in found:
            author = session.unit.people.known(each.person_id)
            row = session.unit.runs.read(each.run_id, author)
            piece = answer_pages.to_question(self._turns, session.speech, author, row, step) if row else None
            if piece is not None:
                pieces.append(piece)
        return pieces

    def _asked(self, session: ReadingSession, broadcast: Broadcast) -> Sequence[Step]:
        return self._turns.dialog(session.unit, broadcast.dialog_hash).questions

    def _title(self, session: ReadingSession, broadcast: Broadcast, cohort: str) -> str:
        dialog = self._turns.dialog(session.unit, broadcast.dialog_hash)
        day = session.speech.texts.short_day(
            broadcast.due_at, answer_pages.zone(self._turns, session.speech), session.speech.language
        )
        title = shorten(answer_pages.title(dialog, session.speech), LABEL)
        return f"{title} · {shorten(cohort, LABEL)} · {day}"

    # By person and by day.

    def _people(self, session: ReadingSession, letter: str, page: int) -> None:
        """Show the people who answered, by nickname; if there are many, the first letters to choose from."""
        names = sorted_names(self._shelves(session).names(session.speech.unnamed))
        if not letter and len(names) > NAMES_SHOWN:
            letters = list(dict.fromkeys(initial(name) for _, name in names))
            buttons = [session.leads_as(each, PersonList(each)) for each in letters]
            grid = tuple(
                tuple(buttons[start : start + LETTERS_A_ROW]) for start in range(0, len(buttons), LETTERS_A_ROW)
            )
            self._show(session, session.speech.words("read.which_letter"), grid + self._ends(session))
            return
        listed = [(name, PersonAnswers(id_)) for id_, name in names if not letter or initial(name) == letter]
        back = PersonList() if letter else ReadingWays()
        self._listed(session, "read.which_person", listed, page, partial(PersonList, letter), back, NAMES_SHOWN)

    def _days(self, session: ReadingSession, page: int) -> None:
        """Show the days with answers, the newest first."""
        texts, language = session.speech.texts, session.speech.language
        listed = [
            (texts.count("read.day", language, number, day=texts.date(day, language)), DayAnswers(day))
            for day, number in self._shelves(session).days(ZoneInfo(answer_pages.zone(self._turns, session.speech)))
        ]
        self._listed(session, "read.which_day", listed, page, DayList, ReadingWays())

    def _listed(
        self,
        session: ReadingSession,
        code: str,
        listed: Sequence[tuple[str, Argument]],
        page: int,
        turned: Turned,
        back: Argument,
        most: int = SHOWN,
    ) -> None:
        """Show one page of a list of (label, argument of its button)."""
        pager = Pager.of(len(listed), most, page, joined=True)
        buttons = [session.leads_as(label, argument) for label, argument in pager.cut(listed)]
        keyboard = pairs(buttons) if most > SHOWN else rows(*buttons)
        keyboard += pager.turns(lambda code, number: session.leads(code, turned(number)))
        ends = ((session.leads("button.return", back), session.leads("button.close", ReadingClosed())),)
        self._show(session, session.speech.words(code if listed else "read.nothing"), keyboard + ends)

    # What may be opened, and the record of reading it.

    def _shelves(self, session: ReadingSession) -> ReadingQueries:
        return ReadingQueries(session.unit, session.person)

    def _opened(
        self, session: ReadingSession, run_id: UUID | None, person_id: UUID | None
    ) -> tuple[Person, RunRow, Mapping[str, int]] | None:
        """Return a run with its person and its answers' numbers; None if it has none or the reader may not read it."""
        return opened_runs.opened(session.unit, session.person, run_id, person_id)

    def _broadcast(self, session: ReadingSession, broadcast_id: UUID) -> Broadcast:
        broadcast = session.unit.broadcasts.get(broadcast_id)
        if broadcast is not None and may_reach(session.unit, session.person, broadcast.cohort_id):
            return broadcast
        raise NotAllowed(READ.name)

    def _record(
        self, session: ReadingSession, row: RunRow, part: int, numbers: Mapping[str, int], leaf: AnswerPage
    ) -> None:
        """Record that a page of a run was read, and which answers were shown to their end; the others still wait."""
        opened_runs.note_read(self._turns, session.unit, session.person, row, part, numbers, leaf)

    @handles(PLAY)
    def play(self, screen: Screen, argument: OfId) -> None:
        """Play a voice note or show a photo, if the reader may read its run."""
        session, media_id = ReadingSession(screen.speech, screen.person, screen.incoming), argument.id.hex
        item = session.unit.media.get(argument.id)
        if item is None or self._opened(session, item.run_id, item.person_id) is None:
            session.speech.say("staff.not_allowed", rows(session.speech.button("button.menu", targets.HOME)))
            return
        session.unit.audit.add(str(session.person.id), "answers.played", media_id, {})
        piece = Media("voice" if item.kind == "voice" else "photo", media_id, item.seconds)
        page_expiry.play(session.speech, session.person, piece)
