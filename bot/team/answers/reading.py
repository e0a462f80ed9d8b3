"""Reading: what is new, one after the other; or by question, by person, by day. Every page that is read is on record.

Where a button leads is written in its argument: a letter for the way of reading, what it is about, and numbers.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.conversation.actions import WORDS, Action, Place, handles
from bot.conversation.screen import Pager, Screen
from bot.messengers.port import Button, Incoming, Keyboard
from bot.rendering import targets
from bot.rendering.ids import brief, full
from bot.rendering.speech import Speech, pairs, rows
from bot.rendering.texts import shorten
from bot.services.permissions import FACILITATORS, allowed, cohorts_of, may_reach
from bot.services.refusals import NotAllowed
from bot.team.home.today import answers_line
from bot.team.kit import answer_pages, page_expiry
from bot.team.kit.answer_pages import Leaf, Piece
from bot.team.kit.arguments import OfId
from bot.team.kit.feature import Part
from bot.team.kit.reading_queries import Shelves, initial, sorted_names
from bot.team.messages.mail import MAIL_WRITE
from bot.team.orders.asking import ASK
from bot.team.orders.following import PROGRESS
from bot.team.orders.panel import OfOrder
from dialogs import wording
from dialogs.model import Media, Step
from storage.broadcasts import Broadcast
from storage.people import Person
from storage.readings import Unread, beside
from storage.runs import RunRow
from storage.unit import Unit

BOOKMARK = "bookmark"  # among the reader's preferences: the run and page at which she stopped
SHOWN = 5  # orders, questions or days of a page of a list
BLOCK = 5  # answers to one question that are opened together
NAMES_SHOWN = 10
LETTERS_A_ROW = 5
LAST = 999  # a page's number, where the last one is meant
LABEL = 44  # characters of a question on a button
ASKED = 200  # characters of a question above the answers to it
BROADCAST = 32  # characters of an order's id, as other parts write it


@dataclass(frozen=True, slots=True)
class Desk:
    """Who reads, and where what she reads is shown."""

    speech: Speech
    person: Person
    incoming: Incoming | None

    @property
    def unit(self) -> Unit:
        """The open transaction."""
        return self.speech.unit

    def leads(self, code: str, argument: str, **facts: object) -> Button:
        """Make a button that leads to another page."""
        return self.speech.button(code, READ, argument, **facts)

    def leads_as(self, label: str, argument: str) -> Button:
        """Make the same with a label that is nobody's code."""
        return Button(label, self.speech.buttons.plain(READ, argument))


READ = Action(targets.READ, FACILITATORS, WORDS, commands=("read",), offered=103, menu=Place("first", 1))
PLAY = Action(targets.PLAY, FACILITATORS, (OfId,))


