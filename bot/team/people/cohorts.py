"""A group and what was agreed for it: languages, reading or listening, hours, zone, data, and who lets people in."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar
from uuid import UUID

from babel.dates import get_timezone_location

from bot.conversation.actions import Action, Begin, Next, handles
from bot.conversation.screen import Screen
from bot.product_languages import LANGUAGES, of_organisation
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import rows
from bot.services import cohorts, hours
from bot.services.cohorts import APPROVAL, FORMS, SIGNALS
from bot.services.member_status import portrait
from bot.services.permissions import ADMINS_OF_ALL, FACILITATORS, allowed
from bot.team.kit.arguments import OfId, PageOf, SureOf
from bot.team.kit.feature import CompletedWizard, Feature
from bot.team.people.people import MEMBERS, PEOPLE, GroupsPage, cohort_of, paged
from dialogs import languages
from storage.cohorts import Cohort, CohortExists

WIZARD = "new_group"
ASKED = ("form", "hours", "signal")  # of `welcome`: what a group's screen counts
LEAST = 3  # fewer people of a kind would be recognised
# Where people of an organisation may live; any other zone is set by `hilo cohort change`.
ZONES = (
    "America/Mexico_City",
    "America/Cancun",
    "America/Merida",
    "America/Monterrey",
    "America/Chihuahua",
    "America/Mazatlan",
    "America/Hermosillo",
    "America/Tijuana",
    "America/Guatemala",
    "America/Bogota",
    "America/Los_Angeles",
    "America/New_York",
)
FIELDS = {"l": "languages", "f": "form", "h": "hours", "z": "zone", "d": "data", "a": "approval"}
PAGE_OF = "p"  # before a page's number, where a choice would stand


class Tuning(Argument):
    """One thing of a group, by its letter, and what it is to be: a value, or a page of values (`p0`)."""

    layout: ClassVar[str] = "{cohort}.{field}[.{value}]"
    cohort: UUID
    field: str
    value: str = ""


GROUP = Action(targets.GROUP, FACILITATORS, (OfId,))
TUNE = Action(targets.TUNE, FACILITATORS, (Tuning,))
AS_SAID = Action("as_said", FACILITATORS, (SureOf,))
NEW_GROUP = Action(targets.NEW_GROUP, ADMINS_OF_ALL)


class CohortScreens(Feature):
    """A group's screen, what can be changed there with one tap each, and making a new one."""

    wizards: ClassVar = {WIZARD: NEW_GROUP}

    @handles(NEW_GROUP)
    def new(self, screen: Screen) -> Next:  # noqa: ARG002  what a new one is called is asked
        """Begin a new group."""
        return Begin(WIZARD)

    @handles(GROUP)
    def group(self, screen: Screen, argument: OfId) -> None:
        """Show a group."""
        self._show(screen, cohort_of(screen, argument.id))

    @handles(TUNE)
    def tune(self, screen: Screen, argument: Tuning) -> None:
        """Change one thing of a group."""
        self._tune(screen, cohort_of(screen, argument.cohort), argument.field, argument.value)

    @handles(AS_SAID)
    def as_said(self, screen: Screen, argument: SureOf) -> None:
        """Take what members said as what holds for the group, once it was asked about."""
        self._as_said(screen, cohort_of(screen, argument.id), sure=argument.sure)

    def finish(self, screen: Screen, done: CompletedWizard) -> None:
        """Make the group that was named, if whoever named it may, and show it."""
        unit, person, values = screen.unit, screen.person, done.values
        back = rows(screen.button("button.people_groups", PEOPLE, GroupsPage(0)))
        name = " ".join(str(values.get("called") or "").split())
        record = self._turns.organisation.record(unit)
        if not allowed(unit, person, ADMINS_OF_ALL) or not name or values.get("confirm") != "yes":
            screen.show(screen.words("group.not_made"), back)
            return
        try:
            cohort = cohorts.add(unit, person, name, of_organisation(record))
        except CohortExists:
            screen.show(screen.words("group.exists", group=name), back)
            return
        self._show(screen, cohort)

    def _show(self, screen: Screen, cohort: Cohort) -> None:
        """Show what was agreed, and what its members said when they came in."""
        told = self.described(screen, cohort)
        lines = [screen.words("group.title", group=cohort.name)]
        lines += [f"· {screen.words(f'group.{field}')}: {told[field]}" for field in FIELDS.values()]
        counts = portrait(screen.unit, cohort.id, ASKED, LEAST)
        if counts:
            lines += ["", screen.words("group.portrait"), *self._portrait(screen, counts)]
        changes = [screen.button(f"button.tune.{field}", TUNE, Tuning(cohort.id, key)) for key, field in FIELDS.items()]
        keyboard = tuple(tuple(changes[start : start + 2]) for start in range(0, len(changes), 2))
        if counts:
            keyboard += rows(screen.button("button.as_said", AS_SAID, SureOf(cohort.id)))
        last = (screen.button("button.people_members", MEMBERS, PageOf(cohort.id)), screen.menu())
        screen.show("\n".join(lines), (*keyboard, last))

    def described(self, screen: Screen, cohort: Cohort) -> dict[str, str]:
        """Say each thing that was agreed for a group, by its name."""
        context, all_of = cohort.context, screen.speech.texts.all_of
        spoken = [languages.own_name(tag) for tag in cohort.languages]
        when = [screen.words(f"group.hours.{part}") for part in context.get("hours") or ()]
        zone = self._turns.organisation.zone(screen.unit, cohort=cohort)
        return {
            "languages": all_of(spoken, screen.speech.language) if spoken else "-",
            "form": screen.words(f"group.form.{context.get('form') or 'any'}"),
            "hours": all_of(when, screen.speech.language) if when else screen.words("group.hours.any"),
            "zone": city(zone, screen.speech.language),
            "data": screen.words(f"group.data.{context.get('data') or 'unsaid'}"),
            "approval": screen.words("group.approval.yes" if context.get(APPROVAL) else "group.approval.no"),
        }

    def _portrait(self, screen: Screen, counts: Mapping[str, Mapping[str, int]]) -> list[str]:
        number, language = screen.speech.texts.number, screen.speech.language
        codes = {"signal": "data"}
        return [
            "· "
            + ", ".join(
                f"{screen.words(f'group.{codes.get(question, question)}.{value}')}: {number(people, language)}"
                for value, people in said.items()
            )
            for question, said in counts.items()
        ]

    def _tune(self, screen: Screen, cohort: Cohort, field: str, value: str) -> None:
        """Change one thing (each tap can be taken back by the next), or show what it can be."""
        if field not in FIELDS:
            self._show(screen, cohort)
            return
        page = int(value[1:]) if value.startswith(PAGE_OF) and value[1:].isdecimal() else None
        if field == "a":
            value = value or ("no" if cohort.context.get(APPROVAL) else "yes")
        if value and page is None:
            changed = _changed(cohort, field, value)
            if changed is None:
                self._show(screen, cohort)
                return
            self._store(screen, changed, FIELDS[field])
            cohort = changed
        if field in {"a", "z"} and value and page is None:
            self._show(screen, cohort)
        else:
            self._choices(screen, cohort, field, page or 0)

    def _choices(self, screen: Screen, cohort: Cohort, field: str, page: int) -> None:
        """Show what a thing can be, ticked where it is so."""
        offered = self._offered(screen, cohort, field)
        shown, turns = paged(screen, offered, page, TUNE, lambda number: Tuning(cohort.id, field, f"{PAGE_OF}{number}"))
        buttons = [screen.labelled(label, TUNE, Tuning(cohort.id, field, value)) for value, label in shown]
        back = screen.button("button.return", GROUP, OfId(cohort.id))
        screen.show(screen.words(f"group.ask.{FIELDS[field]}"), rows(*buttons) + turns + rows(back))

    def _offered(self, screen: Screen, cohort: Cohort, field: str) -> Sequence[tuple[str, str]]:
        """List what a thing can be: value and label, what holds first among many."""
        context = cohort.context
        if field == "l":
            known = [tag for tag, each in languages.LANGUAGES.items() if not each.register]
            tags = dict.fromkeys((*cohort.languages, *LANGUAGES, *known))
            return [(tag, _ticked(languages.own_name(tag), tag in cohort.languages)) for tag in tags]
        if field == "z":
            return [
                (str(place), _ticked(city(zone, screen.speech.language), zone == cohort.zone))
                for place, zone in enumerate(ZONES)
            ]
        if field == "h":
            chosen = context.get("hours") or ()
            return [(each, _ticked(screen.words(f"group.hours.{each}"), each in chosen)) for each in hours.CHOICES]
        name, known_values = ("form", FORMS) if field == "f" else ("data", SIGNALS)
        return [
            (each, _ticked(screen.words(f"group.{name}.{each}"), context.get(name) == each)) for each in known_values
        ]

    def _as_said(self, screen: Screen, cohort: Cohort, *, sure: bool) -> None:
        """Take what most of its members said as what holds for the group; it replaces what was chosen, so it asks."""
        if not sure:
            yes = screen.button("button.as_said_sure", AS_SAID, SureOf(cohort.id, sure=True))
            no = screen.button("button.rather_not", GROUP, OfId(cohort.id))
            screen.show(screen.words("group.as_said", group=cohort.name), rows(yes, no))
            return
        counts = portrait(screen.unit, cohort.id, ASKED, LEAST)
        context = dict(cohort.context)
        for question, name in (("form", "form"), ("signal", "data")):
            if question in counts:
                context[name] = next(iter(counts[question]))
        if "hours" in counts:
            context["hours"] = [part for part in hours.CHOICES if part in counts["hours"]]
        changed = replace(cohort, context=context)
        self._store(screen, changed, "portrait")
        self._show(screen, changed)

    def _store(self, screen: Screen, cohort: Cohort, what: str) -> None:
        cohorts.change(screen.unit, screen.person, cohort, what)


