"""Export of answers for admins: one screen to choose what a file contains, then the file in the same chat."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar, Final, Literal, Self, TypeVar
from uuid import UUID

from bot.conversation.actions import Action, MenuPlace, handles
from bot.conversation.screen import LABEL, Pager, Screen, Turned
from bot.export import export_worker, spssfile
from bot.export.request import FORMATS, ExportRequest, Format
from bot.messengers.port import Button, Keyboard
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.buttons import digest
from bot.rendering.speech import rows
from bot.rendering.texts import shorten
from bot.services import exports
from bot.services.permissions import ADMINS, may_export
from bot.team.kit.arguments import OfId
from bot.team.kit.feature import Feature
from storage import export_rows
from storage.cohorts import Cohort
from storage.people import Person
from storage.unit import Unit

T = TypeVar("T")

KEPT: Final = "exporting"  # in the admin's preferences: the last choice, and when a file was ordered
A_PAGE: Final = 5
NAMED: Final = 3  # dialogs that the screen names
TWICE: Final = timedelta(seconds=10)  # a second press of the button within this time is the same order


@dataclass(frozen=True, slots=True)
class ExportDraft:
    """What an admin has chosen so far. `dialogs` empty: all of them; `cohort` None: everybody."""

    dialogs: tuple[str, ...] = ()
    cohort: UUID | None = None
    form: Format = "xlsx"
    long: bool = False
    media: bool = False

    @classmethod
    def of(cls, person: Person) -> Self:
        """Return a person's last choice, else the default."""
        kept: dict[str, Any] = person.preferences.get(KEPT) or {}
        if not kept:
            return cls()
        cohort = UUID(kept["cohort"]) if kept["cohort"] else None
        return cls(tuple(kept["dialogs"]), cohort, kept["form"], kept["long"], kept["media"])

    def to_dict(self) -> dict[str, Any]:
        """Return the draft as it is stored in preferences."""
        cohort = self.cohort.hex if self.cohort else None
        return {
            "dialogs": list(self.dialogs),
            "cohort": cohort,
            "form": self.form,
            "long": self.long,
            "media": self.media,
        }


class ExportStep(Argument):
    """The export screen, its formats, a setting to change, or the order."""

    layout: ClassVar[str] = "{step}"
    step: Literal["", "forms", "long", "media", "make"] = ""


class ExportList(Argument):
    """A page of the dialogs, or of the cohorts, to choose from."""

    layout: ClassVar[str] = "{what}[.{page}]"
    what: Literal["talks", "groups"]
    page: int | None = None


class AllToExport(Argument):
    """All dialogs, or everybody."""

    layout: ClassVar[str] = "{what}.all"
    what: Literal["talk", "group"]


class DialogToExport(Argument):
    """A dialog to choose or to leave out, by the digest of its name, and the page on which it stands."""

    layout: ClassVar[str] = "talk.{short}.{page}"
    short: str
    page: int


class CohortToExport(Argument):
    """The cohort whose answers the file contains."""

    layout: ClassVar[str] = "group.{cohort}"
    cohort: UUID


class ExportFormat(Argument):
    """The format of the file."""

    layout: ClassVar[str] = "form.{form}"
    form: Format


EXPORT = Action(
    targets.EXPORT,
    ADMINS,
    (ExportStep, ExportList, AllToExport, DialogToExport, CohortToExport, ExportFormat),
    commands=("export",),
    offered=109,
    menu=MenuPlace("more", 7),
)
EXPORT_TAKE_BACK = Action(targets.EXPORT_TAKE_BACK, ADMINS, (OfId,))


