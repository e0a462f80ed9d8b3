"""Every screen that is a leader's own, as the real bot shows it in a browser, in both languages, and what axe says.

`pytest tests/browser/test_leader_screens.py --screenshots` writes the pictures into docs/screenshots.
"""

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from bot import clock
from dialogs.wording import choose
from tests.bot.rig import texts
from tests.browser.test_accessible import problems
from tests.browser.test_screens import COLOURS, SHOWN
from tests.by_day import LANGUAGES_ALIKE
from tests.journeys.bot import Bot, awake

COHORT = "Sierra Norte"
QUALITY = 55  # there are many, and they are words
RECORD: dict[str, dict[str, Any]] = {
    "es": {"name": "la Escuela de Liderazgo", "why": "Para acompañarnos entre taller y taller."},
    "en": {"name": "the Leadership School", "why": "To keep each other company between workshops."},
}
CARD = {
    "es": "Rosa, de la Escuela: 55 5555 0101, de día o de noche. Línea de las Mujeres: 800 108 4053.",
    "en": "Rosa, of the School: 55 5555 0101, day or night. Women's line: 800 108 4053.",
}
PURPOSE = {"es": "Para saber cómo va la semana de cada quien.", "en": "To know how the week goes for each of you."}
STORY = {"es": "El comité del agua por fin avanzó.", "en": "The water committee moved at last."}
NAME = {"es": "Colibrí", "en": "Hummingbird"}
ASSEMBLY = {"es": "Que vengan a la asamblea", "en": "That somebody comes to the assembly"}
NEARLY = {"es": "pues sí", "en": "yeah I guess"}
MINORS: dict[str, Any] = {
    "anybody": True,
    "person": "Berta",
    "reported_to": {"es": "la Procuraduría", "en": "the state office"},
}


@dataclass
class Hers:
    """A leader at her phone."""

    bot: Bot
    page: Page
    language: str
    folder: Path
    made: list[Path] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def words(self, code: str, **facts: object) -> str:
        """Return the sentence of a code."""
        return texts().say(code, self.language, **facts)

    def press(self, label: str) -> None:
        """Press the newest button of a label, and see what comes of it."""
        self.page.get_by_role("button", name=label, exact=True).last.click()
        self.see()

    def follow(self, *codes: str) -> None:
        """Press buttons by their codes, one after the other."""
        for code in codes:
            self.press(self.words(code))

    def say(self, text: str) -> None:
        """Write."""
        self.page.fill("#text", text)
        self.page.locator("#composer .send").click()
        self.see()

    def see(self) -> None:
        """Wait until all is said, and look at the page."""
        self.page.wait_for_timeout(60)  # until the page has sent it
        self.bot.settle()
        if not self.page.url.endswith("#end"):
            self.page.goto(f"{self.bot.address}/chat#end")
        self.page.reload()

    def picture(self, name: str) -> None:
        """Take the picture of what is in sight, and let axe look at it."""
        self.page.wait_for_timeout(150)  # until nothing moves
        path = self.folder / f"{name}.{self.language}.jpg"
        self.page.screenshot(path=path, type="jpeg", quality=QUALITY, animations="disabled", caret="hide")
        self.made.append(path)
        if told := problems(self.page, scrolled=True):
            self.faults.append(f"{name}: {told}")

    def come_in(self) -> None:
        """Take the whole way in, and be asked a check-in."""
        self.page.goto(f"{self.bot.address}/join/{self.bot.invite(COHORT)}")
        self.page.locator("main button").click()
        self.see()
        self.press("1 · Español" if self.language == "es" else "2 · English")
        self.follow("button.agree")
        self.picture("her-name")
        self.say(NAME[self.language])
        self.picture("her-first-day")
        self.bot.order("check_in", COHORT, PURPOSE[self.language])
        self.see()


def answering(hers: Hers) -> None:
    """An offer, what it is for, the end of a long text, the end of all, and the review."""
    hers.picture("her-offer")
    hers.follow("button.why")
    hers.picture("her-why")
    hers.follow("button.start")
    hers.say("2")
    hers.say(STORY[hers.language])
    hers.picture("her-collected")
    hers.follow("button.all")
    need = hers.bot.running.app.content.in_files().dialog("check_in").step("need")
    hers.press(f"1 · {choose(need.choices[0].label, hers.language)}")
    hers.picture("her-finished")
    hers.follow("button.review")
    hers.picture("her-review")


def her_answers(hers: Hers) -> None:
    """What she answered, one answer, and erasing it."""
    answered(hers)
    hers.say("/menu")
    hers.picture("her-menu")
    hers.follow("button.mine")
    hers.picture("her-answers-ask")
    hers.follow("button.answers_yes")
    hers.picture("her-answers")
    title = choose(hers.bot.running.app.content.in_files().dialog("check_in").title, hers.language)
    hers.page.get_by_role("button", name=title).last.click()
    hers.see()
    hers.picture("her-conversation")
    hers.follow("button.pick_answer")
    hers.picture("her-pick")
    hers.page.get_by_role("button", name="2 · ").last.click()
    hers.see()
    hers.picture("her-answer")
    hers.follow("button.erase_answer")
    hers.picture("her-erase-answer")
    hers.follow("button.erase_sure")
    hers.picture("her-erased")


