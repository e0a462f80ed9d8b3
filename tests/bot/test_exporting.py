"""Files of answers in chat: what an admin chooses, what comes, and who else may not."""

import asyncio
import errno
import io
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from bot import clock
from bot.export import archive as parcel
from bot.export.archive import FinishedExport
from bot.export.export_worker import WORKSHOP, ExportWorker
from bot.messengers.port import Attachment, Unreachable
from bot.pipeline.courier import Courier
from bot.pipeline.send_results import recover
from bot.runtime.workers import Workers
from bot.services.erasure import erase_person
from bot.services.permissions import may_export
from storage.claims import OutboxRow
from storage.unit import Storage
from tests import media_rows
from tests.bot import samples
from tests.bot.rig import Phone, Rig, texts
from tests.bot.test_staff import NEXT, ROWS, SCREEN, answered

ZONE = ZoneInfo("America/Mexico_City")
MAKE = {"es": "Preparar el archivo", "en": "Make the file"}


def admin(hilo: Rig, language: str = "es") -> Phone:
    """Let an admin come in."""
    return hilo.facilitator(language, "Rosa", cohort=None, role="admin")


def checked(hilo: Rig, nickname: str = "Ceiba", cohort: str = "Sierra Norte") -> Phone:
    """Let someone answer a whole check-in."""
    phone = hilo.join(nickname=nickname, cohort=cohort)
    hilo.ask(phone, cohort=cohort)
    answered(phone, "Hubo junta.")
    return phone


def ordering(hilo: Rig) -> Phone:
    """Let an admin order a file that waits in the outbox to be made."""
    rosa = admin(hilo)
    rosa.say("/exportar")
    hilo.messenger.press(rosa.chat, MAKE["es"])
    hilo.keep()
    hilo.handle()
    return rosa


def file_of(phone: Phone) -> Attachment:
    """Return the newest file in a chat."""
    return next(message.attachment for message in reversed(phone.heard) if message.attachment is not None)


def rows_of(sent: Attachment) -> list[dict[str, object]]:
    """Read a workbook's first sheet."""
    heading, *rest = openpyxl.load_workbook(io.BytesIO(sent.data)).worksheets[-1].iter_rows(values_only=True)
    return [dict(zip(map(str, heading), row, strict=True)) for row in rest]


def documents(hilo: Rig) -> list[Path]:
    """List the files of answers that wait on the machine."""
    return list((hilo.folder / "documents").glob("*"))


