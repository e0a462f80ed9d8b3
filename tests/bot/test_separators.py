"""CSV stays harmless whatever a program separates its cells by."""

import csv
import itertools
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot.export import csvfile
from bot.export.table import DANGEROUS, harmless

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}
SIGNS = ("=1+1", "+1+1", "-1+1", "@SUM(A1:A2)", '=HYPERLINK("http://x.example/"&A1;"ver")', "\uff1d1+1")
BEFORE = (
    *("", "hola;", "hola\t", "hola\n", "hola\r\n", 'hola;"', "hola; ", ";;", "a,b;", "hola\n\n", 'x\t""', "\t"),
    *('"', " ", "hola\r", "'", ';"""', "; \t"),
)
AFTER = ("", ";x", "\tx", "\nx", ',"x', '";x')
HOSTILE = ["".join(each) for each in itertools.product(BEFORE, SIGNS, AFTER)]
MANY = 5_000


def written(stories: Sequence[str], folder: Path) -> str:
    """Write answers as CSV; return the text."""
    columns: Any = [SimpleNamespace(name="person"), SimpleNamespace(name="story")]
    table: Any = SimpleNamespace(stem="it", columns=columns, rows=[(f"P-{n}", each) for n, each in enumerate(stories)])
    csvfile.write(table, folder, folder)
    return (folder / "it.csv").read_bytes().decode("utf-8-sig")


@pytest.mark.parametrize("separator", SEPARATORS)
def test_no_cell_begins_like_a_formula(separator: str, tmp_path: Path) -> None:
    """Read with each separator, by whoever knows of quotes and by whoever does not, no cell begins with a sign."""
    text = written(HOSTILE, tmp_path)
    signs = tuple(sign for sign in DANGEROUS if not sign.isspace())
    cells = [
        cell for row in csv.reader(text.splitlines(keepends=True), delimiter=SEPARATORS[separator]) for cell in row
    ]
    plain = [cell for line in text.splitlines() for cell in line.split(SEPARATORS[separator])]
    assert len(cells) > len(HOSTILE)
    assert [cell for cell in cells if cell.lstrip(' "').startswith(signs)] == []
    if separator != "comma":  # commas are the file's own: whoever ignores quotes there reads no CSV
        assert [cell for cell in plain if cell.lstrip(' "').startswith(signs)] == []


def test_what_people_write_stays_as_it_is() -> None:
    """An apostrophe comes only where a cell could begin with a sign."""
    for text in ("Hubo junta; fuimos todas.", "3-4 veces", "a=b", "1;2;3", "sí\nno", "uno, -dos", "hola; y @ella", ""):
        assert harmless(text) == text
    assert harmless("lista:\n- agua") == "lista:\n'- agua"


def formulas(name: str, separator: str, folder: Path) -> int:
    """Open a CSV in LibreOffice with a separator and count the formulas it sees."""
    target = folder / f"opened-{ord(separator)}-{name}"
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{folder}/office", "--headless",
         f"--infilter=CSV:{ord(separator)},34,76,1", "--convert-to", "fods", "--outdir", str(target),
         str(folder / name)],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip  # one command, one line
    return (target / name).with_suffix(".fods").read_text("utf-8").count("table:formula")


@pytest.mark.proof
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not here")
def test_libreoffice_runs_none_of_five_thousand(tmp_path: Path) -> None:
    """Five thousand hostile answers, opened with each separator: no formula; without the apostrophes there are many."""
    stories = [HOSTILE[number % len(HOSTILE)] for number in range(MANY)]
    written(stories, tmp_path)
    with (tmp_path / "bare.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([f"P-{number}", story] for number, story in enumerate(HOSTILE))
    assert formulas("bare.csv", ";", tmp_path) > 50
    assert {name: formulas("it.csv", sign, tmp_path) for name, sign in SEPARATORS.items()} == dict.fromkeys(
        SEPARATORS, 0
    )
