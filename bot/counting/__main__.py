"""`python -m bot.counting`: count some broadcasts, in a process of its own."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from bot.runtime import opening, processes
from bot.services import tallies
from dialogs.model import Dialog
from storage.damage import Damaged
from storage.unit import Unit


def count(task: dict[str, Any]) -> bytes:
    """Count the broadcasts; return their figures as JSON, and nothing of what anybody said in words."""
    with opening.opened(task) as storage, storage.reading(datetime.fromisoformat(task["now"])) as unit:
        unit.run.seals.look_back(frozenset(_damaged(each) for each in task["put_back"]))
        found = {each: _counted(unit, UUID(each)) for each in task["broadcasts"]}
    return json.dumps(found).encode()


def _counted(unit: Unit, broadcast_id: UUID) -> dict[str, Any] | None:
    broadcast = unit.broadcasts.get(broadcast_id)
    if broadcast is None:
        return None
    dialog = Dialog.from_dict(json.loads(unit.versions.get(broadcast.dialog_hash) or "null"))
    return tallies.counted(unit, broadcast_id, dialog).to_dict()


def _damaged(told: list[Any]) -> Damaged:
    table, column, row, person = told
    return Damaged(table, column, row, person and UUID(person))


if __name__ == "__main__":
    processes.serve(count)