def _changed(cohort: Cohort, field: str, value: str) -> Cohort | None:
    """Return the group with one thing changed; None for a value that it cannot have."""
    context: dict[str, Any] = dict(cohort.context)
    if field == "l" and value in languages.LANGUAGES:
        tags = tuple(tag for tag in cohort.languages if tag != value)
        tags = tags if value in cohort.languages else (*tags, value)
        return replace(cohort, languages=tags) if tags else None
    if field == "z" and value.isdecimal() and int(value) < len(ZONES):
        return replace(cohort, zone=ZONES[int(value)])
    if field == "h" and value in hours.CHOICES:
        chosen = set(context.get("hours") or ()) ^ {value}
        context["hours"] = [part for part in hours.CHOICES if part in chosen]
    elif field == "f" and value in FORMS:
        context["form"] = None if context.get("form") == value else value
    elif field == "d" and value in SIGNALS:
        context["data"] = None if context.get("data") == value else value
    elif field == "a" and value in {"yes", "no"}:
        context[APPROVAL] = value == "yes"
    else:
        return None
    return replace(cohort, context=context)


def _ticked(label: str, chosen: bool) -> str:
    label = label[:1].upper() + label[1:]
    return f"✓ {label}" if chosen else label


def city(zone: str, language: str) -> str:
    """Name a zone as people do: by its city."""
    return str(get_timezone_location(zone, locale=languages.formatting_locale(language), return_city=True))
