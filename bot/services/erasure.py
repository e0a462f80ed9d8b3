"""Acts that erase: a person, answers of a run, or the messages between a person and the team."""

import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from bot import clock
from bot.messengers import registry
from bot.product_languages import language_of
from bot.rendering import targets
from bot.rendering.speech import Speech
from bot.rendering.texts import Texts
from bot.services import erasure_places, kept_back, learnt, quotes, record, recordings, run_notes
from bot.services.acts import Actor, actor_name
from bot.services.chat_cleanup import take_out, within_reach, written_within_reach
from bot.services.exports import EXPORTED, withdraw_all
from bot.services.organisation import OrganisationFacts
from bot.services.refusals import NotAllowed
from dialogs import wording
from dialogs.model import Dialog
from dialogs.run import Answer, Run
from storage import epoch_change, erasure, export_rows
from storage.people import Person
from storage.runs import RunRow
from storage.unit import Unit

RESUMABLE: Final = frozenset({"offered", "open", "postponed", "stopped"})
"""Statuses in which a run may still go on."""
LONG_AGO: Final = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was erased of a person, and what is out of reach.

    Attributes:
        pseudonym: the person's pseudonym.
        rows: how many rows were erased.
        exported_at: when answers were last exported; None: never.
        backups_until: from when no backup can open it; None: there was never a backup.
        elsewhere: titles of the messengers that keep messages themselves.
        final: whether nothing that was copied before opens it any more, but for what is away.
        away: folders with backups that are out of reach: their keys files still open it.
        named: whether the organisation's own words (its care card, its reasons) name whoever was one of the team.
    """

    pseudonym: str
    rows: int
    exported_at: datetime | None
    backups_until: datetime | None
    elsewhere: tuple[str, ...] = ()
    final: bool = False
    away: tuple[str, ...] = ()
    named: bool = False


def erase_person(unit: Unit, texts: Texts, by: Actor, person: Person) -> Receipt:
    """Erase a person, and remove the bot's messages from their chats as far back as each messenger allows.

    Args:
        unit: the transaction.
        texts: the catalogs.
        by: the person, or the console on the person's request.
        person: who is erased.

    Raises:
        NotAllowed: the actor is another person.
    """
    _require_own(by, person)
    exported = unit.audit.done(EXPORTED, unit.now - LONG_AGO)
    until = OrganisationFacts().backups_forget(unit)
    addresses = unit.addresses.of(person)
    said = {
        (messenger, chat): [
            *(message for _, message in within_reach(unit, messenger, chat)),
            *written_within_reach(unit, messenger, chat),
        ]
        for _, messenger, chat in addresses
    }
    withdraw_all(unit)
    named = _let_go(unit, by, person)
    rows = sum(erasure.erase(unit, person.id).rows.values())
    recordings.forget(unit)
    unit.audit.add(actor_name(by), "person.erased", str(person.id), {"rows": rows})
    for (messenger, chat), messages in said.items():
        take_out(Speech(unit, texts, None, messenger, chat, language_of(person)), messages)
    keeping = (own for own in (registry.of(messenger) for _, messenger, _ in addresses) if not own.kept_here)
    elsewhere = tuple(dict.fromkeys(own.title or own.name for own in keeping))
    final = epoch_change.row_of(unit) is not None
    away = tuple(erasure_places.out_of_reach(unit))
    exported_at = exported[0][0] if exported else None
    return Receipt(person.pseudonym, rows, exported_at, until, elsewhere, final, away, named)


def erase_unasked(unit: Unit, person_id: UUID) -> None:
    """Erase a person where nobody asks for it: past the time that was promised, and again after a restore.

    Of whom no key opens anything the name is not known, so words that hold it stay.
    """
    person = unit.people.get(person_id)
    if person is not None and not person.lost:
        _let_go(unit, None, person)
    erasure.erase(unit, person_id)


def _let_go(unit: Unit, by: Actor, person: Person) -> bool:
    """Hold back what quotes or names a person, and take their name out of what is kept.

    Returns whether it stays in the record.

    Whoever erases a person does this first: it is found by what the person's key still opens.
    """
    named = record.forget(unit, by, person)
    quotes.hold_back_all(unit, person)
    learnt.forget(unit, person)
    kept_back.naming(unit, person)
    said = export_rows.of_person(unit, person.id)
    kept_back.quoting(unit, person, (words for row in said for words in row.words()))
    return named


def erase_answers(unit: Unit, by: Actor, person: Person, row: RunRow, paths: Collection[str]) -> None:
    """Erase some answers of a run, with their asides; a run that may go on does not ask them again.

    Raises:
        NotAllowed: they are another person's.
    """
    _require_own(by, person)
    said = export_rows.of_run(unit, row.id)
    kept_back.quoting(unit, person, (words for each in said for words in each.words(paths)))
    known = unit.answers.numbers(row.id)  # damaged ones too
    answered = {path for path in paths if unit.vault.path_hash(row.id, path) in known}
    withdraw_all(unit)
    for path in paths:
        erasure.erase_answer(unit, person, row.id, path, _labels(unit, person, row, path))
        if row.status in RESUMABLE and path in answered:
            nothing = json.dumps(Answer(None, "").to_dict())
            unit.answers.add(clock.new_id(), row.id, path, person, nothing, unit.now)
    run = Run.restore(row.state, {})
    run = replace(run, sources=tuple(source for source in run.sources if source.path not in paths))
    if run.position in paths:
        run = replace(run, draft=(), near=None)
    _remember(unit, person, row, run)
    unit.audit.add(actor_name(by), "answers.erased", str(row.id), {"answers": len(paths)})


def erase_run(unit: Unit, by: Actor, person: Person, row: RunRow, told: int) -> None:
    """Erase every answer of a run, and end the run if it may still go on.

    Args:
        unit: the transaction.
        by: the person, or the console.
        person: whose run it is.
        row: the run.
        told: how many of its answers the person was shown, for the audit.

    Raises:
        NotAllowed: it is another person's.
    """
    _require_own(by, person)
    kept_back.quoting(unit, person, (words for said in export_rows.of_run(unit, row.id) for words in said.words()))
    withdraw_all(unit)
    for path in {*unit.answers.numbers(row.id), *unit.asides.numbers(row.id)}:
        erasure.erase_answer(unit, person, row.id, path, _labels(unit, person, row, path))
    run = replace(Run.restore(row.state, {}), sources=(), draft=(), near=None)
    if row.status in RESUMABLE:
        run = replace(run, status="expired", position="")
        unit.runs.save(row.id, person, run.state(), run.status, run.prompt, ended_at=unit.now)
        unit.runs.note_on_paper(row.id, None)
    else:
        _remember(unit, person, row, run)
    unit.audit.add(actor_name(by), "answers.erased", str(row.id), {"answers": told})


def _remember(unit: Unit, person: Person, row: RunRow, run: Run) -> None:
    """Store a run of which something was erased; how its person agreed on paper goes with the last answer."""
    is_left = bool(unit.answers.numbers(row.id))
    unit.runs.remember(row.id, person, run.state() | (run_notes.of_paper(row.state) if is_left else {}))
    if row.on_paper and not is_left:
        unit.runs.note_on_paper(row.id, None)


def _labels(unit: Unit, person: Person, row: RunRow, path: str) -> set[str]:
    """Return what every revision of an answer was called on screen, given its path or the hash of it."""
    dialog = Dialog.from_dict(json.loads(unit.versions.get(row.dialog_hash) or "null"))
    hashed = unit.vault.path_hash(row.id, path)
    step = next((step for step in dialog.steps if unit.vault.path_hash(row.id, step.name) == hashed), None)
    given = [json.loads(text) for _, text, _ in unit.answers.history(row.id, path, person)] if step else []
    return {label for data in given for label in (wording.labels(step, Answer.from_dict(data).value) if step else ())}


def erase_messages(unit: Unit, by: Actor, person: Person) -> None:
    """Erase all messages between a person and the team; raises NotAllowed."""
    _require_own(by, person)
    done = erasure.erase_messages(unit, person)
    unit.audit.add(actor_name(by), "messages.erased", str(person.id), dict(done.rows))


def _require_own(by: Actor, person: Person) -> None:
    """Check that the actor is this person, or the console on the person's request."""
    if by is not None and by.id != person.id:
        raise NotAllowed(targets.ERASE)
