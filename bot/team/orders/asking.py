"""Making a draft: which dialog, which cohort, what for. When is in `sending_time`, its confirmation in `ordering`."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any, ClassVar, Final, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.conversation.actions import ACTIVE, Action, Begin, MenuPlace, Next, handles
from bot.conversation.screen import LABEL, Pager, Screen
from bot.conversation.turns import Turns
from bot.messengers.port import Keyboard
from bot.participant import waiting
from bot.product_languages import language_of
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import rows
from bot.rendering.texts import shorten
from bot.services import learnt, own_dialogs, purposes
from bot.services.cohorts import open_cohorts_of
from bot.services.permissions import FACILITATORS, may_see
from bot.services.refusals import NotAllowed
from bot.team.kit.arguments import OfId
from bot.team.kit.feature import CompletedWizard, Feature
from bot.team.orders import drafts, left_open, nobody_yet, ordering
from bot.team.orders.drafts import Draft, OneDialog
from dialogs import languages, wording
from dialogs.fuzzy_match import folded
from dialogs.model import Value
from dialogs.recurrence import BadRule
from dialogs.run import Answer
from storage.cohorts import Cohort
from storage.people import Person
from storage.unit import Unit

PURPOSE, QUESTION = "ask_purpose", "ask_question"
DIALOGS_SHOWN: Final = 4  # on a page, so that a screen has at most eight rows
EXTRAS: Final = 3  # rows above the dialogs that fill the first page
COHORTS_SHOWN: Final = 5
PURPOSES_SHOWN: Final = 4
WHY: Final = 150  # characters of a purpose
WHYS: Final = 380  # characters of all that are shown, and of what was learnt


class DialogsPage(Argument):
    """A page of dialogs, or of cohorts."""

    layout: ClassVar[str] = "[p{page}]"
    page: int = 0


class OneGroup(Argument):
    """A cohort to ask."""

    layout: ClassVar[str] = "g{cohort}"
    cohort: UUID


class Purpose(Argument):
    """What for: show the earlier purposes, or write a new one."""

    layout: ClassVar[str] = "[{step}]"
    step: Literal["", "new"] = ""


ASK = Action(
    targets.ASK, FACILITATORS, (DialogsPage,), commands=("ask",), states=ACTIVE, offered=101, menu=MenuPlace("first", 4)
)
ASK_DIALOG = Action("ask_dialog", FACILITATORS, (OneDialog,))
ASK_OWN = Action("ask_own", FACILITATORS)
ASK_PROPOSED = Action(targets.ASK_PROPOSED, FACILITATORS, (OfId,))
ASK_GROUP = Action("ask_group", FACILITATORS, (DialogsPage, OneGroup))
ASK_WHY = Action(targets.ASK_WHY, FACILITATORS, (Purpose, OfId))
ASK_LEFT = Action("ask_left", FACILITATORS)


class Asking(Feature):
    """The screens and wizards that fill a draft."""

    wizards: ClassVar = {PURPOSE: ASK_WHY}

    def _cohorts(self, screen: Screen) -> bool:
        """Return whether there is a cohort to ask; say so if not."""
        if open_cohorts_of(screen.unit, screen.person):
            return True
        screen.show(screen.words("ask.no_cohort"), rows(screen.menu()))
        return False

    def _draft(self, screen: Screen) -> Draft | None:
        """Return the draft; without one that is unsent, show the dialogs to choose from and return None."""
        if not self._cohorts(screen):
            return None
        draft = drafts.read(screen.person)
        if draft is not None and draft.sent is None:
            return draft
        self._what(screen, 0)
        return None

    # Which dialog.

    @handles(ASK)
    def ask(self, screen: Screen, argument: DialogsPage) -> None:
        """Show the dialogs to choose from."""
        if self._cohorts(screen):
            self._what(screen, argument.page)

    @handles(ASK_DIALOG)
    def dialog(self, screen: Screen, argument: OneDialog) -> Next:
        """Begin a draft with the dialog that a button names."""
        if not self._cohorts(screen):
            return None
        dialog = drafts.dialog_named(self._turns, screen.unit, screen.person, argument.dialog)
        if dialog is not None:
            return self._to_whom(screen, Draft.new(dialog.name, begun=screen.unit.now))
        self._what(screen, 0)
        return None

    @handles(ASK_OWN)
    def own(self, screen: Screen) -> Next:
        """Begin a draft with an own question, which is still to be written, or was typed where one chooses."""
        new = Draft.new(drafts.OWN, own=True, said=screen.said, begun=screen.unit.now)
        return self._to_whom(screen, new) if self._cohorts(screen) else None

    @handles(ASK_PROPOSED)
    def proposed(self, screen: Screen, argument: OfId) -> Next:
        """Begin an own question with the words that somebody proposed; said aloud, they are still to be written.

        Raises:
            NotAllowed: the proposal is of a cohort this person does not read.
        """
        message = screen.unit.messages.get(argument.id)
        if message is None or message.meant is None or message.meant.kind != "proposed":
            screen.show(screen.words("mail.gone"), rows(screen.button("button.alerts", targets.MAIL), screen.menu()))
            return None
        if not may_see(screen.unit, screen.person.id, message.cohort_id):
            raise NotAllowed(ASK_PROPOSED.name)
        return self.own(replace(screen, said=message.body))

    @handles(ASK_LEFT)
    def left(self, screen: Screen) -> Next:
        """Go on with the draft that was left, where it was left."""
        draft = self._draft(screen)
        if draft is None:
            return None
        cohort = drafts.cohort_of(screen.unit, screen.person, draft)
        if cohort is None:
            return self._to_whom(screen, draft)
        if draft.card:
            ordering.confirm(self._turns, screen)
            return None
        wizard = left_open.wizard_of(self._turns, screen.unit, screen.person, draft)
        if wizard is None:
            return self._picked(screen, draft, cohort)
        if wizard.open:
            self._turns.ask_again(screen.unit, screen.person, wizard.row)
            return None
        return Begin(wizard.name, wizard.task, wizard.said)

    def _what(self, screen: Screen, page: int) -> None:
        """Show a draft that is ready, the last broadcast, an own question, and the dialogs to choose from."""
        found = drafts.offered(self._turns, screen.unit, own_dialogs.shelves(screen.unit, screen.person))
        page = Pager.of(len(found), DIALOGS_SHOWN, page).page
        buttons = []
        if page == 0:
            if self._left(screen):
                buttons.append(screen.button("button.ask_left", ASK_LEFT))
            if ordering.latest(screen.unit, screen.person) is not None:
                buttons.append(screen.button("button.ask_last", ordering.ASK_LAST))
            buttons.append(screen.button("button.ask_own", ASK_OWN))
        # One dialog too many for the first page stands there, too, where nothing but an own question stands above.
        pager = Pager.of(len(found), DIALOGS_SHOWN, page, joined=0 < len(buttons) < EXTRAS)
        for dialog in pager.cut(found):
            title = shorten(wording.choose(dialog.title, screen.speech.language), LABEL)
            buttons.append(screen.labelled(title, ASK_DIALOG, OneDialog(drafts.short(dialog))))
        turns = [button for row in _turns(screen, ASK, pager) for button in row]
        screen.show(screen.words("ask.what"), (*rows(*buttons), (*turns, screen.menu())))
        waiting.ask(screen, ASK_OWN, for_others=False)

    def _left(self, screen: Screen) -> bool:
        """Return whether there is an unsent draft to go on with, instead of making it again."""
        draft = drafts.read(screen.person)
        if draft is None or draft.sent is not None:
            return False
        if draft.cohort is not None and drafts.cohort_of(screen.unit, screen.person, draft) is None:
            return False
        return draft.dialog == drafts.OWN or drafts.dialog_of(self._turns, screen.unit, draft) is not None

    # Which cohort.

    def _to_whom(self, screen: Screen, draft: Draft) -> Next:
        """Ask which cohort; with only one to choose, go on with it."""
        screen = replace(screen, person=drafts.save_draft(screen.unit, screen.person, draft))
        own = open_cohorts_of(screen.unit, screen.person)
        if len(own) == 1:
            return self._picked(screen, draft, own[0])
        self._groups(screen, own, 0)
        return None

    def _groups(self, screen: Screen, own_cohorts: list[Cohort], page: int) -> None:
        pager = Pager.of(len(own_cohorts), COHORTS_SHOWN, page, joined=True)
        buttons = []
        for cohort in pager.cut(own_cohorts):
            reached = len(screen.unit.memberships.active(cohort.id))
            name = shorten(cohort.name, LABEL)
            code = "ask.group" if reached else "ask.group.empty"
            told = (
                screen.speech.texts.count(code, screen.speech.language, reached, name=name)
                if reached
                else screen.words(code, name=name)
            )
            buttons.append(screen.labelled(told, ASK_GROUP, OneGroup(cohort.id)))
        turns = _turns(screen, ASK_GROUP, pager)
        back = screen.button("button.back", ASK)
        screen.show(screen.words("ask.whom"), rows(*buttons) + turns + rows(back, screen.menu()))
        waiting.ask(screen, ASK_GROUP, DialogsPage(pager.page), for_others=False)

    @handles(ASK_GROUP)
    def group(self, screen: Screen, argument: DialogsPage | OneGroup) -> Next:
        """Go on with a cohort, or show a page of cohorts."""
        draft = self._draft(screen)
        if draft is None:
            return None
        own = open_cohorts_of(screen.unit, screen.person)
        if isinstance(argument, DialogsPage) and (named := _named(own, screen.said)) is not None:
            return self._picked(screen, draft, named)
        if isinstance(argument, DialogsPage):
            lead = screen.words("ask.whom.unknown") if screen.said else ""
            self._groups(replace(screen, lead=lead), own, argument.page)
            return None
        picked = next((each for each in own if each.id == argument.cohort), None)
        if picked is None:
            raise NotAllowed(ASK.name)
        return self._picked(screen, draft, picked)

    def _picked(self, screen: Screen, draft: Draft, cohort: Cohort) -> Next:
        """Go on with a cohort; if it has no active members, say so."""
        if not screen.unit.memberships.active(cohort.id):
            drafts.change(screen.unit, screen.person, cohort=cohort.id)
            several = len(open_cohorts_of(screen.unit, screen.person)) > 1
            other = [screen.button("button.ask_other_group", ASK_GROUP, DialogsPage())] if several else []
            paper = screen.button("button.ask_paper", targets.ASK_PAPER)
            nobody_yet.show(screen, cohort, paper, *other)
            return None
        drafts.change(screen.unit, screen.person, cohort=cohort.id, said="")
        if draft.dialog == drafts.OWN:
            return Begin(QUESTION, {"cohort": cohort.id.hex}, draft.said)
        return purpose_screen(self._turns, screen, cohort)

    # What for.

    @handles(ASK_WHY)
    def why(self, screen: Screen, argument: Purpose | OfId) -> Next:
        """Take an earlier purpose, begin to write a new one, or show the earlier ones."""
        draft = self._draft(screen)
        if draft is None:
            return None
        cohort = drafts.cohort_of(screen.unit, screen.person, draft)
        if cohort is None:
            raise NotAllowed(ASK.name)
        if isinstance(argument, Purpose):
            if argument.step == "new":
                return Begin(PURPOSE, said=screen.said)
            return purpose_screen(self._turns, screen, cohort)
        card = earlier(screen, cohort).get(argument.id)
        if card is None:
            return purpose_screen(self._turns, screen, cohort)
        person = drafts.change(screen.unit, screen.person, card=card, purpose=argument.id)
        ordering.confirm(self._turns, replace(screen, person=person))
        return None

    # The wizards.

    def facts(self, unit: Unit, person: Person, given: Mapping[str, Answer]) -> dict[str, str]:  # noqa: ARG002  the draft has them
        """Return the name of the draft's cohort."""
        draft = drafts.read(person)
        cohort = drafts.cohort_of(unit, person, draft) if draft else None
        return {"cohort_label": cohort.name if cohort else ""}

    def finish(self, screen: Screen, done: CompletedWizard) -> Next:
        """Put the answers of the wizard into the draft, and show its confirmation."""
        unit, person = screen.unit, screen.person
        draft = drafts.read(person)
        cohort = drafts.cohort_of(unit, person, draft) if draft else None
        if draft is None or cohort is None or draft.sent is not None:
            screen.speech.say("ask.cancelled", rows(screen.speech.button("button.ask", ASK), screen.menu()))
            return None
        today = unit.now.astimezone(ZoneInfo(drafts.zone_of(self._turns, unit, cohort))).date()
        card = _card(done.values, today, person)
        person = drafts.change(unit, person, card=card, purpose=None)
        ordering.confirm(self._turns, Screen(screen.speech, person), _not_a_purpose(screen, str(card.get("why") or "")))
        return None


