"""A dialog of an organisation's own in two versions, and people who answer it."""

import csv

from tests.bot.rig import Phone, Rig
from tests.bot.shell import Shell

FIRST = """spec: 1
name: water
kind: reflection
languages: [es, en]
minutes: 1
title: {es: El agua, en: Water}
why: {es: Para la asamblea., en: For the assembly.}
steps:
  - type: integer
    name: days
    label: {es: "¿Cuántos días?", en: "How many days?"}
  - type: text
    name: story
    appearance: multiline
    label: {es: "=¿Qué hicieron?", en: "What did you do?"}
"""
SECOND = """  - type: select_multiple
    name: who
    label: {es: "¿Quiénes?", en: "Who?"}
    choices:
      - {name: women, label: {es: Las mujeres, en: The women}}
      - {name: youth, label: {es: Jóvenes, en: Youth}}
      - {name: elders, label: {es: Mayores, en: Elders}}
"""
RUN = ["run", "person", "cohort", "version", "language", "status", "started", "ended", "on_paper"]


def newer(hilo: Rig) -> None:
    """Edit the dialog: `days` goes, `who` comes."""
    lines = FIRST.splitlines(keepends=True)
    (hilo.own / "water.yaml").write_text("".join([*lines[:8], *lines[11:]]) + SECOND, "utf-8")
    hilo.again()


def answered(hilo: Rig, nickname: str, story: str, cohort: str = "Sierra Norte") -> Phone:
    """Let someone new answer the first version."""
    phone = hilo.join(nickname=nickname, cohort=cohort)
    hilo.ask(phone, dialog="water", cohort=cohort)
    phone.say("3")
    phone.say(story)
    phone.press("Listo")
    assert phone.run.status == "completed"
    return phone


def exported(shell: Shell, *words: str, name: str = "water.csv") -> list[dict[str, str]]:
    """Export, and read a file back."""
    shell.good("export", "--out", str(shell.folder / "out"), "--format", "csv", *words)
    path = shell.folder / "out" / name
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
