"""The command line: what each command does when all is well."""

import contextlib
import csv
import io
import re
from pathlib import Path

import pytest
import yaml

from bot import clock
from bot.services import readiness
from storage.database import HEAD, Database
from storage.unit import Storage
from tests.bot.ready import ready, vault_of
from tests.bot.rig import PURPOSE, SIERRA, Phone, Rig
from tests.bot.shell import Shell

ANSWERS = {
    "name": "Casa Raíz",
    "languages": ["es", "nah"],
    "zone": "America/Mexico_City",
    "reading_days": ["jueves", "Monday", 5],
    "retention_months": 12,
    "minors": {"anybody": False},
    "care_card": {"es": "Llama a Rosa.", "en": "Call Rosa."},
    "why": "Para acompañar.",
    "stop_when": "Cuando nadie lo lea.",
    "cohorts": [SIERRA, {"name": "Costa", "languages": ["es"], "zone": "America/Cancun"}],
    "key_kept": True,
}
COMMANDS = ("run", "setup", "invite", "cohort", "broadcast", "export", "migrate", "dialog")


def inside(shell: Shell) -> tuple[Rig, Phone]:
    """Put one leader, who has answered a check-in, into the database the commands open."""
    with contextlib.closing(Rig(shell.folder, now=clock.now())) as hilo:
        phone = hilo.join()
        hilo.ask(phone)
        phone.say("2")
        phone.press("Saltar")
        phone.press("1 · Nada por ahora")
    return hilo, phone


def test_help_names_every_command_in_either_language(console: Shell) -> None:
    """`--help` lists the commands, each with a sentence, in the console's language."""
    ended = console.apart("--help")

    assert ended.code == 0
    assert console.says("cli.help").split(".")[0][:40] in ended.out
    assert all(re.search(rf"^\s+{name}\s+\S", ended.out, re.MULTILINE) for name in COMMANDS)


def test_help_of_each_command_stands_alone(shell: Shell) -> None:
    """Every command explains itself, and so does every command of a group."""
    for words in (*((name,) for name in COMMANDS), ("cohort", "add"), ("dialog", "check"), ("dialog", "talk")):
        assert "--help" in shell.good(*words, "--help")


def test_the_setup_fills_the_record_and_can_be_given_in_parts(console: Shell) -> None:
    """What a file of answers holds is kept, what is absent is named, and a second file adds to the first."""
    part, rest = console.folder / "part.yaml", console.folder / "rest.yaml"
    part.write_text(yaml.safe_dump({"name": "Casa Raíz"}, allow_unicode=True), "utf-8")
    rest.write_text(yaml.safe_dump({**ANSWERS, "name": "Casa Raíz y Ala"}, allow_unicode=True), "utf-8")
    told = console.good("setup", "--from", str(part))
    assert console.says("cli.setup.done") in told
    assert "reading_days" in told
    told = console.good("setup", "--from", str(rest))

    assert told.splitlines()[-1] == console.says("cli.setup.done")
    listed = console.good("cohort", "list")
    assert "Sierra Norte" in listed
    assert "America/Cancun" in listed


def test_the_setup_again_changes_no_group(shell: Shell) -> None:
    """The same file twice makes each group once."""
    file = shell.folder / "answers.yaml"
    file.write_text(yaml.safe_dump(ANSWERS, allow_unicode=True), "utf-8")
    for _ in range(2):
        shell.good("setup", "--from", str(file))

    assert shell.good("cohort", "list").count(SIERRA) == 1


def test_groups_are_added_and_listed(console: Shell) -> None:
    """A group is added with its languages and zone and listed with how many it reaches."""
    assert console.good("cohort", "list") == console.says("cli.cohort.none") + "\n"
    told = console.good("cohort", "add", SIERRA, "--language", "nah", "--language", "es", "--zone", "America/Cancun")
    assert SIERRA in told
    listed = console.good("cohort", "list").splitlines()

    assert listed[0].startswith(console.says("cli.column.name"))
    assert listed[1].split() == ["Sierra", "Norte", "nah,", "es", "America/Cancun", "0"]


