"""An organisation that may invite leaders: record filled, someone who reads, key kept, one backup verified."""

from datetime import datetime
from pathlib import Path
from typing import Any

from bot import clock
from dialogs import danger
from storage import settling
from storage.database import Database
from storage.epochs import Epochs
from storage.unit import Storage, Unit
from storage.vault import Vault, create_key, load_key

RECORD: dict[str, Any] = {
    "name": "la Escuela de Liderazgo",
    "zone": "America/Mexico_City",
    "languages": ["es", "en"],
    "reading_days": [3],
    "retention_months": 12,
    "minors": {"anybody": False},
    "care_card": {"es": "Llama a Rosa, de día o de noche.", "en": "Call Rosa, day or night."},
    "why": "Para acompañar entre talleres.",
    "stop_when": "Si contesta menos de la mitad.",
    "risk_talk": "2026-11-20",
    # Every phrase of danger was looked at, and none is to ring: what is listened for is up to each test.
    "danger_refused": {tag: [*danger.proposed(tag)] for tag in ("es", "en")},
}


def keep_safe(unit: Unit) -> None:
    """Note that the key is kept and a backup was verified."""
    unit.organisation.confirm_key()
    unit.organisation.verify_backup()


def vault_of(folder: Path) -> Vault:
    """The key of an installation, made at first use, and its epochs, as every process opens them."""
    key = folder / "hilo.key"
    vault = Vault(load_key(key) if key.exists() else create_key(key))
    vault.epochs = Epochs(folder / "hilo.key.epochs", vault.organisation_key)
    return vault


def ready(folder: Path, now: datetime | None = None, url: str = "") -> None:
    """Make the installation of a folder ready to invite leaders; what is on record already stays.

    Its database is the folder's own, or the one at `url`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    database = Database.open(url or f"sqlite:///{folder / 'hilo.db'}")
    try:
        database.migrate()
        storage = Storage(database, vault_of(folder))
        settling.adopt(storage, clock.now, settling.Places((), folder))
        with storage.unit(now or clock.now()) as unit:
            unit.organisation.set(RECORD | unit.organisation.get())
            keep_safe(unit)
            if not unit.roles.readers():
                admin = unit.people.create(clock.new_id(), unit.now, "active", "es")
                unit.roles.grant(clock.new_id(), admin.id, "admin")
    finally:
        database.dispose()
