"""The command line: whatever is wrong is one sentence that says what to do, never a traceback."""

import contextlib
import re
import socket
from pathlib import Path

import pytest
from sqlalchemy import event

from bot import clock
from bot.content import Content
from storage.database import HEAD, Database
from storage.vault import Vault
from tests.bot.ready import ready
from tests.bot.rig import PURPOSE, SIERRA, Rig
from tests.bot.shell import MARK, Shell

WRONG = """spec: 1
name: wrong
kind: survey
languages: [es, en]
minutes: 2
title: {es: Mal, en: Wrong}
why: {es: Por ver., en: To see.}
steps:
  - type: select_one
    name: one
    label: {es: "¿Una?", en: "One?"}
  - type: text
    name: one
    label: {es: "¿Otra?", en: "Another?"}
    relevant: ${nobody} = 'x'
"""


def installed(shell: Shell) -> None:
    """Make a database with one group and one leader in it."""
    with contextlib.closing(Rig(shell.folder, now=clock.now())) as hilo:
        hilo.join()
    ready(shell.folder)


KNOWN = ", ".join(sorted(dialog.name for dialog in Content(Path("nowhere")).in_files().all()))


REFUSED = [
    ("invite --cohort Selva", "cli.error.cohort", {"name": "Selva", "known": SIERRA}),
    ("broadcast check_in --to Selva --purpose P", "cli.error.cohort", {"name": "Selva", "known": SIERRA}),
    ("export --out out --cohort Selva", "cli.error.cohort", {"name": "Selva", "known": SIERRA}),
    ("cohort add S", "cli.error.cohort_exists", {"name": SIERRA}),
    ("cohort add \t", "cli.error.cohort_name", {}),
    ("cohort add Selva --language xx", "cli.error.language", {"tag": "xx"}),
    ("cohort add Selva --zone Oaxaca", "cli.error.zone", {"zone": "Oaxaca"}),
    ("invite --cohort S --role boss", "cli.error.role", None),
    ("run --only web", "cli.error.web_shared", {}),
    ("worker", "cli.error.worker_shared", {}),
    ("invite", "cli.error.needs_cohort", {"role": "leader"}),
    ("invite --role facilitator", "cli.error.needs_cohort", {"role": "facilitator"}),
    ("invite --cohort S --qr qr.png", "cli.invite.no_link", {}),
    ("broadcast nothing --to S --purpose P", "cli.error.dialog", {"name": "nothing", "known": KNOWN}),
    ("broadcast check_in --to S --purpose investigación", "order.purpose", {}),
    ("broadcast check_in --to S --purpose P --at mañana", "cli.error.time", {"given": "mañana"}),
    ("broadcast check_in --to S --purpose P --at 25:00", "cli.error.time", {"given": "25:00"}),
    ("export --out out --format pdf", "cli.error.format", {"form": "pdf", "known": "csv, xlsx, jsonl, sav"}),
    ("export --out out --since ayer", "cli.error.date", {"given": "ayer"}),
    ("export --out out --language xx", "cli.error.language", {"tag": "xx"}),
    ("export --out out --dialog nothing", "cli.error.dialog", {"name": "nothing", "known": KNOWN}),
    ("dialog talk nothing", "cli.error.dialog", {"name": "nothing", "known": KNOWN}),
    ("dialog codebook nothing", "cli.error.dialog", {"name": "nothing", "known": KNOWN}),
    ("dialog talk check_in --language xx", "cli.error.language", {"tag": "xx"}),
]


@pytest.mark.parametrize(("line", "code", "facts"), REFUSED, ids=[line for line, _, _ in REFUSED])
def test_each_foreseen_error_is_one_sentence(
    console: Shell, line: str, code: str, facts: dict[str, object] | None
) -> None:
    """In either language, an error says in one sentence what was wrong and what would be right."""
    installed(console)
    stand_ins = {"S": SIERRA, "P": PURPOSE}
    sentence = console.refused(*(stand_ins.get(word, word) for word in line.split(" ")))

    if facts is None:
        assert "leader" in sentence
        assert "boss" in sentence
    else:
        assert sentence == console.says(code, **facts)


