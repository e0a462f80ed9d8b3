"""What root asks is done as the account the bot's folder belongs to, or refused where that cannot get to Hilo."""

import os
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cli import accounts
from bot.cli.accounts import Account, CodeUnreachable, owner
from bot.cli.operate import service
from bot.config import Config
from tests.bot.shell import ROOT, Shell

NOBODY = 65534
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can go on as another account")


@pytest.fixture
def home(ajar: Path) -> Path:
    """The bot's folder, which is another account's."""
    home = ajar / "home"
    home.mkdir()
    os.chown(home, NOBODY, NOBODY)
    return home


@pytest.fixture(params=["es", "en"])
def root(request: pytest.FixtureRequest, ajar: Path, home: Path) -> Shell:
    """Root's terminal, in each language."""
    shell = Shell(ajar, pytest.MonkeyPatch(), None, request.param)  # type: ignore[arg-type]  # it prints elsewhere
    shell.settings["HILO_HOME"] = str(home)
    return shell


@pytest.fixture(scope="module")
def closed() -> Iterator[Path]:
    """A folder of root's own with a Python in it."""
    with tempfile.TemporaryDirectory() as folder:
        python = Path(folder) / "own/python"
        subprocess.run([sys.executable, "-m", "venv", "--copies", "--without-pip", str(python)], check=True)
        libraries = Path(sysconfig.get_path("purelib", "venv", {"base": str(python)}))
        here = [place for place in sys.path if place.endswith("site-packages")]
        (libraries / "hilo.pth").write_text("\n".join(here), "utf-8")
        python.parent.chmod(0o700)
        Path(folder).chmod(0o755)
        yield python.parent


@pytest.fixture
def shut_away(closed: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let Python lie in a folder of root's own, as pyenv's does below root's home; returns the folder."""
    monkeypatch.setattr(sys, "executable", str(closed / "python/bin/python"))
    return closed


def first_shut(folder: Path) -> Path:
    """Return the first folder on the way to a folder, or itself, that others may not pass."""
    return next(place for place in [*reversed(folder.parents), folder] if not place.stat().st_mode & 1)


def reachable() -> bool:
    """Tell whether any account can get to the code and the Python of this test run."""
    try:
        accounts.check(Account("nobody", NOBODY, NOBODY), ROOT)
    except CodeUnreachable:
        return False
    return True


def test_root_goes_on_as_the_folder_s_owner(root: Shell, home: Path) -> None:
    """What root asks leaves no file of root's; where the owner cannot get to Python or code, nothing is left at all."""
    account = owner(home)
    assert account is not None
    ended = root.apart("cohort", "add", "Sierra")

    if reachable():
        assert ended.code == 0, ended
        assert {path.stat().st_uid for path in home.iterdir()} == {NOBODY}
        assert {path.stat().st_mode & 0o777 for path in home.glob("hilo.db*")} == {0o600}, "nobody else may read them"
    else:
        assert account.name in ended.sentence
        assert not any(home.iterdir())


def test_a_file_lies_beside_the_data_where_the_folder_is_root_s(root: Shell, ajar: Path, home: Path) -> None:
    """The account that owns the data may not write beside the code; the sentence says where the file is."""
    if not reachable():
        pytest.skip("the account cannot get to this checkout")
    words = ("invite", "--role", "admin", "--qr", "code.png")
    told = root.apart(*words, HILO_PUBLIC_URL="https://hilo.example.org", **root.settings)

    assert root.says("cli.invite.qr_done", path=home / "code.png") in told.out, told
    assert (home / "code.png").stat().st_uid == NOBODY
    assert not (ajar / "code.png").exists()


@pytest.mark.parametrize(
    "line",
    [
        "run",
        "backup",
        *(
            pytest.param(line, marks=pytest.mark.proof)
            for line in ("cohort list", "restore no.data", "status", "doctor", "key restore")
        ),
    ],
)
def test_a_python_the_owner_cannot_get_to_is_a_sentence(root: Shell, home: Path, shut_away: Path, line: str) -> None:
    """It names the account, the folder that is shut, and the way out; the bot's folder stays as it was."""
    account = owner(home)
    assert account is not None
    ended = root.apart(*line.split())

    code = any(not place.stat().st_mode & 1 for place in (ROOT, *ROOT.parents))
    what, shut = ("code", first_shut(ROOT)) if code else ("python", shut_away)
    assert ended.sentence == root.says(f"cli.account.{what}", user=account.name, shut=shut, folder=ROOT)
    assert "make setup" in ended.sentence
    assert not any(home.iterdir())


def test_an_update_is_refused_before_anything_is_done(root: Shell, ajar: Path, home: Path, shut_away: Path) -> None:
    """The checkout is another account's, who could not make the backup that comes first."""
    account = owner(home)
    assert account is not None
    checkout = ajar / "checkout"
    checkout.mkdir()
    os.chown(checkout, NOBODY, NOBODY)
    ended = root.apart("update", "--folder", str(checkout))

    assert ended.sentence == root.says("cli.account.python", user=account.name, shut=shut_away)


def test_the_service_is_not_installed_with_a_python_of_root_s_own(
    ajar: Path, shut_away: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would end at every start: nothing is written, and no command of the system is run."""
    monkeypatch.setattr(service, "possible", lambda *_: True)
    monkeypatch.setattr(service, "UNITS", ajar / "system")
    checkout = ajar / "checkout"
    checkout.mkdir()
    with pytest.raises(CodeUnreachable) as error:
        service.install(Config.load({}, folder=checkout), checkout, run=pytest.fail)

    assert (error.value.code, error.value.facts["shut"]) == ("cli.account.python", shut_away)
    assert not (ajar / "system").exists()


def test_a_folder_is_passed_by_its_owner_its_group_and_others(ajar: Path) -> None:
    """Who owns it goes by the owner's bit, who is in its group by the group's, and everybody else by the last."""
    inside = ajar / "inside"
    inside.mkdir()
    os.chown(inside, 1001, 2002)
    people = (Account("she", 1001, 1001), Account("mate", 1002, 1002, (2002,)), Account("else", 1003, 1003))
    for mode, passing in ((0o100, (True, False, False)), (0o010, (False, True, False)), (0o001, (False, False, True))):
        inside.chmod(mode)
        found = [accounts._shut(account, inside / "code", None) for account in people]
        assert found == [None if passes else inside for passes in passing]
