"""A cohort's screen: its languages, form (read or listen), hours, zone, mobile data, and approval of new members."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar
from uuid import UUID

from bot.conversation.actions import Action, Begin, Next, handles
from bot.conversation.screen import Screen
from bot.messengers.port import Button
from bot.participant import waiting
from bot.product_languages import LANGUAGES, of_organisation
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import pairs, rows
from bot.services import cohorts, hours, places, signs
from bot.services.cohorts import APPROVAL, FORMS, SIGNALS
from bot.services.member_status import portrait
from bot.services.permissions import ADMINS_OF_ALL, FACILITATORS, allowed
from bot.team.kit.arguments import OfId, PageOf, SureOf
from bot.team.kit.feature import CompletedWizard, Feature
from bot.team.people.people import MEMBERS, PEOPLE, GroupsPage, cohort_of, paged
from dialogs import languages
from dialogs.run import Answer
from storage.cohorts import Cohort, CohortExists
from storage.people import Person
from storage.unit import Unit

WIZARD, RENAME = "new_group", "rename_group"
ASKED = ("form", "hours", "signal")  # questions of `welcome` that a cohort's portrait counts
LEAST = 3  # fewer people with the same answer could be recognised
# Offered as buttons; any other is set by typing a city, or by `hilo cohort change`.
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
PAGE_OF = "p"  # marks a page number in place of a value


class Tuning(Argument):
    """A property of a cohort, by its letter (`FIELDS`), and its new value, or a page of values (`p0`)."""

    layout: ClassVar[str] = "{cohort}.{field}[.{value}]"
    cohort: UUID
    field: str
    value: str = ""


GROUP = Action(targets.GROUP, FACILITATORS, (OfId,))
TUNE = Action(targets.TUNE, FACILITATORS, (Tuning,))
AS_SAID = Action("as_said", FACILITATORS, (SureOf,))
NEW_GROUP = Action(targets.NEW_GROUP, ADMINS_OF_ALL)
RENAME_GROUP = Action("rename_group", FACILITATORS, (OfId,))


class CohortScreens(Feature):
    """A cohort's screen, its properties, which are changed with one tap each, and the wizard for a new cohort."""

    wizards: ClassVar = {WIZARD: NEW_GROUP, RENAME: RENAME_GROUP}

    @handles(NEW_GROUP)
    def new(self, screen: Screen) -> Next:  # noqa: ARG002  the wizard asks everything
        """Begin the wizard for a new cohort."""
        return Begin(WIZARD)

    @handles(RENAME_GROUP)
    def rename(self, screen: Screen, argument: OfId) -> Next:
        """Begin the wizard for another name."""
        return Begin(RENAME, {"cohort": cohort_of(screen, argument.id).id.hex})

    @handles(GROUP)
    def group(self, screen: Screen, argument: OfId) -> None:
        """Show a cohort."""
        self._show(screen, cohort_of(screen, argument.id))

    @handles(TUNE)
    def tune(self, screen: Screen, argument: Tuning) -> None:
        """Change one property of a cohort, or show its values."""
        cohort = cohort_of(screen, argument.cohort)
        if screen.said and FIELDS.get(argument.field) == "zone":
            self._named(screen, cohort)
        else:
            self._tune(screen, cohort, argument.field, argument.value)

    @handles(AS_SAID)
    def as_said(self, screen: Screen, argument: SureOf) -> None:
        """Set a cohort's properties from what its members said, or ask for confirmation first."""
        self._as_said(screen, cohort_of(screen, argument.id), sure=argument.sure)

    def facts(self, unit: Unit, person: Person, given: Mapping[str, Answer]) -> dict[str, str]:  # noqa: ARG002  no answer changes it
        """Return the present name of the cohort that gets another."""
        kept = self.task(person).get("cohort")
        cohort = unit.cohorts.get(UUID(str(kept))) if kept else None
        return {"group_now": cohort.name if cohort is not None else "-"}

    def finish(self, screen: Screen, done: CompletedWizard) -> None:
        """Make the cohort that was named or give it another name, if the person is allowed to, and show it."""
        if done.wizard == RENAME:
            self._renamed(screen, done)
            return
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

    def _renamed(self, screen: Screen, done: CompletedWizard) -> None:
        kept = self.task(screen.person).get("cohort")
        cohort, name = cohort_of(screen, UUID(str(kept))), " ".join(str(done.values.get("called") or "").split())
        if done.values.get("confirm") == "yes" and name:
            try:
                cohort = cohorts.rename(screen.unit, screen.person, cohort, name)
            except CohortExists:
                back = screen.button("button.return", GROUP, OfId(cohort.id))
                screen.show(screen.words("group.exists", group=name), rows(back, screen.menu()))
                return
        self._show(screen, cohort)

    def _show(self, screen: Screen, cohort: Cohort) -> None:
        """Show a cohort's properties and its portrait."""
        told = self.described(screen, cohort)
        lines = [headed(screen.words("group.title", group=cohort.name), cohort.name)]
        if cohorts.is_closed(cohort):
            lines.append(screen.words("group.is_closed"))
        lines += [f"· {screen.words(f'group.{field}')}: {told[field]}" for field in FIELDS.values()]
        counts = portrait(screen.unit, cohort.id, ASKED, LEAST)
        if counts:
            lines += ["", screen.words("group.portrait"), *self._portrait(screen, counts)]
        changes = [screen.button(f"button.tune.{field}", TUNE, Tuning(cohort.id, key)) for key, field in FIELDS.items()]
        changes.append(screen.button("button.group_rename", RENAME_GROUP, OfId(cohort.id)))
        if signs.is_on(cohort) or allowed(screen.unit, screen.person, ADMINS_OF_ALL):
            changes.append(screen.button("button.signs", targets.SIGNS, PageOf(cohort.id)))
        if allowed(screen.unit, screen.person, ADMINS_OF_ALL):
            changes.append(screen.button("button.group_record", targets.GROUP_RECORD, OfId(cohort.id)))
        keyboard = pairs([*changes, *_endings(screen, cohort)])
        if counts:
            keyboard += rows(screen.button("button.as_said", AS_SAID, SureOf(cohort.id)))
        last = (screen.button("button.people_members", MEMBERS, PageOf(cohort.id)), screen.menu())
        screen.show("\n".join(lines), (*keyboard, last))

    def described(self, screen: Screen, cohort: Cohort) -> dict[str, str]:
        """Return each property of a cohort in words, by its name."""
        context, all_of = cohort.context, screen.speech.texts.all_of
        spoken = [screen.language(tag) for tag in cohort.languages]
        when = [screen.words(f"group.hours.{part}") for part in context.get("hours") or ()]
        zone = self._turns.organisation.zone(screen.unit, cohort=cohort)
        return {
            "languages": all_of(spoken, screen.speech.language) if spoken else "-",
            "form": screen.words(f"group.form.{context.get('form') or 'any'}"),
            "hours": all_of(when, screen.speech.language) if when else screen.words("group.hours.any"),
            "zone": places.city(zone, screen.speech.language),
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
        """Change one property (the next tap can undo it), or show its values."""
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
        """Show the values that a property can have, the present ones ticked."""
        offered = self._offered(screen, cohort, field)
        shown, turns = paged(screen, offered, page, TUNE, lambda number: Tuning(cohort.id, field, f"{PAGE_OF}{number}"))
        buttons = [screen.labelled(label, TUNE, Tuning(cohort.id, field, value)) for value, label in shown]
        back = screen.button("button.return", GROUP, OfId(cohort.id))
        screen.show(screen.words(f"group.ask.{FIELDS[field]}"), rows(*buttons) + turns + rows(back))
        if field == "z":
            waiting.ask(screen, TUNE, Tuning(cohort.id, field))

    def _named(self, screen: Screen, cohort: Cohort) -> None:
        """Take the zone of a city that was typed; show the choices again where it is not known, or one of several."""
        found = places.found(screen.said, screen.speech.language)
        if len(found) == 1:
            changed = replace(cohort, zone=found[0])
            self._store(screen, changed, "zone")
            self._show(screen, changed)
        else:
            lead = screen.words("zone.not_found", said=screen.said)
            self._choices(replace(screen, lead=lead), cohort, "z", 0)

    def _offered(self, screen: Screen, cohort: Cohort, field: str) -> Sequence[tuple[str, str]]:
        """Return the values that a property can have, with their labels; a cohort's own languages come first."""
        context = cohort.context
        if field == "l":
            known = [tag for tag, each in languages.LANGUAGES.items() if not each.register]
            tags = dict.fromkeys((*cohort.languages, *LANGUAGES, *known))
            return [(tag, _ticked(languages.own_name(tag), tag in cohort.languages)) for tag in tags]
        if field == "z":
            return [
                (str(place), _ticked(places.city(zone, screen.speech.language), zone == cohort.zone))
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
        """Set form, data and hours from a cohort's portrait; ask first, since this replaces what was chosen."""
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
    """Return the cohort with one property changed; None for a value that it cannot have."""
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


def _endings(screen: Screen, cohort: Cohort) -> list[Button]:
    """Return the buttons that close a cohort, open it again, or delete it, for whoever may."""
    if not allowed(screen.unit, screen.person, ADMINS_OF_ALL):
        return []
    this = SureOf(cohort.id)
    if cohorts.is_closed(cohort):
        found = [screen.button("button.group_reopen", targets.GROUP_REOPEN, this)]
    else:
        found = [screen.button("button.group_close", targets.GROUP_CLOSE, this)]
    if cohorts.deletable(screen.unit, cohort):
        found.append(screen.button("button.group_delete", targets.GROUP_DELETE, this))
    return found


def headed(told: str, name: str) -> str:
    """Return a group's name with the word for a group before it, as `told`, unless it begins with that word."""
    word = told.partition(" ")[0]
    return name if name.casefold().startswith(f"{word.casefold()} ") else told