def purpose_screen(turns: Turns, screen: Screen, cohort: Cohort) -> Next:
    """Show what was learnt by asking this before, and the purposes of earlier broadcasts; without any, ask for one."""
    found = earlier(screen, cohort)
    recalled = _recalled(turns, screen, cohort)
    if not found:
        if recalled:
            screen.speech.send(recalled, protect=True)
        return Begin(PURPOSE)
    shown = list(found.items())[:PURPOSES_SHOWN]
    said = [str(purposes.words(screen.speech, card).get("why", "")) for _, card in shown]
    most = min(WHY, (WHYS - len(recalled)) // len(said))
    lines = [f"{place} · {shorten(why, most)}" for place, why in enumerate(said, 1)]
    buttons = [
        screen.labelled(shorten(f"{place} · {why}", LABEL), ASK_WHY, OfId(id_))
        for place, ((id_, _), why) in enumerate(zip(shown, said, strict=True), 1)
    ]
    text = "\n\n".join(filter(None, (recalled, screen.words("ask.why", cohort=cohort.name), *lines)))
    new = screen.button("button.ask_why_new", ASK_WHY, Purpose("new"))
    draft = drafts.read(screen.person)
    ready = draft is not None and draft.card
    back = screen.button("button.ask_back", ordering.ASK_ORDER) if ready else screen.button("button.back", ASK)
    screen.show(text, rows(*buttons, new, back, screen.menu()))
    waiting.ask(screen, ASK_WHY, Purpose("new"))
    return None


def _recalled(turns: Turns, screen: Screen, cohort: Cohort) -> str:
    """Return what was learnt by asking a cohort what the draft asks; '' where nothing is written."""
    draft = drafts.read(screen.person)
    dialog = drafts.dialog_of(turns, screen.unit, draft) if draft is not None else None
    if dialog is None:
        return ""
    found = learnt.before(screen.unit, cohort, dialog, None, partial(turns.dialog, screen.unit))
    return screen.words("learnt.before", words=found) if found else ""


def _not_a_purpose(screen: Screen, why: str) -> str:
    """Return a question where what was typed says how often, not what for; '' for any other purpose."""
    from dialogs import rhythms  # noqa: PLC0415  its tables are not needed before somebody has written a purpose

    try:
        found = rhythms.rhythm(why, screen.speech.language)
    except BadRule:
        found = None
    if found is None:
        return ""
    ways = {"repeat": screen.words("button.ask_repeat"), "reason": screen.words("button.ask_why")}
    return screen.words("ask.why.rhythm", said=why, **ways)


def _named(cohorts: list[Cohort], said: str) -> Cohort | None:
    """Return the cohort whose name was typed, or most of it; None if that may be several."""
    words = folded(said)
    found = [each for each in cohorts if words and folded(each.name) == words]
    found = found or [each for each in cohorts if words and words in folded(each.name)]
    return found[0] if len(found) == 1 else None


def earlier(screen: Screen, cohort: Cohort) -> dict[UUID, Mapping[str, Any]]:
    """Return the purposes of a cohort that still hold, by id, the most recently used first.

    Adding a language to a card makes another card with the same words; of these only the newest is returned.
    """
    today = screen.unit.now.date()
    found: dict[tuple[object, ...], tuple[UUID, Mapping[str, Any]]] = {}
    for broadcast in screen.unit.broadcasts.list([cohort.id]):
        card = broadcast.purpose
        if purposes.holds(card, today):
            said = (*(card.get(key) for key in purposes.WORDS), card.get("day"))
            found.setdefault(said, (broadcast.purpose_id, card))
    for schedule in screen.unit.schedules.list([cohort.id]):  # the purpose of one that has not been asked yet
        card = screen.unit.purposes.get(schedule.purpose_id)
        if purposes.holds(card, today):
            said = (*(card.get(key) for key in purposes.WORDS), card.get("day"))
            found.setdefault(said, (schedule.purpose_id, card))
    return dict(found.values())


def _card(values: Mapping[str, Value | None], today: date, person: Person) -> dict[str, object]:
    until = str(values.get("until") or "open")
    words = {key: wording.plain_value(values.get(key)).strip() for key in purposes.WORDS}
    card: dict[str, object] = {key: said for key, said in words.items() if said}
    card |= {"until": until, "language": languages.base(language_of(person))}
    if day := purposes.until_day(until, today):
        card["day"] = day
    return card


def _turns(screen: Screen, action: Action, pager: Pager) -> Keyboard:
    return pager.turns(lambda code, number: screen.button(code, action, DialogsPage(number)))