def during(hilo: Rig, monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """Let something happen once, while a file is made and its answers have been read."""
    build, left = hilo.export_worker.build, [happens]

    def made(storage: Storage, row: OutboxRow) -> FinishedExport | str:
        done = build(storage, row)
        while left:
            left.pop()()
        return done

    monkeypatch.setattr(hilo.export_worker, "build", made)


def test_who_is_erased_while_a_file_is_made_is_not_in_it(hilo: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file that may hold her is deleted and made anew, without her."""
    stays, nopal = checked(hilo), checked(hilo, "Nopal")
    rosa = ordering(hilo)

    def leaves() -> None:
        with hilo.unit() as unit:
            erase_person(unit, texts(), nopal.person, nopal.person)

    during(hilo, monkeypatch, leaves)
    hilo.send()
    hilo.send()

    assert {row["person"] for row in rows_of(file_of(rosa))} == {stays.person.pseudonym}
    assert documents(hilo) == []


def test_who_loses_the_role_while_a_file_is_made_gets_none(hilo: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """The role is looked at once more when the file is ready."""
    checked(hilo)
    rosa = ordering(hilo)

    def taken() -> None:
        with hilo.unit() as unit:
            unit.roles.revoke(rosa.person.id, "admin")

    during(hilo, monkeypatch, taken)
    hilo.send()

    assert rosa.last.text == texts().say("staff.not_allowed", "es")
    assert documents(hilo) == []


def waits(hilo: Rig, rosa: Phone) -> None:
    """Let an admin order a file that is made and cannot be sent yet: the line to her is down."""
    hilo.messenger.fail(Unreachable("no network"), 99, rosa.chat)
    rosa.say("/exportar")
    hilo.messenger.press(rosa.chat, MAKE["es"])
    hilo.keep()
    hilo.handle()
    hilo.send()
    assert len(documents(hilo)) == 1


def comes_back(hilo: Rig) -> None:
    """Let the line to her be up again, a while later."""
    hilo.messenger.work()
    hilo.now += timedelta(minutes=5)
    hilo.send()


def test_a_file_that_waits_goes_with_the_role(hilo: Rig) -> None:
    """Another admin ends the role by three presses: the file leaves the machine, and never arrives."""
    checked(hilo)
    root, rosa = hilo.facilitator("es", "Lupe", cohort=None, role="admin"), admin(hilo)
    rosa.say("/exportar")  # so that the screen stands before the line is cut
    waits(hilo, rosa)
    root.say("/personas")
    for label in ("button.people_groups", "button.people_roles"):
        root.press(texts().say(label, "es"))
    root.press("Rosa · Administrar")
    root.press(texts().say("button.role_end", "es"))
    root.press(texts().say("button.role_end_sure", "es"))
    assert documents(hilo) == []
    comes_back(hilo)
    assert [message for message in rosa.heard if message.attachment] == []


def test_a_file_that_waits_is_not_sent_after_a_role_that_ran_out(hilo: Rig) -> None:
    """A role that ends by itself ends nothing by an act: the file is looked at once more before it is sent."""
    checked(hilo)
    rosa = admin(hilo)
    rosa.say("/exportar")
    waits(hilo, rosa)
    with hilo.unit() as unit:
        for each in unit.roles.grants():
            unit.roles.end(each.id)
    assert len(documents(hilo)) == 1
    comes_back(hilo)
    assert [message for message in rosa.heard if message.attachment] == []
    assert documents(hilo) == []


def test_a_file_that_waits_goes_with_an_erasure(hilo: Rig) -> None:
    """A participant erases herself by the menu: no file that may hold her waits any more."""
    ceiba = checked(hilo)
    rosa = admin(hilo)
    rosa.say("/exportar")
    waits(hilo, rosa)
    ceiba.say("/borrar")
    ceiba.press(texts().say("button.erase_all", "es"))
    ceiba.press(texts().say("button.erase_all_sure", "es"))
    assert documents(hilo) == []
    comes_back(hilo)
    assert [message for message in rosa.heard if message.attachment] == []


def test_a_file_that_cannot_be_sent_for_an_hour_goes(hilo: Rig) -> None:
    """It waits no longer than that, on either way."""
    checked(hilo)
    rosa = admin(hilo)
    rosa.say("/exportar")
    waits(hilo, rosa)
    hilo.now = clock.now() + timedelta(minutes=61)  # the file was made by the real clock
    comes_back(hilo)
    assert [message for message in rosa.heard if message.attachment] == []
    hilo.media_store.expire(hilo.now)
    assert documents(hilo) == []


@pytest.mark.parametrize(("language", "command"), [("es", "/exportar"), ("en", "/export")])
def test_a_workbook_comes_into_the_chat(hilo: Rig, language: str, command: str) -> None:
    """One command and one button: the file comes with what is in it, who may read it, and where it stays."""
    ceiba = checked(hilo)
    rosa = admin(hilo, language)
    rosa.say(command)
    assert MAKE[language] in rosa.last.labels
    rosa.press(MAKE[language])
    sent = file_of(rosa)

    assert (sent.kind, sent.name) == ("document", f"hilo-{clock.now().astimezone(ZONE):%Y-%m-%d}.xlsx")
    (row,) = rows_of(sent)
    assert (row["person"], row["week"], row["need"]) == (ceiba.person.pseudonym, "Hubo junta.", "nothing")
    assert row["need.label"] == {"es": "Nada por ahora", "en": "Nothing for now"}[language]
    assert texts().count("export.caption.readers", language, 1) in (rosa.last.text or "")
    assert texts().say("export.caption.stays.telegram", language) in (rosa.last.text or "")
    assert not rosa.last.protected
    assert len(rosa.last.text or "") <= 1024
    (entry,) = hilo.audited("answers.exported")
    assert (entry.actor, entry.detail["format"]) == (str(rosa.person.id), "xlsx")


def test_choices_change_the_screen_in_place_and_the_file(hilo: Rig) -> None:
    """Which conversations, which group, which format, which rows: each is chosen by buttons, on one message."""
    checked(hilo)
    costa = checked(hilo, "Nopal", "Costa")
    rosa = admin(hilo)
    rosa.say("/exportar")
    before = len(rosa.heard)
    rosa.press("De qué grupo")
    rosa.press("Costa")
    rosa.press("Qué conversaciones")
    rosa.press("¿Cómo vas?")
    assert "✓ ¿Cómo vas?" in rosa.last.labels
    rosa.press("Regresar")
    rosa.press("En qué formato")
    rosa.press("Tabla (CSV)")
    rosa.press("Una fila por respuesta")
    assert len(rosa.heard) == before
    assert len(rosa.last.text or "") <= SCREEN
    assert len(rosa.last.keyboard) <= ROWS
    assert "grupo: Costa" in (rosa.last.text or "")
    rosa.press(MAKE["es"])
    sent = file_of(rosa)

    assert sent.name.endswith(".zip")
    with zipfile.ZipFile(io.BytesIO(sent.data)) as archive:
        assert sorted(archive.namelist()) == ["check_in.long.codebook.csv", "check_in.long.csv"]
        lines = archive.read("check_in.long.csv").decode("utf-8-sig").splitlines()
    assert len(lines) == 4
    assert all(costa.person.pseudonym in line for line in lines[1:])


def test_voice_notes_and_photos_come_in_an_archive(hilo: Rig) -> None:
    """With them asked for, the workbook and the folder come together."""
    phone = checked(hilo)
    with hilo.unit() as unit:
        person = unit.people.known(phone.person.id)
        kept = media_rows.keep(hilo.media_store, unit, person, samples.jpeg())
        body = f'{{"value": [{{"media": "photo", "id": "{kept.hex}", "seconds": null}}], "label": ""}}'
        unit.answers.add(clock.new_id(), phone.run.id, "week", person, body, unit.now)
    rosa = admin(hilo)
    rosa.say("/exportar")
    rosa.press("Con notas de voz y fotos")
    rosa.press(MAKE["es"])

    with zipfile.ZipFile(io.BytesIO(file_of(rosa).data)) as archive:
        assert sorted(archive.namelist()) == ["check_in.xlsx", f"media/{kept.hex}.jpg"]
    assert "Va una nota de voz o foto." in (rosa.last.text or "")


def test_only_admins_may(hilo: Rig) -> None:
    """A facilitator and a leader are told so, nothing is made, and the trail says who tried."""
    checked(hilo)
    for phone in (hilo.facilitator(), hilo.join(nickname="Nopal")):
        phone.say("/exportar")
        assert phone.told == texts().say("staff.not_allowed", "es")
        with hilo.reading() as unit:
            assert not may_export(unit, phone.person, None)
    assert len(hilo.audited("refused")) == 2


def test_an_admin_of_one_group_gets_that_group(hilo: Rig) -> None:
    """Where the role is for one group, no other is offered, and an old button of another gives nothing."""
    sierra, _ = checked(hilo), checked(hilo, "Nopal", "Costa")
    rosa = hilo.facilitator("es", "Rosa", "Sierra Norte", "admin")
    rosa.say("/exportar")
    rosa.press("De qué grupo")
    assert "Costa" not in rosa.last.labels
    assert "Todos los grupos" not in rosa.last.labels
    rosa.press("Regresar")
    rosa.press(MAKE["es"])

    assert [row["person"] for row in rows_of(file_of(rosa))] == [sierra.person.pseudonym]


def test_whoever_is_no_admin_any_more_gets_no_file(hilo: Rig) -> None:
    """The role is looked at again when the file is made."""
    checked(hilo)
    rosa = ordering(hilo)
    with hilo.unit() as unit:
        unit.roles.revoke(rosa.person.id, "admin")
    hilo.send()

    assert rosa.last.text == texts().say("staff.not_allowed", "es")
    assert [message for message in rosa.heard if message.attachment] == []


def test_two_quick_presses_are_one_file(hilo: Rig) -> None:
    """Pressed twice, the file is made once."""
    checked(hilo)
    rosa = admin(hilo)
    rosa.say("/exportar")
    button, order = rosa.button(MAKE["es"])
    hilo.messenger.press_id(rosa.chat, button, order)
    hilo.messenger.press_id(rosa.chat, button, order)
    hilo.settle()

    assert len([message for message in rosa.heard if message.attachment]) == 1


def test_a_file_is_taken_back(hilo: Rig) -> None:
    """Once sent it is off the machine; for two days a button takes it out of the chat; then she is told how."""
    checked(hilo)
    rosa = admin(hilo)
    rosa.say("/exportar")
    rosa.press(MAKE["es"])
    assert file_of(rosa)
    assert documents(hilo) == []
    rosa.press("Quitarlo de este chat")
    assert [message for message in rosa.heard if message.attachment] == []
    assert rosa.last.text == texts().say("export.taken_back", "es")

    rosa.say("/exportar")
    rosa.press(MAKE["es"])
    hilo.now += timedelta(days=3)
    rosa.press("Quitarlo de este chat")
    assert rosa.told == texts().say("export.too_old.telegram", "es")
    assert file_of(rosa)


def test_too_large_a_file_names_the_way_out(hilo: Rig) -> None:
    """What a chat does not take is not sent: she is told what to leave out, and which command has no such limit."""
    checked(hilo)
    rosa = admin(hilo)
    hilo.export_worker.most = 0
    rosa.say("/exportar")
    rosa.press(MAKE["es"])

    assert rosa.last.text == texts().say("export.too_much", "es", most="0")
    assert "hilo export" in (rosa.last.text or "")


def test_nothing_lies_about_unsealed(hilo: Rig) -> None:
    """Neither on the way nor after is an answer readable in a file of the machine."""
    checked(hilo)
    rosa = admin(hilo)
    rosa.say("/exportar")
    rosa.press("En qué formato")
    rosa.press("Tabla (CSV)")
    rosa.press(MAKE["es"])

    left = [*parcel.MEMORY.glob(f"{parcel._prefix(hilo.folder)}*")]
    found = [path for path in hilo.folder.rglob("*") if path.is_file() and b"Hubo junta" in path.read_bytes()]
    assert (left, found) == ([], [])


def test_where_nobody_answered_there_is_nothing_to_make(hilo: Rig) -> None:
    """Before the first answer the screen says so, and leads on."""
    rosa = admin(hilo)
    rosa.say("/exportar")

    assert rosa.told == texts().say("export.nothing", "es")
    assert rosa.last.labels == [texts().say("button.menu", "es")]


def test_long_lists_page(hilo: Rig) -> None:
    """With twelve groups the list has pages, each within a phone's screen."""
    for number in range(12):
        hilo.cohort(f"Grupo {number:02}")
    checked(hilo)
    rosa = admin(hilo)
    rosa.say("/exportar")
    rosa.press("De qué grupo")
    seen = set(rosa.last.labels)
    for _ in range(2):
        assert len(rosa.last.keyboard) <= ROWS
        rosa.press(NEXT)
        seen |= set(rosa.last.labels)

    assert {f"Grupo {number:02}" for number in range(12)} < seen


def test_an_order_outlives_the_process(hilo: Rig) -> None:
    """A bot that dies while it makes a file makes it after its start, and once."""
    checked(hilo)
    rosa = ordering(hilo)
    with hilo.unit() as unit:
        (row,) = [each for each in unit.outbox.claim(unit.now, unit.now, 100) if each.messenger == WORKSHOP]
    hilo.export_worker.build(hilo.storage, row)
    again(hilo)
    hilo.send()

    assert len([message for message in rosa.heard if message.attachment]) == 1


def again(hilo: Rig) -> None:
    """Let the process be gone, and another start."""
    hilo.advance(minutes=5)
    with hilo.unit() as unit:
        recover(unit)
    hilo.advance(minutes=5)


def test_an_order_that_ends_the_process_does_so_no_third_time(hilo: Rig) -> None:
    """An order during which the bot died twice is given up, and she is told what else there is."""
    checked(hilo)
    rosa = ordering(hilo)
    for _ in range(2):
        with hilo.unit() as unit:
            unit.outbox.claim(unit.now, unit.now, 100)
        again(hilo)
    hilo.send()

    assert rosa.last.text == texts().say("export.failed", "es")


def test_the_running_bot_makes_and_sends_it(hilo: Rig) -> None:
    """The courier has a file made beside its sending, and sends it; what cannot be made stops nobody."""
    checked(hilo)
    hilo.now = clock.now()
    rosa = ordering(hilo)

    async def whole() -> None:
        workers = Workers(hilo.storage)
        export_worker = ExportWorker(texts(), hilo.media_store, hilo.folder)
        courier = asyncio.create_task(
            Courier(workers, {"memory": hilo.messenger}, 500, hilo.media_store, export_worker).run()
        )
        async with asyncio.timeout(15):
            while hilo.rows("SELECT 1 FROM outbox WHERE state IN ('queued', 'sending')"):
                await workers.outbox.wait(0.05)
        courier.cancel()
        await asyncio.gather(courier, return_exceptions=True)
        workers.close()

    asyncio.run(whole())
    assert [row["need"] for row in rows_of(file_of(rosa))] == ["nothing"]


def test_no_room_for_a_file_is_said_so(hilo: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk, while it is made or while it is put aside, is told with its remedy."""
    checked(hilo)
    rosa = admin(hilo)

    def full(data: bytes, now: datetime) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(hilo.media_store, "set_aside", full)
    rosa.say("/exportar")
    rosa.press(MAKE["es"])

    assert rosa.last.text == texts().say("export.no_room", "es")
