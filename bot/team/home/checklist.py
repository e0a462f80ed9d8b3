"""The checklist: what an admin has to do before participants can be invited; and practice on one's own phone."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import ClassVar, Final
from uuid import UUID

from bot import clock, product_languages
from bot.conversation.actions import Action, MenuPlace, handles
from bot.conversation.screen import Screen
from bot.messengers.port import Button
from bot.participant.arguments import EraseRun
from bot.participant.erasing import ERASE
from bot.product_languages import of_organisation
from bot.rendering import targets
from bot.rendering.arguments import Argument, Picked
from bot.rendering.speech import media_of, pairs, rows
from bot.rendering.texts import pages
from bot.services import care, danger_phrases, handover, readiness, restored, risk_talk, watch, way_back
from bot.services.permissions import ADMINS, ADMINS_OF_ALL, FACILITATORS, allowed
from bot.services.versions import save_version
from bot.team.kit.feature import Feature
from bot.team.people.inviting import INVITE
from dialogs import wording
from storage.cohorts import Cohort
from storage.people import Person
from storage.runs import RunRow
from storage.seals import SEAL
from storage.unit import Unit

DIALOG: Final = "check_in"
PRACTISED: Final = "practised"  # in the organisation's record
PAGE: Final = 800  # characters of a screen
LATE: Final = timedelta(days=7)  # an older backup is marked as old
DAMAGED: Final = "damaged"
FOREIGN: Final = "foreign"
WELL: Final = "well"
KINDS: Final = (
    *("person_keys", "people", "person_addresses", "web_pins", "consents", "runs", "answers", "messages"),
    *(
        "asides",
        "alerts",
        "media",
        "inbox",
        "inbox_keys",
        "invite_keys",
        "former_keys",
        "outbox",
        "organisation",
        "cohorts",
        "invites",
        "purposes",
        "audit",
        "web_sessions",
        "reach_notes",
        "recollections",
        *("decisions", "frozen_totals", "signs", "judgements", "quotes", "sheets"),
        "audit_head",
    ),
)
"""Tables whose values may be damaged; the text `damaged.KIND` says how many."""
CODES: Final = 10  # pseudonyms on a screen
OPEN: Final = frozenset({"open", "offered"})


class Practising(Argument):
    """Begin to practise."""

    layout: ClassVar[str] = ""


class SeePractice(Argument):
    """Show what was answered in a run of practice."""

    layout: ClassVar[str] = "see.{run}"
    run: UUID


CHECKLIST = Action(
    targets.CHECKLIST, ADMINS, (Picked,), commands=("status",), offered=110, menu=MenuPlace("organisation", 1)
)
PRACTISE = Action("practise", FACILITATORS, (Practising, SeePractice), menu=MenuPlace("more", 9))


class Checklist(Feature):
    """The checklist, how to do each open item, and practice."""

    @handles(CHECKLIST)
    def checklist(self, screen: Screen, argument: Picked) -> None:
        """Show the checklist, or how to do one item of it."""
        item = argument.choice
        if item.startswith(WELL):
            # A button of an earlier update says nothing about this one.
            if (updated := way_back.waits_for_word(screen.unit)) and item == _well(updated):
                way_back.all_is_well(screen.unit, screen.person)
            self._list(screen)
        elif item == DAMAGED:
            back = screen.button("button.checklist", CHECKLIST)
            screen.show(self._damaged(screen), rows(back, screen.menu()))
        elif item == FOREIGN:
            back = screen.button("button.checklist", CHECKLIST)
            screen.show(self._foreign(screen), rows(back, screen.menu()))
        elif item in {readiness.KEY, readiness.BACKUP, readiness.READERS, "record", "invite"}:
            back = screen.button("button.checklist", CHECKLIST)
            screen.show(screen.speech.own(f"checklist.how.{item}"), rows(back, screen.menu()))
        else:
            self._list(screen)

    def _damaged(self, screen: Screen) -> str:
        """Return the text about damaged values: how many of each kind, whose (by pseudonym), and the remedy."""
        texts, language = screen.speech.texts, screen.speech.language
        found = [each for each in screen.unit.damage.found() if each.column != SEAL]
        kinds = Counter(each.table for each in found)
        said = [texts.count(f"damaged.{kind}", language, kinds[kind]) for kind in KINDS if kinds[kind]]
        whose = sorted({screen.unit.vault.pseudonym(each.person_id) for each in found if each.person_id})
        lines = [screen.words("checklist.how.damaged", kinds=", ".join(said))]
        if whose:
            more = ["…"] if len(whose) > CODES else []
            lines.append(screen.words("checklist.damaged.whose", codes=", ".join(whose[:CODES] + more)))
        lines.append(screen.words("checklist.damaged.remedy"))
        return "\n\n".join(lines)

    def _foreign(self, screen: Screen) -> str:
        """Return the text about rows that somebody without the key wrote: in which tables, and the remedy."""
        tables = Counter(each.table for each in screen.unit.damage.found() if each.column == SEAL)
        told = ", ".join(f"{table}: {number}" for table, number in sorted(tables.items()))
        return f"{screen.words('checklist.how.foreign', tables=told)}\n\n{screen.words('checklist.foreign.remedy')}"

    def _list(self, screen: Screen) -> None:
        """Show the checklist; each open item has a button that does it or says how."""
        items = self._items(screen)
        lines = [screen.words("checklist.done" if done else "checklist.open", what=what) for what, done, _ in items]
        buttons = [button for _, done, button in items if not done and button is not None]
        if allowed(screen.unit, screen.person, ADMINS_OF_ALL):  # whoever administers one group cannot write it
            written, line = self._handover(screen)
            lines.append(line)
            buttons += [] if written else [screen.button("button.handover", targets.HANDOVER)]
        if all(done for _, done, _ in items):
            buttons.append(screen.button("button.practise", PRACTISE))
        heading = screen.words("checklist" if not all(done for _, done, _ in items) else "checklist.all")
        changes = [screen.button("button.due", targets.DUE)]
        if allowed(screen.unit, screen.person, ADMINS_OF_ALL):
            changes.append(screen.button("button.care_lines", targets.CARE_LINES))
            changes.append(screen.button("button.minors", targets.MINORS))
        screen.show("\n".join((heading, "", *lines)), rows(*buttons) + pairs(changes) + rows(screen.menu()))

    def _items(self, screen: Screen) -> list[tuple[str, bool, Button | None]]:
        """Return for each item its text, whether it is done, and its button."""
        unit, words = screen.unit, screen.words
        lacking = readiness.missing(unit)
        record = [code for code in lacking if code in readiness.RECORD and code != "reading_days"]
        facilitated = any(invited(unit, "facilitator"))

        def how(code: str) -> Button:
            return screen.button(f"button.checklist.{code}", CHECKLIST, Picked(code))

        found: list[tuple[str, bool, Button | None]] = [(words("checklist.bot"), True, None)]
        found.append((words("checklist.key"), readiness.KEY not in lacking, how(readiness.KEY)))
        found.append(self._backup(screen, how(readiness.BACKUP)))
        reads = not {"reading_days", readiness.READERS} & set(lacking)
        found.append((words("checklist.readers"), reads, how(readiness.READERS)))
        if record:
            parts = screen.speech.texts.all_of([words(f"ready.{code}") for code in record], screen.speech.language)
            found.append((words("checklist.record", parts=parts), False, how("record")))
        practised = bool(unit.organisation.get().get(PRACTISED))
        if readiness.CARE not in lacking:
            found.append(self._care(screen))
        if allowed(unit, screen.person, ADMINS_OF_ALL):
            set_up = unit.organisation.get()
            tried = watch.was_asked(set_up) and not watch.undrilled(unit, set_up)
            button = screen.button("button.watch", targets.WATCH)
            watched = words("checklist.drill" if watch.watchers(set_up) else "checklist.watch")
            if silent := watch.silent(unit, set_up):
                # However a drill on a page was answered: nothing rang there.
                names = screen.speech.texts.all_of([each.name for each in silent], screen.speech.language)
                watched, tried = words("checklist.watch_silent", names=names), False
            found.append((watched, tried, button))
            decided = not danger_phrases.waiting(unit.organisation.get())
            propose = screen.button("button.checklist.danger", targets.DANGER, "q")
            found.append((words("checklist.danger"), decided, propose))
        if (updated := way_back.waits_for_word(unit)) and allowed(unit, screen.person, ADMINS_OF_ALL):
            zone = self._turns.organisation.zone(unit, screen.person)
            day = screen.speech.texts.day(updated, zone, screen.speech.language)
            well = screen.button("button.checklist.well", CHECKLIST, Picked(_well(updated)))
            found.append((words("checklist.updated", day=day), False, well))
        talk = screen.button("button.checklist.risk_talk", targets.RISK_TALK)
        found.append((words("checklist.risk_talk"), not risk_talk.is_due(unit), talk))
        found.append((words("checklist.practice"), practised, screen.button("button.practise", PRACTISE)))
        invite = screen.button("button.checklist.invite", INVITE)
        found.append((words("checklist.invite"), facilitated, invite))
        return [*found, *self._found(screen, how)]

    def _care(self, screen: Screen) -> tuple[str, bool, Button | None]:
        """Return the item of the care card: its numbers dialled, and in every language of the organisation."""
        record = screen.unit.organisation.get()
        if care.to_dial(record, screen.unit.now.date()):
            return screen.words("checklist.care"), False, None
        if lacks := dict.fromkeys(tag for _, tag in care.lacking(record, of_organisation(record))):
            named = [screen.speech.language_name(tag) for tag in lacks]
            lacks_in = screen.speech.texts.all_of(named, screen.speech.language)
            return screen.words("checklist.care.lacking", languages=lacks_in), False, None
        return screen.words("checklist.care"), True, None

    def _found(self, screen: Screen, how: Callable[[str], Button]) -> list[tuple[str, bool, Button | None]]:
        """Return the items that are there only when something happened: a restored backup, damaged or foreign rows."""
        found: list[tuple[str, bool, Button | None]] = []
        if restored.waiting(screen.unit) != ([], 0):
            decide = screen.button("button.restored", targets.RESTORED)
            found.append((screen.words("checklist.restored"), False, decide))
        set_aside = screen.unit.damage.found()
        foreign = sum(each.column == SEAL for each in set_aside)
        for item, number in ((FOREIGN, foreign), (DAMAGED, len(set_aside) - foreign)):
            if number:
                said = screen.speech.texts.count(f"checklist.{item}", screen.speech.language, number)
                found.append((said, False, how(item)))
        return found

    def _handover(self, screen: Screen) -> tuple[bool, str]:
        """Return whether the handover is written down, and its line; it keeps nobody from inviting."""
        left = len(handover.unfilled(screen.unit)) + len(handover.owed(screen.unit))
        said = screen.words("checklist.handover")
        if left:
            said = screen.speech.texts.count("checklist.handover.open", screen.speech.language, left)
        return not left, screen.words("checklist.open" if left else "checklist.done", what=said)

    def _backup(self, screen: Screen, how: Button) -> tuple[str, bool, Button]:
        """Return the item of the backup. An old backup makes it open, though it does not keep anyone from inviting."""
        verified = screen.unit.organisation.care().backup_verified_at
        if verified is None or screen.unit.now - verified <= LATE:
            return screen.words("checklist.backup"), verified is not None, how
        zone = self._turns.organisation.zone(screen.unit, screen.person)
        day = screen.speech.texts.day(verified, zone, screen.speech.language)
        return screen.words("checklist.backup_late", day=day), False, how

    @handles(PRACTISE)
    def practise(self, screen: Screen, argument: Practising | SeePractice) -> None:
        """Begin to practise or ask the open question again, or show what was answered in practice."""
        if isinstance(argument, SeePractice):
            row = screen.unit.runs.read(argument.run, screen.person)
            self._see(screen, row) if row else self._list(screen)
            return
        open_run = screen.unit.runs.open(screen.person)
        if open_run is not None and open_run.status in OPEN and open_run.started_by != "staff":
            self._turns.ask_again(screen.unit, screen.person, open_run)
            return
        if open_run is not None:
            self._turns.expire(screen.unit, screen.person, open_run)
        self._begin(screen)

    def _begin(self, screen: Screen) -> None:
        """Add the person to the practice cohort, and begin the check-in at once, as a broadcast to themselves."""
        unit, person = screen.unit, screen.person
        cohort = practice_cohort(unit, screen.words)
        unit.memberships.join(clock.new_id(), person.id, cohort.id)
        dialog = self._turns.content.of(unit).dialog(DIALOG)
        save_version(unit, dialog)
        broadcast_id, delivery_id = clock.new_id(), clock.new_id()
        unit.broadcasts.order(
            broadcast_id,
            f"practise:{broadcast_id}",
            dialog.version,
            cohort.id,
            purpose={"why": screen.words("practise.purpose")},
            purpose_id=clock.new_id(),
            ordered_by=person.id,
            due_at=unit.now,
            people=[(delivery_id, person.id, unit.now)],
        )
        unit.audit.add(str(person.id), "person.practised", str(broadcast_id), {})
        screen.speech.say("practise.begin")
        run_id = self._turns.begin(
            unit,
            person,
            dialog,
            "broadcast",
            cohort_id=cohort.id,
            broadcast_id=broadcast_id,
            delivery_id=delivery_id,
            offer=False,
        )
        unit.broadcasts.started(delivery_id, run_id)

    def completed(self, unit: Unit, person: Person, row: RunRow) -> None:
        """Offer a person of the team who has practised to see what the team sees of it."""
        cohort = unit.cohorts.get(row.cohort_id) if row.cohort_id else None
        if cohort is None or not cohort.practice or not allowed(unit, person, FACILITATORS):
            return
        record = unit.organisation.get()
        if not record.get(PRACTISED):
            unit.organisation.note(**{PRACTISED: unit.now.isoformat()})
        speech = self._turns.speech(unit, person)
        see = speech.button("button.practise.see", PRACTISE, SeePractice(row.id))
        speech.say("practise.done", rows(see, speech.button("button.checklist", CHECKLIST)))

    def _see(self, screen: Screen, row: RunRow) -> None:
        """Show the person's own answers as a facilitator reads them, with a button to erase them."""
        unit, speech, person = screen.unit, screen.speech, screen.person
        given = self._turns.answers(unit, person, row)
        dialog = self._turns.dialog(unit, row.dialog_hash)
        unit.audit.add(str(person.id), "answers.read", str(row.broadcast_id or row.id), {"page": 0})
        lines = [screen.words("practise.seen", name=person.display_name)]
        for step in dialog.questions:
            if step.name in given:
                answer = given[step.name]
                label = speech.described(answer.value, answer.label)
                lines.append(f"{wording.choose(step.label, speech.language)}\n→ {label}")
                for piece in media_of(answer.value):
                    speech.media(piece)
        erase = screen.button("button.practise.erase", ERASE, EraseRun("r", row.id))
        text = next(iter(pages("\n\n".join(lines), PAGE)), "")
        speech.send(text, rows(erase, screen.button("button.checklist", CHECKLIST), screen.menu()), protect=True)


def _well(updated: datetime) -> str:
    """Return the choice that says that all is well with the update of a moment."""
    return f"{WELL}{updated:%Y%m%d%H%M%S}"


def practice_cohort(unit: Unit, words: Callable[..., str]) -> Cohort:
    """Return the practice cohort; make it at first use."""
    found = next((cohort for cohort in unit.cohorts.list() if cohort.practice), None)
    if found is not None:
        return found
    name = words("practice.cohort")
    while unit.cohorts.by_name(name) is not None:
        name += " ·"
    record = unit.organisation.get()
    tags = tuple(product_languages.of_organisation(record))
    return unit.cohorts.add(clock.new_id(), name, tags, None, practice=True)


def invited(unit: Unit, role: str) -> list[UUID]:
    """Return the people who hold a role now; only people with a role that reads are searched."""
    return [
        person_id for person_id in unit.roles.who_reads() if any(held.role == role for held in unit.roles.of(person_id))
    ]