class Reading(Part):
    """Answers, in the ways one may want to read them."""

    @handles(READ)
    def read(self, screen: Screen, argument: str) -> None:
        """Show the page that a button or a command asks for."""
        desk = Desk(screen.speech, screen.person, screen.incoming)
        head, *numbers = argument.split(".")
        if head == "close":
            self._close(desk)
        elif len(head) == BROADCAST:
            self._order(desk, f"b{brief(UUID(head))}", *_numbers(numbers, 2))
        else:
            ways: dict[str, Callable[[Desk, str, list[str]], None]] = {
                "n": self._next,
                "b": lambda desk, head, rest: self._order(desk, head, *_numbers(rest, 2)),
                "q": self._questions,
                "Q": self._question,
                "p": self._people,
                "P": self._person,
                "t": self._days,
                "T": self._day,
            }
            ways.get(head[:1], self._hub)(desk, head, numbers)

    def _show(self, desk: Desk, text: str, keyboard: Keyboard) -> None:
        page_expiry.show(self._turns, desk.speech, desk.person, desk.incoming, text, keyboard)

    def _ends(self, desk: Desk) -> Keyboard:
        """Return the way to the other ways of reading, and the way out."""
        return ((desk.leads("button.ways", "hub"), desk.leads("button.close", "close")),)

    def _hub(self, desk: Desk, head: str, numbers: list[str]) -> None:  # noqa: ARG002  the shape of every way
        """Show how much waits, and the ways to read."""
        shelves = self._shelves(desk)
        waiting = shelves.waiting()
        told = [answers_line(desk.speech, cohort.name, found) for cohort, found in waiting if found.runs]
        if not told and not shelves.anything():
            menu = desk.speech.button("button.menu", targets.HOME)
            ask = [desk.speech.button("button.ask", ASK)] if allowed(desk.unit, desk.person, ASK.permission) else []
            self._show(desk, desk.speech.words("read.nothing"), rows(*ask, menu))
            return
        lines = [f"· {line}" for line in told[:SHOWN]] or [desk.speech.words("read.all_read")]
        if len(told) > SHOWN:
            lines.append("…")
        first = [desk.leads("button.read_next", "n")] if told else []
        ways = [
            desk.leads("button.by_question", "q"),
            desk.leads("button.by_person", "p"),
            desk.leads("button.by_day", "t"),
        ]
        close = desk.leads("button.close", "close")
        self._show(desk, "\n".join((desk.speech.words("read.hub"), *lines)), rows(*first, *ways, close))

    def _close(self, desk: Desk) -> None:
        if not page_expiry.close(self._turns, desk.speech, desk.person):
            desk.speech.say("read.closed", rows(desk.speech.button("button.menu", targets.HOME)))

    # What is new, one after the other.

    def _next(self, desk: Desk, head: str, numbers: list[str]) -> None:
        """Go on where she stopped, else with what waits: support asked for first, then the longest waiting."""
        run_id, person_id, part, onward = self._where(desk, head, numbers)
        opened = self._opened(desk, run_id, person_id)
        if opened is None:
            self._keep(desk, None)
            self._show(desk, desk.speech.words("read.all_read"), self._ends(desk))
            return
        author, row, given = opened
        written = answer_pages.of_run(self._turns, desk.speech, author, row)
        part = max(0, min(part, len(written) - 1))
        at_end = part == len(written) - 1
        self._keep(desk, None if at_end else {"run": row.id.hex, "page": part + 1})
        self._record(desk, row, part, given, written[part])
        left = sum(found.runs for _, found in self._shelves(desk).waiting(seconds=False)) if at_end else 0
        number = desk.speech.texts.number(left, desk.speech.language)
        after = [desk.leads("button.read_next_of", onward, left=number)] if left else []
        self._leaf(desk, author, row, written, part, f"n{brief(row.id)}", rows(*after))

    def _where(self, desk: Desk, head: str, numbers: list[str]) -> tuple[UUID | None, UUID | None, int, str]:
        """Find what is read next: a run and whose it is, which page of it, and where one goes on after it."""
        shelves, number = self._shelves(desk), _numbers(numbers, 1)[0]
        if head != "n":
            run_id = full(head[1:])
            return run_id, shelves.owner(run_id), number, "n"
        kept = desk.person.preferences.get(BOOKMARK) or {}
        if kept and (person_id := shelves.owner(UUID(kept["run"]))):
            return UUID(kept["run"]), person_id, int(kept["page"]), "n"
        # Among thousands it takes a while to look for support, so that is done once for a walk through all of them.
        found, asked = shelves.next(look_for_support=not number)
        return (*(found or (None, None)), 0, "n" if asked else "n.1")

    def _keep(self, desk: Desk, bookmark: dict[str, object] | None) -> None:
        """Keep where she stops, should she stop here."""
        if (desk.person.preferences.get(BOOKMARK) or None) != bookmark:
            desk.unit.people.prefer(desk.person, **{BOOKMARK: bookmark})

    # Runs in an order of their own.

    def _order(self, desk: Desk, head: str, index: int, part: int) -> None:
        """Read an order's answers person by person."""
        broadcast = self._broadcast(desk, head)
        found = desk.unit.readings.of_broadcast(broadcast.id)
        if found:
            self._walk(desk, head, found, index, part)
            return
        again = desk.speech.button("button.progress", PROGRESS, OfOrder(broadcast.id))
        known = [again] if allowed(desk.unit, desk.person, PROGRESS.permission) else []
        self._show(desk, desk.speech.words("read.no_answers"), rows(*known) + self._ends(desk))

    def _person(self, desk: Desk, head: str, numbers: list[str]) -> None:
        """Read one person's answers, the newest first; only those given in cohorts the reader may read."""
        author = desk.unit.people.get(full(head[1:]))
        mine = {cohort.id for cohort in cohorts_of(desk.unit, desk.person)}
        rows_ = [row for row in desk.unit.runs.answered(author) if row.cohort_id in mine] if author else []
        if not rows_:
            raise NotAllowed(READ.name)
        self._walk(desk, head, [Unread(row.id, row.person_id, row.active_at) for row in rows_], *_numbers(numbers, 2))

    def _day(self, desk: Desk, head: str, numbers: list[str]) -> None:
        """Read what was answered on one day."""
        zone = ZoneInfo(answer_pages.zone(self._turns, desk.speech))
        found = self._shelves(desk).on(date.fromisoformat(head[1:]), zone)
        if found:
            self._walk(desk, head, found, *_numbers(numbers, 2))
        else:
            self._days(desk, "t", [])

    def _walk(self, desk: Desk, key: str, found: Sequence[Unread], index: int, part: int) -> None:
        """Show one run of a list, with the ways to the one before and the one after."""
        pager = Pager.of(len(found), 1, index)
        index = pager.page
        opened = self._opened(desk, found[index].run_id, found[index].person_id)
        if opened is None:
            raise NotAllowed(READ.name)
        author, row, given = opened
        written = answer_pages.of_run(self._turns, desk.speech, author, row)
        part = max(0, min(part, len(written) - 1))
        self._record(desk, row, part, given, written[part])
        turns = pager.turns(lambda code, number: desk.leads(code, f"{key}.{number}"))
        place = desk.speech.words("read.page", page=index + 1, pages=len(found)) if len(found) > 1 else ""
        self._leaf(desk, author, row, written, part, f"{key}.{index}", turns, place)

    def _leaf(
        self,
        desk: Desk,
        author: Person,
        row: RunRow,
        written: Sequence[Leaf],
        part: int,
        key: str,
        onward: Keyboard,
        place: str = "",
    ) -> None:
        """Show one page of a run."""
        head = answer_pages.heading(self._turns, desk.speech, author.display_name, row)
        head = "\n".join(filter(None, (head, place)))
        pager = Pager.of(len(written), 1, part)
        turning = pager.turns(
            lambda code, number: desk.leads(code, f"{key}.{number}"), "button.text_before", "button.text_next"
        )
        self._page(desk, head, written[part], turning + onward + rows(*self._writing(desk, author)))

    def _writing(self, desk: Desk, author: Person) -> list[Button]:
        """Return the way to write to whoever answered, where there is one."""
        if not allowed(desk.unit, desk.person, MAIL_WRITE.permission):
            return []
        if not any(may_reach(desk.unit, desk.person, each) for each in desk.unit.memberships.of(author.id)):
            return []
        return [desk.speech.button("button.write_to", MAIL_WRITE, OfId(author.id))]

    def _page(self, desk: Desk, head: str, leaf: Leaf, onward: Keyboard) -> None:
        keyboard = pairs(answer_pages.plays(desk.speech, leaf)) + onward + self._ends(desk)
        self._show(desk, f"{head}\n\n{leaf.text}", keyboard)

    # By question.

    def _questions(self, desk: Desk, head: str, numbers: list[str]) -> None:
        """List orders, or the questions of one."""
        page = _numbers(numbers, 1)[0]
        if len(head) > 1:
            broadcast = self._broadcast(desk, head)
            listed = [
                (shorten(wording.choose(step.label, desk.speech.language), LABEL), f"Q{head[1:]}.{number}")
                for number, step in enumerate(self._asked(desk, broadcast))
            ]
            listed.append((desk.speech.words("button.all_questions"), f"b{head[1:]}"))
            self._listed(desk, "read.which_question", listed, page, head, "q")
            return
        cohorts = {cohort.id: cohort.name for cohort in cohorts_of(desk.unit, desk.person)}
        orders = desk.unit.broadcasts.list(list(cohorts)) if cohorts else []
        listed = [(self._title(desk, each, cohorts[each.cohort_id]), f"q{brief(each.id)}") for each in orders]
        self._listed(desk, "read.which", listed, page, head, "hub")

    def _question(self, desk: Desk, head: str, numbers: list[str]) -> None:
        """Read everybody's answers to one question, a few at a time."""
        broadcast = self._broadcast(desk, head)
        number, block, part = _numbers(numbers, 3)
        steps = self._asked(desk, broadcast)
        step = steps[min(number, len(steps) - 1)]
        found = desk.unit.readings.of_broadcast(broadcast.id, step.name)
        if not found:
            self._show(desk, desk.speech.words("read.no_answers"), self._ends(desk))
            return
        blocks = Pager.of(len(found), BLOCK, block)
        block, listed = blocks.page, blocks.cut(found)
        opened = [run for each in listed if (run := self._opened(desk, each.run_id, each.person_id))]
        written = answer_pages.packed(self._block(desk, step, listed))
        part = max(0, min(part, len(written) - 1))
        for _, row, given in opened:
            if row.id in written[part].runs:
                self._record(desk, row, part, given, written[part])
        last = len(written) - 1

        def turn(code: str, part: int) -> Button:
            """Lead to a part of these answers, or to the ones before or after them."""
            place = f"{block - 1}.{LAST}" if part < 0 else f"{block + 1}" if part > last else f"{block}.{part}"
            return desk.leads(code, f"{head}.{number}.{place}")

        turns = Pager(part, blocks.before or part > 0, blocks.after or part < last).turns(turn)
        asked = shorten(wording.choose(step.label, desk.speech.language), ASKED)
        back = rows(desk.leads("button.other_question", f"q{head[1:]}"))
        self._page(desk, asked, written[part], turns + back)

    def _block(self, desk: Desk, step: Step, found: Sequence[Unread]) -> list[Piece]:
        pieces = []
        for each in found:
            author = desk.unit.people.known(each.person_id)
            row = desk.unit.runs.read(each.run_id, author)
            piece = answer_pages.to_question(self._turns, desk.speech, author, row, step) if row else None
            if piece is not None:
                pieces.append(piece)
        return pieces

    def _asked(self, desk: Desk, broadcast: Broadcast) -> Sequence[Step]:
        return self._turns.dialog(desk.unit, broadcast.dialog_hash).questions

    def _title(self, desk: Desk, broadcast: Broadcast, cohort: str) -> str:
        dialog = self._turns.dialog(desk.unit, broadcast.dialog_hash)
        day = desk.speech.texts.short_day(
            broadcast.due_at, answer_pages.zone(self._turns, desk.speech), desk.speech.language
        )
        title = shorten(answer_pages.title(dialog, desk.speech), LABEL)
        return f"{title} · {shorten(cohort, LABEL)} · {day}"

    # By person and by day.

    def _people(self, desk: Desk, head: str, numbers: list[str]) -> None:
        """List whoever has answered, by nickname; of many, by the first letter."""
        names = sorted_names(self._shelves(desk).names())
        letter = head[1:]
        if not letter and len(names) > NAMES_SHOWN:
            letters = list(dict.fromkeys(initial(name) for _, name in names))
            buttons = [desk.leads_as(each, f"p{each}") for each in letters]
            grid = tuple(
                tuple(buttons[start : start + LETTERS_A_ROW]) for start in range(0, len(buttons), LETTERS_A_ROW)
            )
            self._show(desk, desk.speech.words("read.which_letter"), grid + self._ends(desk))
            return
        listed = [(name, f"P{brief(id_)}") for id_, name in names if not letter or initial(name) == letter]
        self._listed(
            desk, "read.which_person", listed, _numbers(numbers, 1)[0], head, "p" if letter else "hub", NAMES_SHOWN
        )

    def _days(self, desk: Desk, head: str, numbers: list[str]) -> None:
        """List the days on which something was answered, the newest first."""
        texts, language = desk.speech.texts, desk.speech.language
        listed = [
            (texts.count("read.day", language, number, day=texts.date(day, language)), f"T{day:%Y%m%d}")
            for day, number in self._shelves(desk).days(ZoneInfo(answer_pages.zone(self._turns, desk.speech)))
        ]
        self._listed(desk, "read.which_day", listed, _numbers(numbers, 1)[0], head, "hub")

    def _listed(
        self,
        desk: Desk,
        code: str,
        listed: Sequence[tuple[str, str]],
        page: int,
        key: str,
        back: str,
        most: int = SHOWN,
    ) -> None:
        """Show one page of a list of labels and where they lead."""
        pager = Pager.of(len(listed), most, page)
        buttons = [desk.leads_as(label, argument) for label, argument in pager.cut(listed)]
        keyboard = pairs(buttons) if most > SHOWN else rows(*buttons)
        keyboard += pager.turns(lambda code, number: desk.leads(code, f"{key}.{number}"))
        ends = ((desk.leads("button.return", back), desk.leads("button.close", "close")),)
        self._show(desk, desk.speech.words(code if listed else "read.nothing"), keyboard + ends)

    # What may be opened, and the record of it.

    def _shelves(self, desk: Desk) -> Shelves:
        return Shelves(desk.unit, desk.person)

    def _opened(
        self, desk: Desk, run_id: UUID | None, person_id: UUID | None
    ) -> tuple[Person, RunRow, Mapping[str, int]] | None:
        """Open a run with an answer in it, if it is of a cohort that the reader may read; with its answers' numbers."""
        author = desk.unit.people.get(person_id) if person_id else None
        row = desk.unit.runs.read(run_id, author) if author and run_id else None
        if author is None or row is None or row.cohort_id is None or row.started_by == "staff":
            return None
        numbers = desk.unit.answers.numbers(row.id)
        numbers |= {beside(path): seq for path, seq in desk.unit.asides.numbers(row.id).items()}
        if not may_reach(desk.unit, desk.person, row.cohort_id) or not numbers:
            return None
        return author, row, numbers

    def _broadcast(self, desk: Desk, head: str) -> Broadcast:
        broadcast = desk.unit.broadcasts.get(full(head[1:]))
        if broadcast is not None and may_reach(desk.unit, desk.person, broadcast.cohort_id):
            return broadcast
        raise NotAllowed(READ.name)

    def _record(self, desk: Desk, row: RunRow, part: int, numbers: Mapping[str, int], leaf: Leaf) -> None:
        """Note that a page of a run was read, and which of its answers were shown; the others still wait."""
        desk.unit.audit.add(str(desk.person.id), "answers.read", str(row.id), {"page": part})
        whole = [step.name for step in self._turns.dialog(desk.unit, row.dialog_hash).questions]
        desk.unit.readings.add(desk.person.id, row.id, row.person_id, numbers, leaf.of(row.id), whole=whole)

    @handles(PLAY)
    def play(self, screen: Screen, argument: OfId) -> None:
        """Play a voice note or show a photo to someone who may read it."""
        desk, media_id = Desk(screen.speech, screen.person, screen.incoming), argument.id.hex
        item = desk.unit.media.get(argument.id)
        if item is None or self._opened(desk, item.run_id, item.person_id) is None:
            desk.speech.say("staff.not_allowed", rows(desk.speech.button("button.menu", targets.HOME)))
            return
        desk.unit.audit.add(str(desk.person.id), "answers.played", media_id, {})
        piece = Media("voice" if item.kind == "voice" else "photo", media_id, item.seconds)
        page_expiry.play(desk.speech, desk.person, piece)


def _numbers(written: Sequence[str], many: int) -> list[int]:
    """Read the numbers of an argument; those that are not there are 0."""
    found = [int(each) for each in written if each.isdecimal()][:many]
    return found + [0] * (many - len(found))
