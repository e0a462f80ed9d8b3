"""The team's screens in both languages, as a phone of 360 pixels shows them: the real bot, in practice.

`pytest tests/browser/test_team_screens.py --screenshots` writes them into docs/screenshots, few colours and few bytes;
without it they are made and looked at by a test alone.
"""

import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from bot.content import Content
from tests.browser.test_screens import SHOWN
from tests.browser.test_walk import ROOT, SOON, WIZARDS, Own, answer, ask, hilo, join
from tests.by_day import LANGUAGES_ALIKE

COLOURS = 48
LIGHT = 60_000  # bytes of one picture
STILL = 250  # milliseconds until nothing moves any more
SAID = {
    "es": (
        "El comité del agua por fin avanzó.",
        "Para acompañarnos mejor esta semana.",
        "¿Me pueden llamar el martes?",
    ),
    "en": ("The water committee moved at last.", "To walk with you better this week.", "Could you call me on Tuesday?"),
}
LOCALES = {"es": "es-MX", "en": "en-GB"}
SCREENS = (
    *("look", "panel", "both", "missing", "menu", "more", "reading", "inbox"),
    *("people", "person", "invite", "poster", "checklist"),
)


class Shown(Own):
    """A phone that is photographed."""

    def __init__(self, page: Page, language: str, folder: Path) -> None:
        super().__init__(page, language)
        self._page = page
        self._folder = folder

    def picture(self, name: str, *said: str) -> None:
        """Wait until the newest message holds these words, and keep it in so few colours that it stays light."""
        for text in said:
            self.hears(text)
        self._page.mouse.move(0, 0)
        self._page.locator("#text").evaluate("field => field.blur()")
        self._keep(self._page, name)

    def both(self, name: str) -> None:
        """Keep a picture of the two phones side by side, as a visitor at a table sees them."""
        browser = self._page.context.browser
        assert browser is not None
        workers = browser.new_page(viewport={"width": 1000, "height": 700}, locale=LOCALES[self.language])
        workers.goto(self._page.url.partition("/practice")[0])
        self._keep(workers, name)
        workers.close()

    def _keep(self, page: Page, name: str) -> None:
        page.wait_for_timeout(STILL)
        drawn, path = page.screenshot(animations="disabled", caret="hide"), _path(self._folder, name, self.language)
        if self._folder != SHOWN:  # nobody loads it: few colours and few bytes would only take their time
            path.write_bytes(drawn)
            return
        small = Image.open(io.BytesIO(drawn)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        small.save(path, optimize=True)

    def see(self) -> None:
        """Open the newest picture, where it stands."""
        self.frame.get_by_role("link", name=self.words("web.media.photo")).last.click()
        drawn = self.frame.locator(".theirs img").last
        expect(drawn).to_be_visible(timeout=SOON)
        drawn.scroll_into_view_if_needed()

    def menu(self, *then: str) -> None:
        """Go to the menu, and from there by these buttons."""
        before = self._page.locator(".theirs").last.get_attribute("id")
        self.write("/menu")
        expect(self._page.locator(".theirs").last).not_to_have_attribute("id", before or "", timeout=SOON)
        for code in then:
            self.press(self.words(code), self._page.locator(".theirs").last)


def _path(folder: Path, name: str, language: str) -> Path:
    return folder / f"team-{name}.{language}.png"


def looked_at(folder: Path, language: str, screens: Sequence[str], colours: int = COLOURS // 2) -> None:
    """See that there is a picture of each screen, that none is blank, and that none that is loaded is heavy."""
    pictures = {name: _path(folder, name, language) for name in screens}
    assert [name for name, path in pictures.items() if len(_colours(path)) < colours] == []
    heavy = {name: path.stat().st_size for name, path in pictures.items() if path.stat().st_size >= LIGHT}
    assert folder != SHOWN or heavy == {}


def _colours(path: Path) -> list[object]:
    with Image.open(path) as picture:
        return list(picture.getcolors(picture.width * picture.height) or ())


@pytest.fixture
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Where the pictures go."""
    shown = tmp_path / "shown"
    if request.config.getoption("--screenshots"):
        shown = SHOWN
    shown.mkdir(parents=True, exist_ok=True)
    return shown


@pytest.fixture(params=["es", "en"])
def phones(
    request: pytest.FixtureRequest, browser: Browser, tmp_path: Path, folder: Path
) -> Iterator[tuple[Shown, Shown]]:
    """The leader's phone and the facilitator's, each a page of its own, in each language."""
    language = request.param
    (tmp_path / "home").mkdir()
    with hilo(tmp_path / "home", "--practice", HILO_PUBLIC_URL="https://hilo.example.org") as address:
        context = browser.new_context(
            viewport={"width": 360, "height": 740},
            device_scale_factor=1.5,
            locale=LOCALES[language],
            reduced_motion="reduce",
        )
        context.set_default_timeout(SOON)
        context.new_page().goto(address)
        pages = [context.new_page() for _ in range(2)]
        for page, slot in zip(pages, ("leader", "facilitator"), strict=True):
            page.goto(f"{address}/practice/{slot}")
        yield Shown(pages[0], language, folder), Shown(pages[1], language, folder)
        context.close()


def asked(leader: Shown, facilitator: Shown, purpose: str) -> None:
    """She comes in; the check-in goes out, with a last look before."""
    title = Content(ROOT / "none").in_files().dialog("check_in").title[facilitator.language]
    join(leader)
    ask(facilitator, title, purpose, before=lambda: facilitator.picture("look"))
    leader.hears(leader.words("offer.hello.named", name="Colibrí"))
    facilitator.picture("by-hand", facilitator.words("hand.how.practice"))
    facilitator.press(facilitator.words("button.progress"))
    facilitator.picture("panel", title, facilitator.words("button.order_nudge"))
    facilitator.both("both")
    facilitator.press(facilitator.words("button.order_who"))
    facilitator.picture("missing", "Colibrí")


def read(leader: Shown, facilitator: Shown, said: str, question: str) -> None:
    """She answers and writes to the team; what waits is in the menu, is read, and lies in the inbox."""
    answer(leader, said)
    leader.write(question)
    leader.press(leader.words("button.yes"))
    leader.hears(leader.words("button.menu"))
    facilitator.menu()
    facilitator.picture("menu", "Colibrí")
    facilitator.press(facilitator.words("menu.more"))
    facilitator.picture("more", facilitator.words("menu.what.practise"))
    facilitator.menu("menu.read")
    facilitator.press(facilitator.words("button.read_next"), facilitator.hears(facilitator.words("read.hub")))
    facilitator.picture("reading", said)
    facilitator.menu("menu.alert")
    inbox = facilitator.hears(facilitator.words("button.mail_closed"))
    inbox.get_by_role("button", name="Colibrí").click()
    facilitator.picture("inbox", question)


def accompanied(facilitator: Shown) -> None:
    """Her group and one of it, an invite with its poster, and what is still to do before anyone is invited for real."""
    wizard = Content(WIZARDS).in_files().dialog("invite_people")
    facilitator.menu("menu.more", "menu.people")
    facilitator.picture("people", facilitator.words("button.people_group"))
    facilitator.press("Colibrí")
    facilitator.picture("person", facilitator.words("button.take_out"))
    facilitator.menu("menu.more", "menu.invite")
    facilitator.press(facilitator.words("button.invite_new"))
    facilitator.hears(wizard.step("uses").label[facilitator.language])
    facilitator.write("12")
    for name in ("days", "confirm"):
        facilitator.hears(wizard.step(name).label[facilitator.language].partition("${")[0])
        facilitator.press(wizard.step(name).choices[0].label[facilitator.language])
    facilitator.picture("invite", facilitator.words("button.poster"))
    facilitator.press(facilitator.words("button.poster"))
    facilitator.hears(facilitator.words("invite.poster"))
    facilitator.see()
    facilitator.picture("poster")
    facilitator.write("/status")
    facilitator.picture("checklist", facilitator.words("checklist.bot"))


@pytest.mark.by_day("phones", why=LANGUAGES_ALIKE)
@pytest.mark.proof
def test_every_screen_of_the_team_has_its_picture(phones: tuple[Shown, Shown], folder: Path) -> None:
    """The team's screens are reached by buttons; no picture is blank, and none is heavy."""
    leader, facilitator = phones
    said, purpose, question = SAID[leader.language]
    asked(leader, facilitator, purpose)
    read(leader, facilitator, said, question)
    accompanied(facilitator)

    looked_at(folder, leader.language, SCREENS)
