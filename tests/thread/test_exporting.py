"""A file of answers, from the first press to the phone; over HTTP, on both clients, with the bot killed on the way."""

import io
from collections.abc import Callable

import openpyxl
import pytest

from tests.by_day import CLIENTS_ALIKE
from tests.double import Double, User
from tests.thread.bot import Hilo
from tests.thread.test_thread import COHORT, PURPOSE, WORDS, answer, began, join

MAKE = "Preparar el archivo"


def documents(double: Double, user: User) -> list[bytes]:
    """Return the files that stand in a chat."""
    found = [message.content["document"]["file_id"] for message in user.said if "document" in message.content]
    return [double.account.files[file] for file in found]


@pytest.mark.by_day("client", why=CLIENTS_ALIKE)
@pytest.mark.proof
def test_an_admin_gets_the_answers_on_her_phone(install: Callable[..., Hilo], double: Double, client: str) -> None:
    """Asked for in chat, the workbook comes with its caption, opens, and goes again when she asks."""
    hilo = began(install, client)
    leader, rosa = double.user("Colibrí", "es"), double.user("Rosa", "es")
    join(leader, hilo.invite(COHORT), WORDS["es"])
    hilo.command("broadcast", "check_in", "--to", COHORT, "--purpose", PURPOSE)
    answer(leader, WORDS["es"])
    printed = hilo.command("invite", "--role", "admin")
    rosa.start(next(line.removeprefix("code: ") for line in printed.splitlines() if line.startswith("code: ")))
    rosa.sees("1 · Español")
    rosa.press("1 · Español")
    rosa.sees("¿Cómo te digo?")
    rosa.say("Rosa")
    rosa.sees("Menú")
    rosa.say("/exportar")
    rosa.sees(MAKE)
    hilo.kill()
    rosa.press(MAKE)
    hilo.start()
    rosa.sees("Ya no está bajo llave", patience=30.0)  # files are made when nothing else wants the processor

    (data,) = documents(double, rosa)
    heading, row = openpyxl.load_workbook(io.BytesIO(data)).worksheets[-1].iter_rows(values_only=True)
    told = dict(zip(heading, row, strict=True))
    assert (told["mood"], told["need"], told["need_about"]) == (4, "call", "=HYPERLINK agua")
    assert "Colibrí" not in map(str, row)
    rosa.press("Quitarlo de este chat")
    rosa.sees("Ya lo quité de este chat")
    assert documents(double, rosa) == []
