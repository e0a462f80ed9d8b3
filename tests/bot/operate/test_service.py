"""The service: written where it belongs, started where it can be, and a sentence where it cannot."""

import configparser
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.cli import accounts
from bot.cli.accounts import CodeUnreachable
from bot.cli.operate import dotenv, service, units
from bot.cli.operate.checks import installation
from bot.cli.operate.service import ServiceError
from bot.config import Config
from tests.bot.shell import Shell


def unit(text: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's keys have capitals
    parser.read_string(text)
    return parser


def test_units_are_written_below_a_root(console: Shell) -> None:
    """Three files: the bot, its backup, and the timer; each says where, as whom, and what it may write."""
    told = console.good("service", "install", "--root", "image")
    folder = console.folder / "image/etc/systemd/system"

    assert sorted(path.name for path in folder.iterdir()) == [
        "hilo-backup.service",
        "hilo-backup.timer",
        "hilo.service",
    ]
    assert console.says("cli.service.written") in told
    bot, backup, timer = (unit((folder / name).read_text("utf-8")) for name in units.TEMPLATES)
    assert bot["Service"]["User"] == backup["Service"]["User"] == "hilo"
    assert bot["Service"]["WorkingDirectory"] == str(console.folder)
    assert bot["Service"]["ExecStart"].endswith("/bin/hilo run")
    assert backup["Service"]["ExecStart"].endswith("/bin/hilo backup")
    assert bot["Service"]["Restart"] == "always"
    assert bot["Service"]["Environment"] == f"HILO_HOME={console.folder}"
    assert bot["Service"]["ReadWritePaths"] == f"-{console.folder}"
    assert "OnCalendar" in timer["Timer"]


def test_without_systemd_the_files_are_shown(console: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing can be installed, each file's place and text is printed, with what to do."""
    monkeypatch.setattr(service, "RUNNING", Path("nowhere/at/all"))
    told = console.good("service", "install")

    assert "# /etc/systemd/system/hilo.service" in told
    assert told.rstrip().endswith(console.says("cli.service.by_hand"))


def test_the_short_command_works_from_any_folder(shell: Shell, tmp_path: Path) -> None:
    """It goes to the folder with the code first, where settings and data are; another program of its name stays."""
    shell.good("service", "install", "--root", "image")
    short = shell.folder / "image/usr/local/bin/hilo"
    text = short.read_text("utf-8")
    assert os.access(short, os.X_OK)
    short.write_text(text.replace(str(units.program()), "pwd"), "utf-8")
    elsewhere = tmp_path / "else where"
    elsewhere.mkdir()
    done = subprocess.run([short], cwd=elsewhere, capture_output=True, text=True, check=True)
    assert done.stdout == f"{shell.folder}\n"
    short.write_text("#!/bin/sh\n# somebody's own\n", "utf-8")
    shell.good("service", "install", "--root", "image")

    assert "somebody's own" in short.read_text("utf-8")


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[Path], list[tuple[str, ...]]]:
    """Install for real, but into a folder, with the system's commands written down instead of run."""
    monkeypatch.setattr(service, "possible", lambda *_: True)
    monkeypatch.setattr(service, "UNITS", tmp_path / "system")
    monkeypatch.setattr(service, "SHORT", tmp_path / "bin/hilo")

    def install(folder: Path) -> list[tuple[str, ...]]:
        called: list[tuple[str, ...]] = []
        done = service.install(Config.load({}, folder=folder), folder, run=lambda *words: called.append(words))
        assert done.running
        return called

    return install


def test_installed_it_has_a_user_of_its_own_and_starts(
    live: Callable[[Path], list[tuple[str, ...]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A user is made, everything is given to her, and both service and timer are enabled and started."""
    checkout = tmp_path / "hilo"
    checkout.mkdir(mode=0o755)
    monkeypatch.setattr(accounts, "check", lambda *_, **__: None)
    called = live(checkout)

    assert called[0][0] == "useradd"
    assert ("chown", "-R", "hilo:", str(checkout / "var"), str(checkout / ".env")) in called
    assert called[-4:] == [
        ("systemctl", "daemon-reload"),
        ("systemctl", "enable", "hilo.service", "hilo-backup.timer"),
        ("systemctl", "restart", "hilo.service"),
        ("systemctl", "start", "hilo-backup.timer"),
    ]


FENCE = {
    "UMask": "0077",
    "LimitNOFILE": "65536",
    "LimitCORE": "0",
    "MemorySwapMax": "0",
    "NoNewPrivileges": "true",
    "CapabilityBoundingSet": "",
    "AmbientCapabilities": "",
    "PrivateTmp": "true",
    "PrivateDevices": "true",
    "DevicePolicy": "closed",
    "PrivateUsers": "true",
    "PrivateIPC": "true",
    "PrivateMounts": "true",
    "ProtectSystem": "strict",
    "ProtectHome": "true",
    "ProtectProc": "invisible",
    "ProcSubset": "pid",
    "ProtectKernelTunables": "true",
    "ProtectKernelModules": "true",
    "ProtectKernelLogs": "true",
    "ProtectControlGroups": "true",
    "ProtectClock": "true",
    "ProtectHostname": "true",
    "KeyringMode": "private",
    "LockPersonality": "true",
    "MemoryDenyWriteExecute": "true",
    "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX",
    "RestrictNamespaces": "true",
    "RestrictRealtime": "true",
    "RestrictSUIDSGID": "true",
    "RemoveIPC": "true",
    "SystemCallArchitectures": "native",
    "SystemCallErrorNumber": "EPERM",
}
"""What both services have, line by line."""


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation below no home, by a Python that lies below none."""
    monkeypatch.delenv("HILO_HOME", raising=False)
    monkeypatch.setattr(units.sys, "executable", "/srv/hilo/.venv/bin/python")


def test_both_services_stand_inside_a_fence(plain: None) -> None:
    """No core dumps, no swap, no devices, no other family of addresses; written line by line."""
    text = units.units(Config.load({}), Path("/srv/hilo"))
    for name in (units.BOT, units.BACKUP):
        found = unit(text[name])["Service"]
        assert {key: found.get(key) for key in FENCE} == FENCE
        assert found["User"] == "hilo"
        calls = [line for line in text[name].splitlines() if line.startswith("SystemCallFilter=")]
        assert calls == ["SystemCallFilter=@system-service", "SystemCallFilter=~@privileged"]
        assert found["ReadWritePaths"] == "-/srv/hilo/var"


def test_what_hilo_writes_elsewhere_is_open_to_it_and_code_below_a_home_can_be_read(plain: None) -> None:
    """The key's folder, and that of a database file elsewhere; awkward names are one word."""
    given = {
        "HILO_HOME": "/mnt/100% hers/var",
        "HILO_KEY_FILE": "/mnt/key/hilo.key",
        "HILO_EPOCHS": "/mnt/other/epochs",
        "HILO_DATABASE_URL": "sqlite:////mnt/db/hilo.db",
    }
    text = units.units(Config.load(given), Path("/srv/hilo"))[units.BOT]
    written = [line.partition("=")[2] for line in text.splitlines() if line.startswith("ReadWritePaths=")]
    assert written == ['"-/mnt/100%% hers/var"', "-/mnt/db", "-/mnt/key", "-/mnt/other"]
    assert "ProtectHome=true" in text

    assert "ProtectHome=read-only" in units.units(Config.load({}), Path("/home") / "hilo")[units.BOT]


@pytest.fixture
def written(plain: None, tmp_path: Path) -> list[Path]:
    """The units as files, of a checkout at /srv/hilo."""
    for name, text in units.units(Config.load({}), Path("/srv/hilo")).items():
        (tmp_path / name).write_text(text, "utf-8")
    return [tmp_path / name for name in units.TEMPLATES]


def analysed(*words: object) -> subprocess.CompletedProcess[str]:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")
    return subprocess.run(["systemd-analyze", *map(str, words)], capture_output=True, text=True, check=False)


def test_systemd_takes_the_units(written: list[Path]) -> None:
    """Systemd itself finds nothing to object to, but that neither program nor user is here."""
    for path in written:
        text = path.read_text("utf-8").replace("User=hilo\n", "User=root\n")
        path.write_text(text.replace("/srv/hilo/.venv/bin/hilo ", "/usr/bin/true "), "utf-8")

    assert analysed("verify", *written).stderr == ""


def test_systemd_measures_little_exposure(written: list[Path]) -> None:
    """Below 3 of 10 by `systemd-analyze security`."""
    for path in written[:2]:
        done = analysed("security", "--offline=true", "--no-pager", "--threshold=30", path)
        assert done.returncode == 0, done.stdout[-200:] + done.stderr


@pytest.fixture
def nobodys(live: Callable[[Path], list[tuple[str, ...]]], ajar: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout that was the service's own, as earlier versions left it, after it was installed again."""
    if os.geteuid() != 0:
        pytest.skip("only root gives files away")
    monkeypatch.setattr(service, "USER", "nobody")
    monkeypatch.setattr(accounts, "check", lambda *_, **__: None)
    checkout = ajar / "hilo"
    for place in ("bot/cli", "storage", ".venv/bin", ".git/hooks", "var/media"):
        (checkout / place).mkdir(parents=True)
    for name in ("bot/cli/main.py", "Makefile", "var/hilo.db", ".env", "answers.csv"):
        (checkout / name).write_text("PORT=8080\n", "utf-8")
    (checkout / "bot/cli/main.py").chmod(0o666)
    (checkout / "answers.csv").chmod(0o600)
    (checkout / ".venv/bin/python").symlink_to("/usr/bin/true")
    subprocess.run(["chown", "-R", "nobody", str(checkout)], check=True)
    home = Config.load({}, folder=checkout).home
    assert service.owns_code(checkout, checkout / home) == checkout
    for words in live(checkout):
        if words[0] in {"find", "chown", "chmod"}:
            subprocess.run(words, check=True)
    return checkout


def test_the_code_is_root_s_and_only_the_data_the_service_s(nobodys: Path) -> None:
    """Whoever takes over the service cannot change what root runs next; nobody reads more than before."""
    owners = {str(path.relative_to(nobodys)): path.lstat().st_uid for path in nobodys.rglob("*")}
    nobody = {name for name, uid in owners.items() if uid != 0}
    assert nobody == {".env", "var", "var/media", "var/hilo.db"}
    assert nobodys.stat().st_uid == 0
    assert service.owns_code(nobodys, nobodys / "var") is None
    mode = {name: (nobodys / name).stat().st_mode & 0o777 for name in ("bot/cli/main.py", "answers.csv", ".env")}
    assert mode == {"bot/cli/main.py": 0o644, "answers.csv": 0o600, ".env": 0o600}


def test_doctor_says_when_the_service_files_or_the_code_s_owner_are_of_before(
    nobodys: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """After an update the files that were installed are compared; a drop-in of the operator's is none of them."""
    config = Config.load({}, folder=nobodys)
    monkeypatch.chdir(nobodys)
    drop_in = tmp_path / "system/hilo.service.d/override.conf"
    drop_in.parent.mkdir(parents=True)
    drop_in.write_text("[Service]\nEnvironment=HTTPS_PROXY=http://127.0.0.1:3128\n", "utf-8")
    assert [each.code for each in installation.service_files(config, nobodys)] == []
    (tmp_path / "system/hilo.service").write_text("[Service]\nUser=hilo\n", "utf-8")
    (nobodys / "bot").chmod(0o777)
    found = {each.code: each.level for each in installation.service_files(config, nobodys)}

    assert found == {"service_other": "note", "code_owned": "bad"}


def test_a_key_beside_the_code_stays_the_service_s(
    live: Callable[[Path], list[tuple[str, ...]]], ajar: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key, and the epochs' folder with its lock, which nobody could make in a folder of root's."""
    if os.geteuid() != 0:
        pytest.skip("only root gives files away")
    monkeypatch.setattr(service, "USER", "nobody")
    checkout = ajar / "hilo"
    (checkout / "bot").mkdir(parents=True)
    (checkout / "hilo.key").write_text("00", "utf-8")
    config = Config.load({"HILO_KEY_FILE": "hilo.key"}, folder=checkout)
    (checkout / "var").mkdir()
    service._hand_over(config, checkout, service._run)

    nobody = {path.name for path in checkout.rglob("*") if path.stat().st_uid != 0}
    assert nobody == {"var", ".env", "hilo.key", "hilo.key.epochs", "hilo.key.epochs.lock"}


def test_settings_are_still_written_where_the_folder_is_root_s(nobodys: Path) -> None:
    """`hilo setup` goes on as the service's account, which may change its own file and make no other beside it."""
    nobody = (nobodys / ".env").stat().st_uid
    code = f"import os, sys; os.setuid({nobody}); from pathlib import Path; from bot.cli.operate import dotenv; "
    code += "dotenv.write(Path('.env'), {'HILO_LANGUAGE': 'es'}); dotenv.write(Path('.env'), {'PORT': '1'})"
    root = Path(dotenv.__file__).parents[3]
    base = Path(sys.base_prefix)
    readable = all(folder.stat().st_mode & 0o005 for folder in (root, *root.parents, base, *base.parents))
    if not readable:
        pytest.skip("this checkout, or its Python, lies where no other account may look")
    subprocess.run([units.program().parent / "python", "-P", "-c", code], cwd=nobodys, check=True)

    assert (nobodys / ".env").read_text("utf-8") == "HILO_LANGUAGE=es\nPORT=1\n"


def test_a_checkout_in_a_shut_folder_is_refused(live: Callable[[Path], list[tuple[str, ...]]], tmp_path: Path) -> None:
    """Below a folder that only root may enter, no other user could run it: the way out is said, nothing is written."""
    shut = tmp_path / "shut"
    (shut / "hilo").mkdir(parents=True)
    shut.chmod(0o700)
    with pytest.raises(CodeUnreachable) as error:
        live(shut / "hilo")

    assert error.value.code == "cli.account.code"
    assert not (tmp_path / "system").exists()


def test_a_command_of_the_system_that_fails_is_said() -> None:
    """What was run, and what it answered."""
    with pytest.raises(ServiceError) as error:
        service._run("sh", "-c", "echo 'no such thing' >&2; exit 3")

    assert error.value.facts["problem"] == "no such thing"
