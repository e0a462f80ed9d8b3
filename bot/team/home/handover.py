"""The handover on screen: who holds what, what is to be changed since somebody left; and the notice to who is alone."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import ClassVar, Final, Literal
from uuid import UUID

from bot.conversation.actions import Action, Begin, Next, handles
from bot.conversation.screen import Screen
from bot.conversation.turns import Turns
from bot.product_languages import language_of
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import BROADCAST, Speech, rows
from bot.rendering.texts import shorten
from bot.services import handover
from bot.services.handover import Holders
from bot.services.permissions import ADMINS_OF_ALL
from bot.team.kit.feature import CompletedWizard, Feature
from bot.team.kit.page import SCREEN_LENGTH
from bot.team.people.inviting import INVITE_TEAM
from dialogs.model import Choice, Value
from dialogs.run import Answer
from storage.people import Person
from storage.unit import Unit

WHO, DAY = "handover_who", "handover_day"
ITEM, ONWARD = "item", "onward"
NAMED: Final = 2  # names in a line
NAMES: Final = (40, 24, 16, 10)
"""How many letters of a name are shown: as many as the screen has room for."""
ALONE: Final = "alone_told"
"""Preference of an admin: when the notice to who is alone was last due."""
MONTHLY: Final = timedelta(days=30)
ALONE_TOLD: Final = "handover.alone"


class HandoverStep(Argument):
    """The handover; what lacks, one after the other (`fill`), or the things to choose one from (`edit`).

    `access`: a note that the ways into the server were changed. `who`: who holds what, while something is owed.
    """

    layout: ClassVar[str] = "[{step}]"
    step: Literal["", "access", "fill", "edit", "who"] = ""


class HandoverItem(Argument):
    """One thing, whose holder is to be written down anew, by its place in `handover.ITEMS`."""

    layout: ClassVar[str] = "i{place}"
    place: int


HANDOVER = Action(targets.HANDOVER, ADMINS_OF_ALL, (HandoverStep, HandoverItem), commands=("handover",))


class HandoverScreen(Feature):
    """The screen of the handover, and the wizards that fill it: names and a day, and nothing that is a secret."""

    wizards: ClassVar = {WHO: HANDOVER, DAY: HANDOVER}

    @handles(HANDOVER)
    def show(self, screen: Screen, argument: HandoverStep | HandoverItem) -> Next:
        """Show who holds what, and what is still to be changed since somebody left; or write it down."""
        if isinstance(argument, HandoverItem):
            return _begin(handover.ITEMS[argument.place]) if argument.place < len(handover.ITEMS) else None
        if argument.step == "fill":
            return self._next(screen, 0)
        if argument.step == "edit":
            buttons = [
                screen.button(f"handover.item.{item}", HANDOVER, HandoverItem(place))
                for place, item in enumerate(handover.ITEMS)
            ]
            screen.show(screen.words("handover.which"), rows(*buttons, screen.button("button.return", HANDOVER)))
            return None
        self._shown(screen, argument)
        return None

    def _next(self, screen: Screen, since: int) -> Next:
        """Begin with the next thing that nobody has written down; after the last, show how it stands."""
        lacking = handover.unfilled(screen.unit)
        following = next((item for item in handover.ITEMS[since:] if item in lacking), None)
        if following is None:
            self._shown(Screen(screen.speech, screen.person), HandoverStep())
            return None
        return _begin(following, onward=True)

    def facts(self, unit: Unit, person: Person, given: Mapping[str, Answer]) -> dict[str, str]:  # noqa: ARG002  no answer changes them
        """Return what is asked of the thing that is written down now."""
        item = str(self.task(person).get(ITEM) or handover.BOT)
        return {"handover_asks": self._turns.texts.say(f"cli.handover.q.{item}", language_of(person))}

    def choices(
        self, unit: Unit, person: Person, language: str, name: str, answers: Mapping[str, Value | None]
    ) -> Sequence[Choice]:
        """Return everybody on the team."""
        if name != "handover_team":
            return super().choices(unit, person, language, name, answers)
        return [Choice(str(each.id), {language: each.display_name}) for each in handover.team(unit)]

    def finish(self, screen: Screen, done: CompletedWizard) -> Next:
        """Keep what was said, if anything was; go on with what lacks, or show how it stands."""
        task, values = self.task(screen.person), done.values
        item = str(task.get(ITEM) or "")
        if item not in handover.ITEMS:
            return None
        if item == handover.PAID:
            if day := values.get("day"):
                handover.keep(screen.unit, screen.person, item, date.fromisoformat(str(day)))
        else:
            chosen, others = values.get("team"), " ".join(str(values.get("others") or "").split())
            people = tuple(UUID(str(each)) for each in chosen) if isinstance(chosen, tuple) else ()
            if people or others:
                handover.keep(screen.unit, screen.person, item, Holders(people, others))
        if task.get(ONWARD):
            return self._next(screen, handover.ITEMS.index(item) + 1)
        self._shown(Screen(screen.speech, screen.person), HandoverStep())
        return None

    def _shown(self, screen: Screen, argument: HandoverStep) -> None:
        unit = screen.unit
        if argument.step == handover.ACCESS:
            handover.settle(unit, screen.person, handover.ACCESS)
        left, due = handover.unfilled(unit), handover.owed(unit)
        # What is to be changed comes first and fills its screen; who holds what is then one tap further.
        shows_owed = bool(due) and argument.step != "who"
        if shows_owed:
            text = "\n".join((screen.words("handover.owed"), *owed_lines(screen.speech, due)))
        else:
            text = self._held(screen, left, whole=not due)
        fill: Literal["fill", "edit"] = "fill" if left else "edit"
        buttons = [
            screen.button(f"button.handover.{fill}", HANDOVER, HandoverStep(fill)),
            screen.button("button.handover.leaves", targets.ROLES),
        ]
        if fill == "fill" and len(left) < len(handover.ITEMS):
            buttons.insert(1, screen.button("button.handover.edit", HANDOVER, HandoverStep("edit")))
        if handover.ACCESS in due:
            buttons.insert(0, screen.button("button.handover.access", HANDOVER, HandoverStep("access")))
        if due:
            other = HandoverStep("who") if shows_owed else HandoverStep()
            buttons.append(screen.button("button.handover.who" if shows_owed else "button.return", HANDOVER, other))
        last = (screen.button("button.checklist", targets.CHECKLIST), screen.menu())
        screen.show(text, (*rows(*buttons), last))

    def _held(self, screen: Screen, left: Sequence[str], *, whole: bool) -> str:
        """Return who holds what, with names as long as the screen has room for."""
        below = []
        if whole and len(left) in {0, len(handover.ITEMS)}:  # said at the beginning and at the end
            below.append(screen.words("handover.how" if left else "handover.whole"))
        text = ""
        for length in NAMES:
            text = "\n".join((screen.words("handover"), *(f"· {each}" for each in self._lines(screen, length)), *below))
            if len(text) <= SCREEN_LENGTH:
                break
        return text

    def _lines(self, screen: Screen, length: int) -> list[str]:
        """Return a line for each thing, with who holds it, and one for who reads; names of so many letters."""
        unit, said = screen.unit, []
        for item in handover.ITEMS:
            if item == handover.PAID:
                day = handover.paid_until(unit)
                who = screen.speech.texts.long_date(day, screen.speech.language) if day else ""
            else:
                who = _named(screen, handover.names(unit, item), length)
            what = screen.words(f"handover.item.{item}")
            said.append(screen.words("handover.line", what=what, who=who or screen.words("handover.nobody")))
        read = [person.display_name for each in unit.roles.who_reads() if (person := unit.people.get(each))]
        said.append(
            screen.words("handover.line", what=screen.words("handover.readers"), who=_named(screen, read, length))
        )
        return said


def _named(screen: Screen, names: list[str], length: int) -> str:
    """Return names of so many letters at most, the first few of many."""
    shown = [shorten(name, length) for name in names[:NAMED]]
    if len(names) > NAMED:
        shown.append(screen.speech.texts.count("handover.others", screen.speech.language, len(names) - NAMED))
    return screen.speech.texts.all_of(shown, screen.speech.language)


def _begin(item: str, *, onward: bool = False) -> Begin:
    return Begin(DAY if item == handover.PAID else WHO, {ITEM: item, ONWARD: onward})


def owed_lines(speech: Speech, due: tuple[str, ...]) -> list[str]:
    """Return a line for each thing to be changed, with how."""
    return [f"☐ {speech.words(f'handover.owed.{what}')}" for what in due]


def remind(turns: Turns, unit: Unit, person: Person, allowed: datetime) -> tuple[datetime | None, bool]:
    """Tell an admin who is alone so, once a month; return when it is to be looked at again, and whether it was said.

    Args:
        turns: the conversation.
        unit: the transaction.
        person: anybody.
        allowed: the next moment within the person's hours.
    """
    if person.lost:
        return None, False  # nothing can be noted about whoever's key is damaged
    if not any(held.role == "admin" and held.cohort_id is None for held in unit.roles.of(person.id)):
        return None, False
    told = person.preferences.get(ALONE)
    due = datetime.fromisoformat(told) + MONTHLY if told else None
    if due is not None and due > unit.now:
        return due, False
    alone = due is not None and handover.is_alone(unit, person.id) and person.chat is not None
    if alone and allowed > unit.now:
        return allowed, False
    # The month counts from the first look on: whoever has just set everything up is not told at once.
    unit.people.prefer(person, **{ALONE: unit.now.isoformat()})
    if alone:
        unit.audit.add("tick", ALONE_TOLD, str(person.id), {})
        speech = turns.speech(unit, person, lane=BROADCAST)
        ways = (speech.button("button.handover", HANDOVER), speech.button("button.invite_team", INVITE_TEAM))
        missing = "handover.alone" if handover.unfilled(unit) else "handover.alone.written"
        speech.say(missing, rows(*ways, speech.button("button.menu", targets.HOME)))
    return unit.now + MONTHLY, alone