def answered(hers: Hers, need: str = "1") -> None:
    """Answer a whole check-in, the last question by a number or in words of her own."""
    hers.say("1")
    hers.say("2")
    hers.say(STORY[hers.language])
    hers.say("0")
    hers.say(need)


def knowing(hers: Hers) -> None:
    """An answer in her own words, what for, who reads, what she agreed to, help, the care card, and the team."""
    answered(hers, ASSEMBLY[hers.language])
    hers.picture("her-beside")
    hers.say("/menu")
    hers.follow("button.know")
    hers.picture("her-know")
    for name in ("purposes", "who", "agreement"):
        hers.say("/menu")
        hers.follow("button.know", f"button.{name}")
        hers.picture(f"her-{name}")
    hers.say("/menu")
    hers.follow("button.help")
    hers.picture("her-help")
    hers.say("/menu")
    hers.follow("button.support")
    hers.picture("her-support")
    hers.say("/menu")
    hers.follow("button.team")
    hers.picture("her-team")
    hers.say(STORY[hers.language])
    hers.say("/menu")
    hers.follow("button.team", "button.spoken")
    hers.picture("her-messages-ask")


def her_ways(hers: Hers) -> None:
    """How she is spoken to: language, hours, voice, the phone she shares, her name."""
    answered(hers)
    for code, name in (
        (None, "her-ways"),
        ("button.languages", "her-languages"),
        ("button.hours", "her-hours"),
        ("button.voice", "her-voice"),
        ("button.phone", "her-phone"),
        ("button.nickname", "her-nickname"),
    ):
        hers.say("/menu")
        hers.follow("button.how", *([code] if code else []))
        hers.picture(name)


def resting(hers: Hers) -> None:
    """Words that have changed; a pause; leaving; coming back under eighteen, with half a yes; and being forgotten."""
    answered(hers)
    hers.bot.changes(retention_months=24)
    hers.say("/menu")
    hers.picture("her-agreement-again")
    hers.follow("button.renew")
    hers.say("/menu")
    hers.follow("button.rest")
    hers.picture("her-rest")
    hers.follow("button.pause")
    hers.picture("her-pause")
    hers.follow("button.pause_open")
    hers.picture("her-paused")
    hers.follow("button.unpause")
    hers.say("/menu")
    hers.follow("button.rest", "button.leave")
    hers.picture("her-leave")
    hers.follow("button.leave_sure")
    hers.picture("her-left")
    hers.bot.changes(minors=MINORS)
    hers.follow("button.come_back")
    hers.picture("her-age")
    hers.say("17")
    hers.picture("her-minor")
    hers.say(NEARLY[hers.language])
    hers.picture("her-asked-back")
    hers.follow("button.not_yet", "button.decline", "button.erase_all")
    hers.picture("her-erase-all")
    hers.follow("button.erase_all_sure")
    hers.picture("her-receipt")


SCENES = (answering, her_answers, knowing, her_ways, resting)


@pytest.fixture
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Where the pictures go."""
    return SHOWN if request.config.getoption("--screenshots") else tmp_path


@pytest.fixture(params=["es", "en"])
def hers(request: pytest.FixtureRequest, browser: Browser, tmp_path: Path, folder: Path) -> Iterator[Hers]:
    """A leader who has come in, with a check-in before her."""
    language = str(request.param)
    record = {
        **RECORD[language],
        "zone": "America/Mexico_City",
        "reading_days": [1, 3],
        "retention_months": 12,
        "care_card": CARD,
    }
    with awake(tmp_path / "home", "ptb", None, record) as bot:
        context = browser.new_context(
            viewport={"width": 360, "height": 740},
            device_scale_factor=1.5,
            locale={"es": "es-MX", "en": "en-GB"}[language],
            reduced_motion="reduce",
        )
        context.set_default_timeout(10_000)
        it = Hers(bot, context.new_page(), language, folder)
        _reader(bot)
        it.come_in()
        yield it
        context.close()


def _reader(bot: Bot) -> None:
    """Let somebody of the team read, so that it can be said who does."""

    def work(unit: Any) -> None:
        person_id = clock.new_id()
        person = unit.people.create(person_id, unit.now, "active", "es")
        unit.people.change(person, nickname="Ana")
        unit.roles.grant(clock.new_id(), person_id, "facilitator", None, None, None)

    bot.write(work)


@pytest.mark.by_day("hers", "scene", why=LANGUAGES_ALIKE)
@pytest.mark.proof
@pytest.mark.parametrize("scene", SCENES)
def test_every_screen_of_hers_has_its_picture(hers: Hers, scene: Callable[[Hers], None]) -> None:
    """Each screen can be reached in the browser, axe finds no fault in it, and none of the pictures is blank."""
    scene(hers)
    hers.page.goto("about:blank")
    pictures = {path.name: base64.b64encode(path.read_bytes()).decode() for path in hers.made}
    colours = {name: hers.page.evaluate(COLOURS, data) for name, data in pictures.items()}

    assert not hers.faults, "\n".join(hers.faults)
    assert len(colours) >= 6
    assert set(colours) <= {path.name for path in SHOWN.glob("*.jpg")}, "run with --screenshots"
    assert {name: count for name, count in colours.items() if count < 20} == {}
