"""Where commands wrote exports: what is there is no longer locked, so `hilo doctor` asks until it is gone."""

from pathlib import Path
from typing import Final

from storage.unit import Unit

PLACES: Final = "export_places"  # in the organisation's record
REMEMBERED: Final = 20


def note(unit: Unit, place: Path) -> None:
    """Remember a folder that an export was written to; those that are gone are forgotten."""
    before = [str(each) for each in noted(unit) if each.is_dir()]
    unit.organisation.note(**{PLACES: list(dict.fromkeys([*before, str(place.absolute())]))[-REMEMBERED:]})


def noted(unit: Unit) -> list[Path]:
    """List the folders that exports were written to."""
    return [Path(each) for each in unit.organisation.get().get(PLACES) or ()]
