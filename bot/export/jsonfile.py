"""Write answers as JSON Lines, for programs: one object for each row, values as they are, chosen names as a list."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

from bot.export.columns import Cell
from bot.export.table import Table, WrittenTable

_encode = json.JSONEncoder(ensure_ascii=False).encode


def write(table: Table, files: Path, work: Path) -> WrittenTable:  # noqa: ARG001  the shape of every format
    """Write a table as JSON Lines."""
    name, count = f"{table.stem}.jsonl", 0
    names = [column.name for column in table.columns]
    with (files / name).open("w", encoding="utf-8", newline="") as file:
        for row in table.rows:
            file.write(_encode(dict(zip(names, map(_plain, row), strict=True))) + "\n")
            count += 1
    return WrittenTable(name, count)


def _plain(cell: Cell) -> object:
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, Decimal):
        return float(cell)
    return list(cell) if isinstance(cell, tuple) else cell
