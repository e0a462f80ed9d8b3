"""`hilo erase`: by nickname or code, asked first, with a receipt that hides nothing."""

import contextlib

from bot import clock
from bot.media.store import MediaStore
from tests import media_rows
from tests.bot.rig import Rig
from tests.bot.samples import ogg
from tests.bot.shell import Shell


def installed(shell: Shell, *names: str) -> list[str]:
    """People of these names, each with a voice note; returns their codes."""
    with contextlib.closing(Rig(shell.folder, now=clock.now())) as hilo:
        people = [hilo.join(nickname=name).person for name in names]
        for person in people:
            with hilo.unit() as unit:
                media_rows.keep(MediaStore(shell.folder), unit, unit.people.known(person.id), ogg(), 3)
        with hilo.unit() as unit:
            unit.audit.add("console", "answers.exported", "*", {})
        return [person.pseudonym for person in people]


def files(shell: Shell) -> int:
    return len(list((shell.folder / "media").iterdir()))


def test_a_person_is_erased_by_her_nickname_and_a_receipt_is_given(console: Shell) -> None:
    """After a yes her rows, key and files are gone, others' are not, and what is out of reach is said."""
    code, _ = installed(console, "Colibrí", "Ceiba")
    yes = "s" if console.language == "es" else "y"
    told = console.good("erase", "colibri", typed=f"{yes}\n")

    assert f"Colibrí ({code})" in told
    assert console.says("cli.erase.phones", where="Telegram") in told
    assert console.says("cli.erase.exports", day="|").split("|")[1] in told
    assert console.says("cli.erase.backups_final") in told
    assert files(console) == 1
    assert "1" in console.good("cohort", "list").splitlines()[1]
    assert code in console.refused("erase", code)


def test_without_a_yes_nothing_is_done(console: Shell) -> None:
    """The default is no, and at the end of the input, too."""
    installed(console, "Colibrí")
    assert console.refused("erase", "Colibrí", typed="\n").endswith(console.says("cli.nothing_done"))

    assert files(console) == 1


def test_several_of_one_name_are_told_apart_by_code(console: Shell) -> None:
    """Nobody is erased by a guess: the codes are listed, and one of them does."""
    codes = installed(console, "Colibrí", "Colibrí")
    sentence = console.refused("erase", "Colibrí", "--yes")
    assert all(code in sentence for code in codes)
    console.good("erase", codes[1].lower(), "--yes")

    assert files(console) == 1


def test_nobody_of_that_name_is_said(console: Shell) -> None:
    """A name nobody has leaves everyone as they are."""
    installed(console, "Colibrí")

    assert console.refused("erase", "Nopal", "--yes") == console.says("cli.erase.nobody", name="Nopal")


def test_the_name_is_asked_for(console: Shell) -> None:
    """What is typed at a question is in no shell's history and no list of processes, where it would outlive her."""
    code, _ = installed(console, "Colibrí", "Ceiba")
    yes = "s" if console.language == "es" else "y"
    told = console.good("erase", typed=f"colibrí\n{yes}\n")

    assert console.says("cli.erase.who") in told
    assert f"Colibrí ({code})" in told
    assert files(console) == 1
