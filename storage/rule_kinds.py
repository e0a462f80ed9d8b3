"""The kinds of rules that `storage.table_rules` has for tables: what a column holds, and what happens to rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

# What a column holds.


class ColumnContent(Enum):
    """What a column holds that leads to a person, or may say something about one."""

    OWNER = "the id of the person whose row it is"
    ACTOR = "the id of whoever did something; once that person is erased it leads to nobody, and it stays"
    ROW = "the id of another row, or of whatever the row is about"
    OWNER_SEALED = "words or facts, sealed with the key of the row's owner; of a row that is nobody's, with a day's key"
    SEALED = "words or facts of the organisation's, sealed with its key"
    INVITE_SEALED = "what the team calls whoever an invite is for, sealed with the invite's own key"
    DAY_SEALED = "words of whoever is nobody's row yet, sealed with the key of a day"
    BROWSER_SEALED = "a chat, sealed with what is in the browser alone"
    CHAT = "the keyed hash of a chat's address"
    HASH = "the keyed hash of something else: a code, a token, a name, a message, the row before"
    KEY = "a wrapped key"
    DIALOG = "a dialog as its author wrote it, in the clear: it is for everyone who is asked"


# What happens to rows when a person is erased.


@dataclass(frozen=True, slots=True)
class Deleted:
    """The person's rows are deleted, by the owner's id; `chats`: also those of chats where nobody else is."""

    chats: bool = False


@dataclass(frozen=True, slots=True)
class WhenUnused:
    """Rows are deleted that no person is linked to any more."""


@dataclass(frozen=True, slots=True)
class DeletedByInvite:
    """Rows about an invite that the person came in by are deleted: any of them may be the person's."""


@dataclass(frozen=True, slots=True)
class DeletedWhenOpened:
    """Whose a row is, is sealed in it: all are opened, and the person's are deleted."""


@dataclass(frozen=True, slots=True)
class StaysAfterErasure:
    """Nothing is deleted; `why` says why that tells nothing about the erased person."""

    why: str


Erasing: TypeAlias = Deleted | WhenUnused | DeletedByInvite | DeletedWhenOpened | StaysAfterErasure

# How long rows are kept otherwise.


@dataclass(frozen=True, slots=True)
class RetentionPeriod:
    """Rows go once the organisation's months have passed since the moment in the column `since`."""

    since: str


@dataclass(frozen=True, slots=True)
class KeptWhile:
    """Rows are kept while something holds, and are then deleted or blanked by the hourly round."""

    what: str


@dataclass(frozen=True, slots=True)
class KeptForEver:
    """Rows are kept as long as their owner's row or the database; `why` says why."""

    why: str


Keeping: TypeAlias = RetentionPeriod | KeptWhile | KeptForEver

# What an export has of it.


@dataclass(frozen=True, slots=True)
class Exported:
    """Its values are in a file of an export."""

    file: str


@dataclass(frozen=True, slots=True)
class NotExported:
    """None of its values is in a file; `why` says why. `read`: an export reads the table all the same."""

    why: str
    read: bool = False


Exporting: TypeAlias = Exported | NotExported


class BackupFile(Enum):
    """The file of a backup that has a table's rows."""

    DATA = "the data file"
    KEYS = "the keys file: only the newest two are kept, so that an old data file opens for nobody who was erased"


@dataclass(frozen=True, slots=True)
class TableRule:
    """What happens to one table's rows.

    Attributes:
        erasing: when a person is erased.
        keeping: how long they are kept otherwise.
        exporting: in which file of an export they are.
        columns: the columns that lead to a person, or may say something about one, and what they hold.
        backup: in which file of a backup they are.
    """

    erasing: Erasing
    keeping: Keeping
    exporting: Exporting
    columns: Mapping[str, ColumnContent] = field(default_factory=dict)
    backup: BackupFile = BackupFile.DATA
