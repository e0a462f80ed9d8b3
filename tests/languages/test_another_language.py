"""A language is its catalogs, a file of rules and a line in their registry: a copy of the product speaks one more."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from babel.messages.pofile import read_po, write_po

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MARK = "⟦eo⟧ "
LISTS = ("said.", "command.", "cli.yes", "cli.no")  # read by the bot, not by people


def test_a_language_needs_no_more_than_its_own_files(tmp_path: Path) -> None:
    """With catalogs, rules and the registry's line alone, it can be joined in, set up, exported and browsed."""
    copy = tmp_path / "hilo"
    for room in ("dialogs", "locales"):
        shutil.copytree(ROOT / room, copy / room)
    for same in ("bot", "storage", "tests", "pyproject.toml"):
        (copy / same).symlink_to(ROOT / same)
    shutil.copy(HERE / "esperanto.py", copy / "dialogs" / "lang" / "eo.py")
    _register(copy / "dialogs" / "lang" / "__init__.py")
    _translate(copy / "locales")

    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/languages/spoken.py"],
        cwd=copy,
        env={name: value for name, value in os.environ.items() if not name.startswith(("HILO_", "PYTEST_"))},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert " passed" in ended.stdout


def _register(registry: Path) -> None:
    text = registry.read_text("utf-8")
    for found, new in (("import en, es\n", "import en, eo, es\n"), ("en.RULES)\n", "en.RULES, eo.RULES)\n")):
        assert text.count(found) == 1, found
        text = text.replace(found, new)
    registry.write_text(text, "utf-8")


def _translate(locales: Path) -> None:
    """Write catalogs that say everything in English behind a mark."""
    for path in sorted((locales / "en" / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as file:
            catalog = read_po(file)
        for message in catalog:
            code = message.id if isinstance(message.id, str) else message.id[0]
            if code and not code.startswith(LISTS):
                forms = message.string
                message.string = MARK + forms if isinstance(forms, str) else tuple(MARK + each for each in forms)
        new = locales / "eo" / "LC_MESSAGES" / path.name
        new.parent.mkdir(parents=True, exist_ok=True)
        with new.open("wb") as file:
            write_po(file, catalog)