def test_an_empty_group_cannot_be_asked(console: Shell) -> None:
    """A group without anyone is said so."""
    console.good("cohort", "add", SIERRA)

    sentence = console.refused("broadcast", "check_in", "--to", SIERRA, "--purpose", PURPOSE)
    assert sentence == console.says("order.nobody", cohort=SIERRA)


@pytest.mark.parametrize("image", ["qr.gif", "nowhere/qr.png"])
def test_an_image_that_cannot_be_written_is_said_so(shell: Shell, image: str) -> None:
    """A QR image of another kind, or in a folder that does not exist, is one sentence naming it."""
    shell.settings["HILO_PUBLIC_URL"] = "https://hilo.example.org"
    shell.good("cohort", "add", SIERRA)
    ready(shell.folder)

    assert image in shell.refused("invite", "--cohort", SIERRA, "--qr", image)


def test_a_folder_that_cannot_be_written_is_said_so(console: Shell) -> None:
    """An export into a place that is no folder names the place."""
    installed(console)
    (console.folder / "file").write_text("", "utf-8")

    assert "file/out" in console.refused("export", "--out", "file/out")


SETUPS = {
    "not YAML": ("name: [", ""),
    "a list": ("- name", ""),
    "nothing": ("", ""),
    "an unknown key": ("nombre: Casa", "nombre"),
    "a zone nobody knows": ("zone: Oaxaca", "Oaxaca"),
    "a language nobody knows": ("languages: [xx]", "xx"),
    "a language that is no list": ("languages: es", "es"),
    "a day nobody knows": ("reading_days: [juebes]", "juebes"),
    "a day that is no list": ("reading_days: jueves", "jueves"),
    "no days": ("reading_days:", ""),
    "no languages": ("languages:", ""),
    "months in words": ("retention_months: doce", "doce"),
    "a care card without languages": ("care_card: Llama a Rosa", "care_card"),
    "words of danger without languages": ("danger_words: [amenaza]", "danger_words"),
    "words of danger that are no list": ("danger_words: {es: amenaza}", "danger_words.es"),
    "a word of danger that is none": ("danger_words: {es: [3]}", "danger_words.es"),
    "a protocol without languages": ("danger_protocol: Llamar a Rosa", "danger_protocol"),
    "a protocol longer than a screen": (f"danger_protocol: {{es: {'Llamar a Rosa. ' * 60}}}", "danger_protocol.es"),
    "a group without a name": ("cohorts: [{zone: America/Cancun}]", "cohorts"),
    "groups that are no list": ("cohorts: Sierra Norte", ""),
}


@pytest.mark.parametrize(("text", "named"), SETUPS.values(), ids=SETUPS)
def test_a_setup_that_cannot_be_used_is_one_sentence(shell: Shell, text: str, named: str) -> None:
    """A file of answers that cannot be used names what is wrong in it; or it is used, and nothing breaks later."""
    file = shell.folder / "answers.yaml"
    file.write_text(text, "utf-8")
    ended = shell("setup", "--from", str(file))
    if ended.code:
        assert named in ended.sentence
    else:
        shell.good("cohort", "list")
        assert not named, "it was taken as if it were right"


def test_a_setup_in_another_encoding_is_one_sentence(shell: Shell) -> None:
    """A file saved as Latin-1 is told to be saved as UTF-8."""
    file = shell.folder / "answers.yaml"
    file.write_bytes("name: Casa Raíz".encode("latin-1"))

    assert "UTF-8" in shell.refused("setup", "--from", str(file))


def test_a_wrong_dialog_tells_every_problem_with_its_line(console: Shell) -> None:
    """All that is wrong with a file is told at once, each with its line, and the command fails."""
    file = console.folder / "wrong.yaml"
    file.write_text(WRONG, "utf-8")
    ended = console("dialog", "check", str(file))
    lines = ended.out.splitlines()

    assert ended.code == 1
    assert {int(found[1]) for line in lines if (found := re.match(r".*wrong\.yaml:(\d+): ", line))} >= {3, 13, 15}
    assert len(lines) >= 4
    assert not re.search(r"issue\.|(?<!\$)\{", ended.out)
    assert console.refused("dialog", "talk", str(file)) == console.says("cli.error.broken_dialog", path=file)


