"""Groups whose record is hard to lay out: twelve long options, faces, five people, and nothing at all."""

import json
from pathlib import Path
from uuid import UUID

from bot import clock
from bot.group_record import folder
from bot.product_languages import LANGUAGES
from bot.services import group_record
from bot.services.versions import save_version
from dialogs.model import Choice, Dialog
from dialogs.question_forms import make_choice
from tests.bot.rig import SIERRA, Rig, texts
from tests.bot.test_share_backs import over

LONG = "Que las reuniones sean de día y más cerca"  # forty letters and a little
OPTIONS = ("🙂 Muy bien", "🌽🌽🌽", *(f"{number}. {LONG}"[:40] for number in range(3, 13)))
MANY = "📣 ¿Qué debería cambiar primero para que todas puedan llegar, hablar y ser oídas?"


def asked_of(it: Rig, name: str, numbers: tuple[int, ...]) -> None:
    """Ask a question of twelve options, of which so many people choose each, and close it."""
    said = [dict.fromkeys(LANGUAGES, words) for words in OPTIONS]
    choices = [Choice(f"c{number}", words) for number, words in enumerate(said)]
    title = dict.fromkeys(LANGUAGES, MANY)
    asks = make_choice("first", title, {}, choices)
    dialog = Dialog(name, "check_in", title, dict.fromkeys(LANGUAGES, LONG), 1, LANGUAGES, (asks,))
    with it.unit() as unit:
        save_version(unit, dialog)
        unit.own_dialogs.save(dialog.name, dialog.version, None, None, None)
    broadcast_id = it.order(name)
    with it.unit() as unit:
        cohort = unit.cohorts.by_name(SIERRA)
        assert cohort is not None
        for number, people in enumerate(numbers):
            for _ in range(people):
                person = unit.people.create(clock.new_id(), it.now, "active", "es")
                unit.memberships.join(clock.new_id(), person.id, cohort.id)
                begun = {"cohort_id": cohort.id, "broadcast_id": broadcast_id}
                run_id = it.turns.begin(unit, person, dialog, "broadcast", offer=False, **begun)
                value = json.dumps({"value": f"c{number}"})
                unit.answers.add(clock.new_id(), run_id, "first", person, value, it.now)
    over(it)


def of_many(it: Rig) -> UUID:
    """Let a group be asked by twelve options; all but two are chosen by five people or more."""
    it.join()
    asked_of(it, "many", (31, 8, 7, 12, 5, 6, 9, 5, 10, 1, 5, 0))
    return it.cohort()


def of_five(it: Rig) -> UUID:
    """Let five people be asked the same."""
    it.join(nickname=None)
    asked_of(it, "five", (3, 1, 0, 1))
    return it.cohort()


def of_nothing(it: Rig) -> UUID:
    """Have a group that was asked nothing, and has no sign."""
    return it.cohort()


def write_out(it: Rig, cohort_id: UUID, out: Path) -> None:
    """Write a group's record out, as the command does."""
    with it.unit() as unit:
        cohort = unit.cohorts.get(cohort_id)
        assert cohort is not None
        ended = group_record.ended(unit, cohort)
    for broadcast_id in ended:
        with it.unit() as unit:
            group_record.freeze(unit, None, broadcast_id)
    folder.write(it.storage, it.now, cohort_id, out, texts())