def untalked(folder: Path) -> None:
    """Take back that the risks were talked about."""
    database = Database.open(f"sqlite:///{folder / 'hilo.db'}")
    with Storage(database, vault_of(folder)).unit(clock.now()) as unit:
        unit.organisation.note(risk_talk=None)
    database.dispose()


def test_an_invite_has_a_code_that_works_and_a_link_where_there_is_one(shell: Shell) -> None:
    """Without addresses it is a code and why there is no link; with one it is a link, and a QR image of it."""
    shell.good("cohort", "add", SIERRA)
    ready(shell.folder)
    told = shell.good("invite", "--cohort", SIERRA, "--uses", "3", "--days", "2")
    assert re.search(r"^code: [0-9A-Z]{10}$", told, re.MULTILINE)
    assert "HILO_PUBLIC_URL" in told
    assert shell.says("cli.invite.without.telegram") in told
    assert shell.says("cli.invite.risk_talk") not in told
    untalked(shell.folder)
    assert shell.says("cli.invite.risk_talk") in shell.good("invite", "--cohort", SIERRA)
    shell.settings["HILO_PUBLIC_URL"] = "https://hilo.example.org/"
    for image in ("qr.png", "qr.svg"):
        told = shell.good("invite", "--cohort", SIERRA, "--qr", image)
        assert re.search(r"^web: https://hilo\.example\.org/join/[0-9A-Z]{10}$", told, re.MULTILINE)
        assert (shell.folder / image).stat().st_size > 100


def test_a_leader_is_not_invited_before_all_is_ready(console: Shell) -> None:
    """What lacks is listed with its remedy, and no invite is made; a practice group and the team need nothing."""
    console.good("cohort", "add", SIERRA)
    console.good("cohort", "add", "Ensayo", "--for-practice")
    ended = console("invite", "--cohort", SIERRA)

    assert ended.code == 1
    assert ended.out == ""
    told = ended.err.splitlines()
    assert told[0] == f"✗ {console.says('ready.refused')}"
    assert [line.split(": ")[0] for line in told[1:]] == [
        f"  ☐ {console.says(f'ready.{code}')}" for code in readiness.CODES
    ]
    assert all(line.endswith(".") for line in told[1:])
    console.good("invite", "--cohort", "Ensayo")
    console.good("invite", "--role", "admin")
    ready(console.folder)
    console.good("invite", "--cohort", SIERRA)


def test_a_broadcast_is_ordered_once_for_each_key(console: Shell) -> None:
    """The order says to how many and when; the same key again says that nothing more is sent."""
    inside(console)
    order = ("broadcast", "check_in", "--to", SIERRA, "--purpose", PURPOSE, "--key", "semana-48")
    told = console.good(*order)
    assert SIERRA in told
    assert "America/Mexico_City" in told

    assert console.good(*order) == console.says("cli.broadcast.again") + "\n"


@pytest.mark.parametrize(
    ("at", "told"), [("2031-12-06 18:30", "2031-12-06 18:30"), ("18:30", "18:30"), ("7:05", "07:05")]
)
def test_a_broadcast_can_be_for_later(shell: Shell, at: str, told: str) -> None:
    """A moment is wall time of the group: a time of day is its next one."""
    inside(shell)
    printed = shell.good("broadcast", "check_in", "--to", SIERRA, "--purpose", PURPOSE, "--at", at)

    assert f"{told} America/Mexico_City" in printed


def test_what_a_command_ordered_is_sent_by_the_running_bot(shell: Shell) -> None:
    """An order of the console is found by the bot's next tick."""
    hilo, phone = inside(shell)
    shell.good("broadcast", "welcome", "--to", SIERRA, "--purpose", PURPOSE)
    hilo.now = clock.now()
    phone.look()
    with hilo.unit() as unit:
        hilo.ticking.step(unit, 10)

    assert hilo.rows("SELECT state FROM deliveries ORDER BY id") == [("started",), ("started",)]
    hilo.storage.database.dispose()