def test_a_wrong_dialog_of_one_s_own_does_not_hide_the_others(shell: Shell) -> None:
    """A broken file beside the data is left aside and named; the others can be used."""
    own = shell.folder / "dialogs"
    own.mkdir()
    (own / "wrong.yaml").write_text(WRONG, "utf-8")
    (own / "latin.yaml").write_bytes("título: ñ".encode("latin-1"))
    listed = shell.good("dialog", "list")

    assert "check_in" in listed
    assert "wrong.yaml:3" in listed
    assert "latin.yaml:1" in listed
    assert shell("dialog", "check").code == 1


WRONG_SETTINGS = [
    ("HILO_TELEGRAM_CLIENT", "telethon"),
    ("PORT", "0"),
    ("PORT", "eighty"),
    ("PORT", "99999"),
    ("HILO_METRICS_PORT", "none"),
    ("HILO_METRICS_PORT", "8080"),
    ("HILO_SEND_RATE", "0"),
    ("HILO_SEND_RATE", "many"),
    ("HILO_PUBLIC_URL", "hilo.example.org"),
    ("HILO_TELEGRAM_API", "ftp://example.org"),
    ("HILO_WEBHOOK_URL", "http://hilo.example.org/telegram"),
    ("HILO_MASTER_KEY", "abc"),
    ("HILO_DATABASE_URL", "mysql://localhost/hilo"),
    ("HILO_DATABASE_URL", "hilo.db"),
    ("HILO_DATABASE_URL", "sqlite://"),
    ("HILO_DATABASE_URL", "sqlite:///nowhere/hilo.db"),
    ("HILO_DATABASE_URL", "sqlite:///hilo.key"),
    ("HILO_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/hilo"),
]


@pytest.mark.parametrize(("name", "value"), WRONG_SETTINGS, ids=[" ".join(pair) for pair in WRONG_SETTINGS])
def test_a_wrong_setting_names_itself(console: Shell, name: str, value: str) -> None:
    """A setting that cannot be used is named in one sentence, before anything is written."""
    console.good("migrate")
    console.settings[name] = value

    assert name in console.refused("cohort", "list")


def test_a_home_that_is_a_file_is_said_so(shell: Shell) -> None:
    """HILO_HOME in a place where no folder can be is one sentence naming it."""
    (shell.folder / "file").write_text("", "utf-8")
    shell.settings["HILO_HOME"] = str(shell.folder / "file")

    assert str(shell.folder / "file") in shell.refused("cohort", "list")


@pytest.mark.parametrize("address", ["postgresql://rosa:word@[::1", "postgresql://rosa:word@host:port/hilo"])
def test_half_an_address_of_a_database_is_one_sentence(console: Shell, address: str) -> None:
    """It names the setting and its two forms, and not the password in it."""
    console.settings["HILO_DATABASE_URL"] = address
    ended = console("cohort", "list")
    assert (ended.sentence, ended.code) == (console.says("config.database"), 1)
    assert "word" not in ended.out + ended.err


def test_a_newer_database_is_not_touched(console: Shell) -> None:
    """A database of a newer Hilo is refused, naming both schemas, and once only where a bot would start with it."""
    console.good("migrate")
    database = Database.open(f"sqlite:///{console.folder / 'hilo.db'}")
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    database.dispose()

    refusal = console.says("cli.error.newer", stored="9999", known=HEAD)
    assert console.refused("migrate") == refusal
    assert console.apart("run").sentence == refusal


def test_a_lost_key_is_not_replaced(console: Shell) -> None:
    """With people in the database and the key's file gone, nothing is made anew: the key is asked for."""
    installed(console)
    key = console.folder / "hilo.key"
    key.unlink()

    assert console.refused("cohort", "list") == console.says("config.key_lost", path=key)
    assert not key.exists()


