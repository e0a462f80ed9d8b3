"""Write answers as CSV. Text that a spreadsheet would run as a formula gets an apostrophe in front.

So does what would become a cell of its own, and a formula, in a program that separates by semicolons or tabs.
"""

import csv
from pathlib import Path

from bot.export.table import MARK, Table, WrittenTable, flat, harmless


def write(table: Table, files: Path, work: Path) -> WrittenTable:  # noqa: ARG001  the shape of every format
    """Write a table as CSV."""
    name, count = f"{table.stem}.csv", 0
    with (files / name).open("w", encoding="utf-8", newline="") as file:
        file.write(MARK)
        writer = csv.writer(file)
        writer.writerow([harmless(column.name) for column in table.columns])
        for row in table.rows:
            writer.writerow([flat(cell) for cell in row])
            count += 1
    return WrittenTable(name, count)