class ExportScreen(Feature):
    """The export screen, and the removal of an exported file from the chat."""

    @handles(EXPORT)
    def export(self, screen: Screen, argument: Argument) -> None:
        """Show the screen, change one thing on it, or order the file."""
        wish = self._within(screen, ExportDraft.of(screen.person))
        match argument:
            case ExportStep(""):
                self._main(screen, wish)
            case ExportStep("forms"):
                choices = [
                    screen.labelled(screen.words(f"export.form.{form}"), EXPORT, ExportFormat(form))
                    for form in formats()
                ]
                screen.show(screen.words("export.which_form"), rows(*choices, self._back(screen)))
            case ExportStep("make"):
                self._make(screen, wish)
            case ExportList("talks", page):
                self._talks(screen, wish, page or 0)
            case ExportList(_, page):
                self._groups(screen, page or 0)
            case DialogToExport(short, page):
                wish = replace(wish, dialogs=self._toggled(screen, wish, short))
                self._talks(self._keep(screen, wish), wish, page)
            case _:
                wish = self._changed(screen, wish, argument)
                self._main(self._keep(screen, wish), wish)

    def _changed(self, screen: Screen, wish: ExportDraft, argument: Argument) -> ExportDraft:
        """Return the draft with one setting changed."""
        match argument:
            case AllToExport("talk"):
                return replace(wish, dialogs=())
            case AllToExport():
                return self._within(screen, replace(wish, cohort=None, dialogs=()))
            case CohortToExport(cohort):
                return self._within(screen, replace(wish, cohort=cohort, dialogs=()))
            case ExportFormat(form) if form in formats():
                return replace(wish, form=form)
            case ExportStep("long"):
                return replace(wish, long=not wish.long)
            case ExportStep("media"):
                return replace(wish, media=not wish.media)
        return wish

    def _keep(self, screen: Screen, wish: ExportDraft, asked: tuple[int, datetime] | None = None) -> Screen:
        kept = wish.to_dict() | ({"asked": [asked[0], asked[1].isoformat()]} if asked else {})
        return screen.with_speech(screen.speech, screen.unit.people.prefer(screen.person, **{KEPT: kept}))

    def _within(self, screen: Screen, wish: ExportDraft) -> ExportDraft:
        """Return the draft, limited to the cohorts that the admin may export now."""
        if wish.cohort and screen.unit.cohorts.get(wish.cohort) is None:
            wish = replace(wish, cohort=None)
        if may_export(screen.unit, screen.person, wish.cohort):
            return wish
        return replace(wish, cohort=next((cohort.id for cohort in cohorts(screen.unit, screen.person)), None))

    def _names(self, screen: Screen, wish: ExportDraft) -> list[str]:
        if not may_export(screen.unit, screen.person, wish.cohort):
            return []
        return export_rows.dialogs(screen.unit, wish.cohort, practice=screen.person.practice)

    def _toggled(self, screen: Screen, wish: ExportDraft, short: str) -> tuple[str, ...]:
        names = self._names(screen, wish)
        chosen = {each for each in wish.dialogs if each in names} ^ {
            each for each in names if digest(each).hex() == short
        }
        return tuple(each for each in names if each in chosen)

    def _title(self, screen: Screen, name: str) -> str:
        return export_worker.title(screen.unit, name, screen.speech.language)

    def _main(self, screen: Screen, wish: ExportDraft) -> None:
        names = self._names(screen, wish)
        if not names and wish.cohort is None:
            screen.show(screen.words("export.nothing"), rows(screen.menu()))
            return
        chosen = [name for name in names if name in wish.dialogs]
        few = names if len(names) <= NAMED else []
        titles = [shorten(self._title(screen, name), LABEL) for name in (chosen or few)[:NAMED]]
        talks = ", ".join(titles) + (f" +{len(chosen) - NAMED}" if len(chosen) > NAMED else "")
        cohort = screen.unit.cohorts.get(wish.cohort) if wish.cohort else None
        form = screen.words(f"export.form.{wish.form}")
        if not names:
            talks = screen.words("export.no_talks")
        lines = [
            talks or screen.speech.texts.count("export.all_talks", screen.speech.language, len(names)),
            screen.words("export.group", group=shorten(cohort.name, 60))
            if cohort
            else screen.words("export.all_groups"),
            form,
            screen.words("export.by_answer" if wish.long else "export.by_run"),
            screen.words("export.with_media" if wish.media else "export.without_media"),
        ]
        text = "\n\n".join(
            (screen.words("export.screen"), "\n".join(f"· {line}" for line in lines), screen.speech.own("export.care"))
        )
        keyboard = rows(
            *((screen.button("button.export.make", EXPORT, ExportStep("make")),) if names else ()),
            screen.button("button.export.talks", EXPORT, ExportList("talks")),
            screen.button("button.export.groups", EXPORT, ExportList("groups")),
            screen.button("button.export.forms", EXPORT, ExportStep("forms")),
            screen.button(
                "button.export.by_run" if wish.long else "button.export.by_answer", EXPORT, ExportStep("long")
            ),
            screen.button(
                "button.export.no_media" if wish.media else "button.export.media", EXPORT, ExportStep("media")
            ),
            screen.menu(),
        )
        screen.show(text, keyboard)

    def _talks(self, screen: Screen, wish: ExportDraft, page: int) -> None:
        """Show a page of dialogs, the chosen ones ticked."""
        names = self._names(screen, wish)
        shown, turns = paged(screen, names, page, partial(ExportList, "talks"))
        choices = [
            screen.labelled(
                f"{'✓ ' if name in wish.dialogs else ''}{shorten(self._title(screen, name), LABEL)}",
                EXPORT,
                DialogToExport(digest(name).hex(), page),
            )
            for name in shown
        ]
        every = screen.button("button.export.all_talks", EXPORT, AllToExport("talk"))
        screen.show(screen.words("export.which_talks"), (*rows(every, *choices), *turns, (self._back(screen),)))

    def _groups(self, screen: Screen, page: int) -> None:
        """Show a page of the cohorts that the admin may export."""
        shown, turns = paged(screen, cohorts(screen.unit, screen.person), page, partial(ExportList, "groups"))
        choices = [screen.labelled(shorten(cohort.name, LABEL), EXPORT, CohortToExport(cohort.id)) for cohort in shown]
        if may_export(screen.unit, screen.person, None):
            choices = [screen.button("button.export.all_groups", EXPORT, AllToExport("group")), *choices]
        screen.show(screen.words("export.which_group"), (*rows(*choices), *turns, (self._back(screen),)))

    def _make(self, screen: Screen, wish: ExportDraft) -> None:
        """Order the file, once for repeated presses of the same button within `TWICE`."""
        names = self._names(screen, wish)
        if not names:
            screen.show(screen.words("export.nothing"), rows(self._back(screen), screen.menu()))
            return
        pressed = screen.incoming.order if screen.incoming else 0
        place, at = (screen.person.preferences.get(KEPT) or {}).get("asked") or (None, "")
        if place != pressed or screen.unit.now - datetime.fromisoformat(at) > TWICE:
            screen = self._keep(screen, wish, (pressed, screen.unit.now))
            order = ExportRequest(
                wish.form,
                tuple(name for name in names if name in wish.dialogs),
                wish.cohort,
                language=screen.speech.language,
                long=wish.long,
                media=wish.media,
                practice=screen.person.practice,
            )
            said, ways = screen.words("export.making"), export_worker.making_ways(screen.speech)
            shown = screen.place
            if shown is None:
                shown = screen.speech.send(said, ways)
            else:
                screen.speech.edit(shown, ways, said, anew=True)
            export_worker.ask(screen.unit, screen.person, order, shown)
            return
        screen.speech.send(screen.words("export.making"), export_worker.making_ways(screen.speech))

    @handles(EXPORT_TAKE_BACK)
    def take_back(self, screen: Screen, argument: OfId) -> None:
        """Delete an exported file from the machine, and its message from the chat if the messenger still allows it."""
        speech, pressed = screen.speech, screen.incoming.order if screen.incoming else 0
        menu = rows(speech.button("button.menu", targets.HOME))
        if exports.take_back(speech, argument.id.hex, pressed):
            speech.say("export.taken_back", menu)
        else:
            speech.send(speech.own("export.too_old"), menu)

    def _back(self, screen: Screen) -> Button:
        return screen.button("button.back", EXPORT)


def formats() -> list[Format]:
    """Return the formats that can be made here, the spreadsheet first."""
    return [form for form in sorted(FORMATS, key=lambda each: each != "xlsx") if form != "sav" or spssfile.ready()]


def cohorts(unit: Unit, person: Person) -> list[Cohort]:
    """Return the cohorts whose answers a person may export; someone in practice gets practice cohorts only."""
    return [
        cohort
        for cohort in unit.cohorts.list()
        if cohort.practice == person.practice and may_export(unit, person, cohort.id)
    ]


def paged(screen: Screen, items: Sequence[T], page: int, turned: Turned) -> tuple[Sequence[T], Keyboard]:
    """Return the items of a page, and the buttons that turn it."""
    pager = Pager.of(len(items), A_PAGE, page, joined=True)
    return pager.cut(items), pager.turns(lambda code, number: screen.button(code, EXPORT, turned(number)))