def test_a_lost_key_is_not_replaced_before_anyone_came(shell: Shell) -> None:
    """Groups and record are sealed too: a database that holds them asks for its key, people or not."""
    shell.good("cohort", "add", SIERRA)
    key = shell.folder / "hilo.key"
    key.unlink()
    shell.refused("cohort", "list")

    assert not key.exists()


def test_something_else_in_place_of_the_key_is_said_so(console: Shell) -> None:
    """A key file that holds no key is named and left as it is."""
    key = console.folder / "hilo.key"
    key.write_text("not a key", "utf-8")

    assert console.refused("cohort", "list") == console.says("config.key_file", path=key)
    assert key.read_text("utf-8") == "not a key"


@pytest.mark.parametrize("words", [("cohort", "list"), ("invite", "--cohort", SIERRA), ("export", "--out", "out")])
def test_a_wrong_key_opens_nothing(console: Shell, words: tuple[str, ...]) -> None:
    """Another key than the database's is refused in one sentence."""
    installed(console)
    console.settings["HILO_MASTER_KEY"] = Vault.generate().hex()

    assert console.refused(*words) == console.says("cli.error.key")


def test_the_bot_does_not_start_with_a_wrong_key(shell: Shell) -> None:
    """A bot that could read nothing says so and ends, instead of failing at every message."""
    installed(shell)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    ended = shell.apart("run", PORT=port, HILO_MASTER_KEY=Vault.generate().hex())

    assert ended.sentence == shell.says("cli.error.key")