def test_answers_are_exported_with_their_codebook(console: Shell) -> None:
    """A workbook for each dialog, or with `--format csv` a file, and a codebook beside it; the command names them."""
    inside(console)
    out = console.folder / "out"
    told = console.good("export", "--out", str(out), "--language", console.language)
    assert str(out / "check_in.xlsx") in told
    assert sorted(path.name for path in out.iterdir()) == ["check_in.codebook.csv", "check_in.xlsx"]

    out = console.folder / "rows"
    told = console.good("export", "--out", str(out), "--language", console.language, "--format", "csv")
    assert str(out / "check_in.csv") in told
    assert sorted(path.name for path in out.iterdir()) == ["check_in.codebook.csv", "check_in.csv"]


def test_nothing_to_export_is_said_so(console: Shell) -> None:
    """Without answers no file is written, and that is said."""
    told = console.good("export", "--out", str(console.folder / "out"))

    assert told == console.says("cli.export.nothing") + "\n"


def test_the_database_is_made_and_brought_up_to_date(console: Shell) -> None:
    """`migrate` names the schema; database and key can be read by their owner alone."""
    assert HEAD in console.good("migrate")
    assert [(console.folder / name).stat().st_mode & 0o777 for name in ("hilo.db", "hilo.key")] == [0o600] * 2


def test_the_shipped_dialogs_are_listed_and_good(console: Shell) -> None:
    """`dialog list` names them with their titles, and `dialog check` finds nothing wrong."""
    listed = console.good("dialog", "list")
    assert ("¿Cómo vas?" if console.language == "es" else "How is it going?") in listed
    assert "ask" not in listed.split()

    assert console.good("dialog", "check").splitlines()[-1] == console.says("cli.dialog.check.good")


def test_a_codebook_is_csv(shell: Shell) -> None:
    """The codebook of a dialog has one row a column, with the question in every language."""
    rows = list(csv.DictReader(io.StringIO(shell.good("dialog", "codebook", "check_in"))))

    assert [row["column"] for row in rows][:2] == ["mood", "week"]
    assert rows[0]["question::es"] == "¿Cómo andas de ánimo esta semana?"


def test_one_s_own_dialogs_are_found_beside_the_data(shell: Shell) -> None:
    """A dialog in the organisation's folder is listed, and one of a shipped name takes its place."""
    own = shell.folder / "dialogs"
    own.mkdir()
    shipped = (Path(__file__).parents[2] / "dialogs" / "library" / "check_in.yaml").read_text("utf-8")
    (own / "check_in.yaml").write_text(shipped.replace("How is it going?", "What is up?"), "utf-8")

    listed = shell.good("dialog", "list")
    assert "What is up?" in listed
    assert "How is it going?" not in listed


def test_practice_keeps_apart(shell: Shell) -> None:
    """What is done with `--practice` is in a database of its own."""
    shell.good("cohort", "add", "Ensayo", "--practice")

    assert "Ensayo" not in shell.good("cohort", "list")
    assert "Ensayo" in shell.good("cohort", "list", "--practice")
    assert (shell.folder / "practice" / "hilo.db").exists()


def test_the_console_s_own_language_is_taken(shell: Shell) -> None:
    """Without HILO_LANGUAGE the console's language decides; neither Spanish nor English is English."""
    del shell.settings["HILO_LANGUAGE"]
    for variable, language in (("es_MX.UTF-8", "es"), ("fr_FR.UTF-8", "en"), ("C.UTF-8", "en")):
        shell.language = language
        assert shell.apart("cohort", "list", LANG=variable).out == shell.says("cli.cohort.none") + "\n"
