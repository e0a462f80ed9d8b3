"""Making an order: what to ask, which group, what for, when. The last look and the order itself are in `ordering`."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.conversation.screen import LABEL, Pager, Screen, brief, full
from bot.messengers.port import Incoming, Keyboard
from bot.product_languages import language_of
from bot.rendering.speech import rows
from bot.rendering.texts import shorten
from bot.services import purposes
from bot.services.permissions import cohorts_of
from bot.services.refusals import NotAllowed
from bot.team.kit.feature import Finished, Part
from bot.team.orders import drafts, ordering
from bot.team.orders.drafts import Draft
from dialogs import languages, wording
from dialogs.model import Value
from dialogs.run import Answer
from storage.cohorts import Cohort
from storage.people import Person
from storage.unit import Unit

PURPOSE, WHEN, QUESTION = "ask_purpose", "ask_when", "ask_question"
DIALOGS_SHOWN: Final = 4  # a page, so that eight rows are enough
COHORTS_SHOWN: Final = 5
PURPOSES_SHOWN: Final = 4
MOMENTS_SHOWN: Final = 5
HOURS: Final = (9, 13, 18)  # offered as buttons
SOON: Final = timedelta(minutes=15)
A_DAY: Final = timedelta(days=1)
MINUTE: Final = 60


class Asking(Part):
    """The screens and wizards that lead to an order."""

    actions: ClassVar = frozenset({"ask", "ask_dialog", "ask_own", "ask_group", "ask_why", "ask_when"})
    wizards: ClassVar = frozenset({PURPOSE, WHEN})

    def do(self, screen: Screen, action: str, argument: str, incoming: Incoming) -> None:  # noqa: ARG002  a screen knows its place
        """Show the next screen of an order in the making, or say why there is nothing to ask yet."""
        if not cohorts_of(screen.unit, screen.person):
            screen.show(screen.words("ask.no_cohort"), rows(screen.menu()))
        elif action == "ask":
            self._what(screen, _page(argument))
        elif action == "ask_dialog":
            self._chosen(screen, argument)
        elif action == "ask_own":
            self._to_whom(screen, Draft.new(drafts.OWN, own=True))
        elif (draft := drafts.read(screen.person)) is None or draft.sent is not None:
            self._what(screen, 0)
        elif action == "ask_group":
            self._group(screen, draft, argument)
        elif action == "ask_why":
            self._why(screen, draft, argument)
        else:
            self._when(screen, draft, argument)

    # What.

    def _what(self, screen: Screen, page: int) -> None:
        """Offer the last order once more, a question of her own, and the dialogs there are."""
        found = list(self._turns.content.of(screen.unit).all())
        page = min(page, (len(found) - 1) // DIALOGS_SHOWN)
        buttons = []
        if page == 0:
            if self._left_ready(screen):
                buttons.append(screen.button("button.ask_left", "ask_order"))
            if ordering.latest(screen.unit, screen.person) is not None:
                buttons.append(screen.button("button.ask_last", "ask_last"))
            buttons.append(screen.button("button.ask_own", "ask_own"))
        for dialog in found[page * DIALOGS_SHOWN : (page + 1) * DIALOGS_SHOWN]:
            title = shorten(wording.choose(dialog.title, screen.speech.language), LABEL)
            buttons.append(screen.labelled(title, "ask_dialog", drafts.short(dialog)))
        turns = [button for row in _turns(screen, "ask", page, len(found), DIALOGS_SHOWN) for button in row]
        screen.show(screen.words("ask.what"), (*rows(*buttons), (*turns, screen.menu())))

    def _left_ready(self, screen: Screen) -> bool:
        """Tell whether she left an order that only had to be sent: it is a tap away, not to be made once more."""
        draft = drafts.read(screen.person)
        if draft is None or draft.sent is not None or not draft.card:
            return False
        return (
            drafts.cohort_of(screen.unit, screen.person, draft) is not None
            and drafts.dialog_of(self._turns, screen.unit, draft) is not None
        )

    def _chosen(self, screen: Screen, argument: str) -> None:
        """Go on with the dialog a button names."""
        dialog = drafts.named(self._turns, screen.unit, argument)
        if dialog is None:
            self._what(screen, 0)
        else:
            self._to_whom(screen, Draft.new(dialog.name))

    # Whom.

    def _to_whom(self, screen: Screen, draft: Draft) -> None:
        """Ask which group; whoever has one group is not asked."""
        screen = replace(screen, person=drafts.keep(screen.unit, screen.person, draft))
        hers = cohorts_of(screen.unit, screen.person)
        if len(hers) == 1:
            self._picked(screen, draft, hers[0])
        else:
            self._groups(screen, hers, 0)

    def _groups(self, screen: Screen, hers: list[Cohort], page: int) -> None:
        page = min(page, (len(hers) - 1) // COHORTS_SHOWN)
        buttons = []
        for cohort in hers[page * COHORTS_SHOWN : (page + 1) * COHORTS_SHOWN]:
            reached = len(screen.unit.memberships.active(cohort.id))
            name = shorten(cohort.name, LABEL)
            code = "ask.group" if reached else "ask.group.empty"
            told = (
                screen.speech.texts.count(code, screen.speech.language, reached, name=name)
                if reached
                else screen.words(code, name=name)
            )
            buttons.append(screen.labelled(told, "ask_group", f"g{brief(cohort.id)}"))
        turns = _turns(screen, "ask_group", page, len(hers), COHORTS_SHOWN)
        back = screen.button("button.back", "ask")
        screen.show(screen.words("ask.whom"), rows(*buttons) + turns + rows(back, screen.menu()))

    def _group(self, screen: Screen, draft: Draft, argument: str) -> None:
        hers = cohorts_of(screen.unit, screen.person)
        if not argument.startswith("g"):
            self._groups(screen, hers, _page(argument))
            return
        picked = next((each for each in hers if each.id == full(argument[1:])), None)
        if picked is None:
            raise NotAllowed("ask")
        self._picked(screen, draft, picked)

    def _picked(self, screen: Screen, draft: Draft, cohort: Cohort) -> None:
        """Go on with a group; one without anyone is said so."""
        if not screen.unit.memberships.active(cohort.id):
            several = len(cohorts_of(screen.unit, screen.person)) > 1
            other = [screen.button("button.ask_other_group", "ask_group", "p0")] if several else []
            screen.show(screen.words("order.nobody", cohort=cohort.name), rows(*other, screen.menu()))
            return
        person = drafts.change(screen.unit, screen.person, cohort=cohort.id)
        if draft.dialog == drafts.OWN:
            self.begin(screen.unit, person, QUESTION, {"cohort": cohort.id.hex})
        else:
            purpose_screen(self, screen, cohort)

    # What for.

    def _why(self, screen: Screen, draft: Draft, argument: str) -> None:
        """Take an earlier purpose, or begin to write a new one."""
        cohort = drafts.cohort_of(screen.unit, screen.person, draft)
        if cohort is None:
            raise NotAllowed("ask")
        if argument == "new":
            self.begin(screen.unit, screen.person, PURPOSE)
        elif not argument:
            purpose_screen(self, screen, cohort)
        else:
            card = earlier(screen, cohort).get(full(argument))
            if card is None:
                purpose_screen(self, screen, cohort)
                return
            person = drafts.change(screen.unit, screen.person, card=card, purpose=full(argument))
            ordering.confirm(self._turns, replace(screen, person=person))

    # When.

    def _when(self, screen: Screen, draft: Draft, argument: str) -> None:
        """Take a moment, begin to ask for one, or offer some."""
        cohort = drafts.cohort_of(screen.unit, screen.person, draft)
        if cohort is None:
            raise NotAllowed("ask")
        if argument == "other":
            self.begin(screen.unit, screen.person, WHEN)
            return
        zone = drafts.zone_of(self._turns, screen.unit, cohort)
        at = datetime.fromtimestamp(int(argument) * MINUTE, ZoneInfo("UTC")) if argument.isdigit() else None
        if argument == "now" or (at is not None and at > screen.unit.now):
            person = drafts.change(screen.unit, screen.person, at=at)
            ordering.confirm(self._turns, replace(screen, person=person))
            return
        self._moments(screen, zone)

    def _moments(self, screen: Screen, zone: str, code: str = "ask.when") -> None:
        now = screen.unit.now
        today = drafts.midnight(now, zone)
        moments = [
            moment
            for day in (today, today + A_DAY)
            for hour in HOURS
            if (moment := day.replace(hour=hour)) > now + SOON
        ]
        told = self._turns.organisation.moment
        offered = [
            screen.labelled(
                _capital(told(screen.speech, zone, moment)), "ask_when", str(int(moment.timestamp()) // MINUTE)
            )
            for moment in moments
        ]
        keyboard = (
            rows(screen.button("button.ask_now", "ask_when", "now"))
            + rows(*offered[:MOMENTS_SHOWN])
            + rows(
                screen.button("button.ask_moment", "ask_when", "other"), screen.button("button.ask_back", "ask_order")
            )
        )
        screen.show(screen.words(code), keyboard)

    # The wizards.

    def facts(self, unit: Unit, person: Person, given: Mapping[str, Answer]) -> dict[str, str]:  # noqa: ARG002  the draft says it
        """Say which group it is about."""
        draft = drafts.read(person)
        cohort = drafts.cohort_of(unit, person, draft) if draft else None
        return {"cohort_label": cohort.name if cohort else ""}

    def finish(self, screen: Screen, done: Finished) -> None:
        """Put what the wizard asked into the order in the making, and show its last look."""
        unit, person, values = screen.unit, screen.person, done.values
        draft = drafts.read(person)
        cohort = drafts.cohort_of(unit, person, draft) if draft else None
        if draft is None or cohort is None or draft.sent is not None:
            screen.speech.say("ask.cancelled", rows(screen.speech.button("button.ask", "ask"), screen.menu()))
            return
        zone = drafts.zone_of(self._turns, unit, cohort)
        if done.wizard == PURPOSE:
            today = unit.now.astimezone(ZoneInfo(zone)).date()
            person = drafts.change(unit, person, card=_card(values, today, person), purpose=None)
        else:
            day, hour = date.fromisoformat(str(values["day"])), time.fromisoformat(str(values["hour"]))
            at = datetime.combine(day, hour, ZoneInfo(zone))
            if at <= unit.now:
                self._moments(screen, zone, "ask.when.past")
                return
            person = drafts.change(unit, person, at=at.astimezone(ZoneInfo("UTC")))
        ordering.confirm(self._turns, Screen(screen.speech, person))


def purpose_screen(part: Part, screen: Screen, cohort: Cohort) -> None:
    """Offer the purposes this group was asked for before; where there are none, ask at once."""
    found = earlier(screen, cohort)
    if not found:
        unit = screen.unit
        part.begin(unit, unit.people.known(screen.person.id), PURPOSE)
        return
    shown = list(found.items())[:PURPOSES_SHOWN]
    said = [str(purposes.words(screen.speech, card).get("why", "")) for _, card in shown]
    lines = [f"{place} · {shorten(why, 150)}" for place, why in enumerate(said, 1)]
    buttons = [
        screen.labelled(shorten(f"{place} · {why}", LABEL), "ask_why", brief(id_))
        for place, ((id_, _), why) in enumerate(zip(shown, said, strict=True), 1)
    ]
    text = "\n\n".join((screen.words("ask.why", cohort=cohort.name), *lines))
    new = screen.button("button.ask_why_new", "ask_why", "new")
    draft = drafts.read(screen.person)
    ready = draft is not None and draft.card
    back = screen.button("button.ask_back", "ask_order") if ready else screen.button("button.back", "ask")
    screen.show(text, rows(*buttons, new, back, screen.menu()))


def earlier(screen: Screen, cohort: Cohort) -> dict[UUID, Mapping[str, Any]]:
    """Return the purposes of a cohort that still hold, by id, the most recently used first.

    One that was said in a further language meanwhile is a card of its own: of the two the newer one stands.
    """
    today = screen.unit.now.date()
    found: dict[tuple[object, ...], tuple[UUID, Mapping[str, Any]]] = {}
    for broadcast in screen.unit.broadcasts.list([cohort.id]):
        card = broadcast.purpose
        if purposes.holds(card, today):
            said = (*(card.get(key) for key in purposes.WORDS), card.get("day"))
            found.setdefault(said, (broadcast.purpose_id, card))
    return dict(found.values())


def _card(values: Mapping[str, Value | None], today: date, person: Person) -> dict[str, object]:
    until = str(values.get("until") or "open")
    words = {key: wording.plain(values.get(key)).strip() for key in purposes.WORDS}
    card: dict[str, object] = {key: said for key, said in words.items() if said}
    card |= {"until": until, "language": languages.base(language_of(person))}
    if day := purposes.until_day(until, today):
        card["day"] = day
    return card


def _page(argument: str) -> int:
    return int(argument[1:]) if argument[:1] == "p" and argument[1:].isdigit() else 0


def _turns(screen: Screen, action: str, page: int, items: int, shown: int) -> Keyboard:
    pager = Pager(page, page > 0, (page + 1) * shown < items)
    return pager.turns(lambda code, number: screen.button(code, action, f"p{number}"))


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