def test_a_port_in_use_is_said_so(console: Shell) -> None:
    """The bot does not start where another already listens, and names the port."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = console.apart("run", PORT=port)

    assert port in ended.sentence
    assert "PORT" in ended.sentence


MISTYPED = {
    "fly": ("cli.usage.command", None),
    "expor": ("cli.usage.command.near", {"given": "expor", "known": "export"}),
    "bakcup": ("cli.usage.command.near", {"given": "bakcup", "known": "backup"}),
    "dialog chek": ("cli.usage.command.near", {"given": "chek", "known": "check"}),
    "dialog fly": ("cli.usage.command", {"known": "list, check, talk, codebook"}),
    "invite --xyz": ("cli.usage.option", {"given": "--xyz"}),
    "invite --cohrt S": ("cli.usage.option.near", {"given": "--cohrt", "known": "--cohort"}),
    "invite --role": ("cli.usage.worth", {"option": "--role"}),
    "invite --uses 0": ("cli.usage.number", {"name": "--uses", "low": 1, "high": 1000}),
    "invite --uses many": ("cli.usage.number", {"name": "--uses", "low": 1, "high": 1000}),
    "broadcast check_in --to S": ("cli.usage.missing", {"name": "--purpose"}),
    "people show": ("cli.usage.missing", {"name": "WHO"}),
    "cohort add Sierra Norte": ("cli.usage.extra", {}),
}


@pytest.mark.parametrize(("line", "code", "facts"), [(line, *said) for line, said in MISTYPED.items()], ids=MISTYPED)
def test_a_line_that_is_not_known_is_told_in_the_language(
    console: Shell, line: str, code: str, facts: dict[str, object] | None
) -> None:
    """A command, an option or a value that does not exist is one sentence, and where to look it up; exit code 2."""
    ended = console(*line.split())

    assert ended.code == 2
    told, looked_up = ended.err.splitlines()
    assert looked_up.startswith(console.says("cli.usage.help", command="hilo").removesuffix(" --help"))
    if facts is not None:
        own = dict(each.split("=") for each in console.says("cli.help.names").split(", ") if "=" in each)
        named = {key: own.get(str(value), value) for key, value in facts.items()}
        assert told == MARK + console.says(code, **named)
    assert not re.search("Usage|Error|[Tt]ry", ended.err)
    assert console("dialog").code == 2
    assert "check" in console("dialog").err


def test_the_command_is_named_hilo_however_it_was_started(console: Shell) -> None:
    """Who starts it as a module reads the same line as who starts the command."""
    assert console.apart("fly").err.splitlines()[-1] == console.says("cli.usage.help", command="hilo")


def test_a_file_that_is_not_there_is_told_before_anything_is_asked(console: Shell) -> None:
    """A file of answers, a dialog or a backup under a wrong name is named; a picture before there is an invite."""
    installed(console)
    missing = console.says("reason.missing")
    for line in ("setup --from no.yaml", "dialog check no.yaml"):
        assert console.refused(*line.split()) == console.says("cli.error.system", path="no.yaml", problem=missing)
    ended = console("restore", "no.data")
    assert (ended.sentence, ended.out) == (console.says("cli.restore.no_file", path="no.data"), "")
    ended = console("invite", "--cohort", SIERRA, "--poster", "no/poster.pdf")
    assert (ended.sentence, ended.out) == (console.says("cli.error.write", path="no/poster.pdf", problem=missing), "")


def test_a_key_s_folder_that_is_not_there_is_told(console: Shell) -> None:
    """A place for the key that does not exist names the setting."""
    console.settings["HILO_KEY_FILE"] = "no/hilo.key"

    assert "HILO_KEY_FILE" in console.refused("cohort", "list")


def test_a_damaged_database_leads_to_the_backup_and_back(console: Shell) -> None:
    """It is told as damaged, by `doctor` too; a backup takes its place, and the damaged one is kept aside."""
    installed(console)
    backup = console.good("backup").splitlines()[2]
    damaged = console.folder / "hilo.db"
    for file in console.folder.glob("hilo.db-*"):
        file.unlink()
    damaged.write_bytes(b"no database" * 99)
    facts = {"path": damaged, "problem": console.says("reason.damaged")}
    assert console.refused("cohort", "list") == console.says("config.database_file", **facts)
    assert console.says("cli.doctor.database_file", **facts) in console("doctor").out
    console.good("restore", backup, "--yes")

    assert SIERRA in console.good("cohort", "list")
    assert [each.read_bytes() for each in console.folder.glob("before-restore-*/hilo.db")] == [b"no database" * 99]


def test_a_full_disk_is_one_sentence(console: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """What SQLite itself says of a database that may not grow is told in the language, and nothing was kept."""
    console.good("migrate")
    really = Database.open.__func__  # type: ignore[attr-defined]  # the class method's function

    def full(cls: type[Database], url: str) -> Database:
        database: Database = really(cls, url)
        event.listen(database.engine, "connect", lambda raw, _: raw.execute("PRAGMA max_page_count = 1"))
        return database

    monkeypatch.setattr(Database, "open", classmethod(full))
    names = [f"Grupo {number} de la montaña alta" for number in range(60)]
    ended = [console("cohort", "add", name) for name in names]
    monkeypatch.undo()

    refused = [each for each in ended if each.code]
    assert refused
    assert {each.sentence for each in refused} == {
        console.says("cli.error.unsaved", problem=console.says("reason.full"))
    }
    assert len(console.good("cohort", "list").splitlines()) == 1 + len(names) - len(refused)


def test_what_the_system_refuses_is_told(console: Shell) -> None:
    """A lock that is no file is one sentence naming it, and no traceback."""
    console.good("migrate")
    (console.folder / "hilo.lock").unlink(missing_ok=True)
    (console.folder / "hilo.lock").mkdir()
    facts = {"path": console.folder / "hilo.lock", "problem": console.says("reason.folder")}

    assert console.refused("doctor") == console.says("cli.error.system", **facts)


def test_an_own_dialog_that_cannot_be_read_hides_no_other(console: Shell) -> None:
    """It is an issue like any other: the bot starts, and `check` and `doctor` name it."""
    console.good("migrate")
    (console.folder / "dialogs/own.yaml").mkdir(parents=True)

    assert "check_in" in console.good("dialog", "list")
    assert console.says("issue.unreadable") in console("dialog", "check").out
