"""Pictures of totals: reached from the totals, drawn by a process of their own, and telling no more than the words do.

`pytest tests/bot/test_charts.py --screenshots` writes them into docs/screenshots, half as wide.
"""

import asyncio
import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

import pytest
from PIL import Image, ImageColor, ImageFont

from bot.charts import draw
from bot.media.attachments import Attachments
from bot.messengers.port import Streamed
from bot.poster import draw as poster
from bot.poster.draw import FOLDER
from bot.runtime import processes
from bot.runtime.workers import Workers
from tests.bot.orders import TITLE, TITLES, say
from tests.bot.rig import Phone, Rig
from tests.bot.test_totals import totals_of, week
from tests.by_day import LANGUAGES_ALIKE

SVG: Final = "{http://www.w3.org/2000/svg}"
FORTY: Final = "Que haya agua limpia todo el año en casa"
SHOTS: Final = Path(__file__).parents[2] / "docs" / "screenshots"
COLOURS: Final = 64
FACES: Final = ("😞 Muy bajo", "🙁 Bajo", "😐 Regular", "🙂 Bueno", "👩🏽‍🌾 Muy bueno 1️⃣")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Note what each process is asked to draw; it draws all the same."""
    tasks: list[dict[str, Any]] = []
    run = processes.run

    async def noted(module: str, task: dict[str, Any]) -> bytes:
        assert module == "bot.charts"
        tasks.append(json.loads(json.dumps(task)))
        return await run(module, task)

    monkeypatch.setattr(processes, "run", noted)
    return tasks


@pytest.fixture
def kept(request: pytest.FixtureRequest) -> Callable[[str, Phone], None]:
    """Keep the picture somebody got, if asked to."""

    def keep(name: str, phone: Phone) -> None:
        attachment = phone.last.attachment
        assert attachment is not None
        if request.config.getoption("--screenshots"):
            picture = Image.open(BytesIO(attachment.data)).convert("RGB")
            small = picture.resize((draw.WIDE // 2, picture.height // 2), Image.Resampling.LANCZOS)
            small.quantize(COLOURS, Image.Quantize.FASTOCTREE).save(SHOTS / f"{name}.png", optimize=True)

    return keep


def opened(phone: Phone, language: str = "es", title: str = TITLE) -> None:
    """Open the newest broadcast's first question's totals, by pressing."""
    totals_of(phone, title, language)
    phone.press(say("button.who_said", language))
    phone.press(phone.last.labels[0])


def chart(**given: Any) -> dict[str, Any]:
    """Return a picture with nothing special about it."""
    return {"form": "png", "title": "¿Cómo vas?", "note": "Contestaron 5 personas.", "alt": "¿Cómo vas?"} | given


def written(picture: str) -> list[str]:
    """Return the words of an SVG."""
    return [each.text or "" for each in ET.fromstring(picture).iter(f"{SVG}text")]  # noqa: S314  our own


def dyed(picture: bytes) -> int:
    """Return how many points of a PNG have the colour of a thread."""
    found = Image.open(BytesIO(picture)).convert("RGB").getcolors(1 << 20) or []
    return {colour: number for number, colour in found}.get(ImageColor.getrgb(draw.DYE), 0)


@pytest.mark.by_day("language", why=LANGUAGES_ALIKE)
@pytest.mark.parametrize("language", ["es", "en"])
def test_a_picture_is_three_taps_from_the_totals(
    hilo: Rig, asked: list[dict[str, Any]], kept: Callable[[str, Phone], None], language: str
) -> None:
    """The chat gets a PNG, a page the same as SVG; its words stand below it, and few are not counted in it."""
    phones = [hilo.join(nickname=f"Ceiba {number}") for number in range(14)]
    week(hilo, phones, "44444333333221")
    ana = hilo.facilitator(language)
    opened(ana, language, TITLES[language])
    ana.press(say("button.totals_drawn", language))
    drawn = asked[-1]
    few, nobody = say("totals.fewer", language), say("totals.drawn.nobody", language)

    assert [bar["said"] for bar in drawn["bars"]] == [few, few, "6", "5", nobody]
    assert [bar["share"] for bar in drawn["bars"]] == [100, 100, 428, 357, 0]
    assert f"{few} 🙁" in (ana.last.text or "")
    kept(f"chart.{language}", ana)
    chat = ana.last.attachment
    assert chat is not None

    async def page_of() -> Streamed | None:
        workers = Workers(hilo.storage)
        found = await Attachments(workers, hilo.media_store).stream({"id": "a", "kind": "photo", "drawn": drawn})
        workers.close()
        return found

    page = asyncio.run(page_of())
    assert page is not None
    svg = b"".join(page.pieces).decode()
    assert (chat.mime, page.mime) == ("image/png", "image/svg+xml")
    assert Image.open(BytesIO(chat.data)).width == draw.WIDE
    assert dyed(chat.data) > 1000
    assert few in written(svg)
    assert page.size < len(chat.data) / 5


def test_last_time_stands_beside_it(hilo: Rig, asked: list[dict[str, Any]], kept: Callable[[str, Phone], None]) -> None:
    """Its threads are thin and have their day and number; where few answered last time nothing is drawn of it."""
    phones = [hilo.join(nickname=f"Ceiba {number}") for number in range(7)]
    week(hilo, phones, "4443332")
    hilo.advance(days=7)
    week(hilo, phones, "5554433")
    ana = hilo.facilitator()
    hilo.advance(minutes=1)
    opened(ana, title=TITLE.replace("24 nov", "1 dic"))
    ana.press(say("button.totals_drawn"))
    kept("chart-beside-last-time.es", ana)

    assert [(bar["said"], bar["said_before"]) for bar in asked[-1]["bars"]] == [
        ("nadie", "24 nov: nadie"),
        ("nadie", "24 nov: menos de tres"),
        ("menos de tres", "24 nov: 3"),
        ("menos de tres", "24 nov: 3"),
        ("3", "24 nov: nadie"),
    ]


@pytest.mark.by_day("language", why=LANGUAGES_ALIKE)
@pytest.mark.parametrize("language", ["es", "en"])
def test_a_scale_goes_on_from_time_to_time(
    hilo: Rig, asked: list[dict[str, Any]], kept: Callable[[str, Phone], None], language: str
) -> None:
    """Each time has its average and its number of people; where too few answered the thread is cut."""
    phones = [hilo.join(nickname=f"Ceiba {number}") for number in range(5)]
    for moods in ("44422", "11", "33355", "44445"):
        week(hilo, phones[: len(moods)], moods)
        hilo.advance(days=7)
    ana = hilo.facilitator(language)
    nov, dec, five, few, ends = {
        "es": ("nov", "dic", "5 personas", "menos de tres", ("😞 Muy bajo", "😀 Muy bueno")),
        "en": ("Nov", "Dec", "5 people", "fewer than three", ("😞 Very low", "😀 Very good")),
    }[language]
    opened(ana, language, TITLES[language].replace(f"24 {nov}", f"15 {dec}"))
    ana.press(say("button.totals_time", language))
    kept(f"chart-over-time.{language}", ana)
    drawn = asked[-1]
    assert [(each["day"], each.get("said"), each["people"]) for each in drawn["points"]] == [
        (f"24 {nov}", "3.2", five),
        (f"1 {dec}", None, few),
        (f"8 {dec}", "3.8", five),
        (f"15 {dec}", "4.2", five),
    ]
    assert five.replace("5", "2") not in json.dumps(drawn)
    assert (drawn["low"], drawn["high"]) == ([1, ends[0]], [5, ends[1]])
    opened(ana, language, TITLES[language].replace(f"24 {nov}", f"8 {dec}"))
    ana.press(say("button.totals_drawn", language))

    assert all("said_before" not in bar for bar in asked[-1]["bars"]), "the time before it had two people"


def test_once_is_not_yet_time(hilo: Rig) -> None:
    """Where only one time has numbers, a sentence says what is missing."""
    phones = [hilo.join(nickname=f"Ceiba {number}") for number in range(3)]
    week(hilo, phones[:1], "4")
    hilo.advance(days=7)
    week(hilo, phones, "444")
    ana = hilo.facilitator()
    hilo.advance(minutes=1)
    opened(ana, title=TITLE.replace("24 nov", "1 dic"))
    ana.press(say("button.totals_time"))

    assert ana.last.text == say("totals.time.few")


@pytest.mark.parametrize(
    "given",
    [
        {"bars": [{"words": FORTY, "share": 90 * n, "said": str(n) if n > 2 else "menos de tres"} for n in range(12)]},
        {
            "bars": [
                {"words": face, "share": 200, "said": "1000", "share_before": 1000, "said_before": "24 nov: 4800"}
                for face in FACES
            ]
        },
        {"bars": [{"words": "x" * 80, "share": 1000, "said": "menos de tres"}], "title": "¿" + "Qué " * 60 + "?"},
        {"bars": []},
        {
            "points": [
                {"day": f"{n} sept", "people": "menos de tres"} | ({"value": n % 5 + 1, "said": "4.8"} if n % 3 else {})
                for n in range(1, 9)
            ],
            "low": [1, FACES[0]],
            "high": [5, FACES[4]],
        },
    ],
    ids=["twelve", "faces", "long", "nothing", "time"],
)
def test_everything_stands_on_the_picture(given: dict[str, Any]) -> None:
    """No words leave the paper; pictures in them, which the font does not know, are left out; the same is the same."""
    picture = draw.svg(chart(**given))
    paper = ET.fromstring(picture)  # noqa: S314  our own
    wide, tall = float(paper.get("width", "")), float(paper.get("height", ""))
    for each in paper.iter(f"{SVG}text"):
        size, across, down = (float(each.get(key, "")) for key in ("font-size", "x", "y"))
        face = "bold.ttf" if each.get("font-weight") else "regular.ttf"
        length = ImageFont.truetype(FOLDER / face, size).getlength(each.text or "")
        left = across - length / 2 if each.get("text-anchor") == "middle" else across
        assert left >= 0, each.text
        assert left + length <= wide, each.text
        assert size <= down <= tall, each.text
    said = "".join(written(picture))
    assert not set(said) & set("😞🙁😐🙂👩🏽🌾\u200d\ufe0f\u20e3")
    assert draw.svg(chart(**given)) == picture
    assert Image.open(BytesIO(draw.png(picture))).size == (wide, tall)


def test_a_thread_is_as_long_as_its_share() -> None:
    """The same share is as long in any picture, half of it half as long, and nobody has no thread."""

    def length(share: int) -> int:
        return dyed(draw.png(draw.svg(chart(bars=[{"words": "a", "share": share, "said": "b"}]))))

    whole, half, none = length(1000), length(500), length(0)
    assert half == pytest.approx(whole / 2, rel=0.03)
    assert none < whole / 50
    assert length(1000) == whole


def test_what_is_missing_in_the_font_is_nothing_that_people_write() -> None:
    """Letters of Spanish, English, Náhuatl and Mixtec, digits and signs are kept as they are."""
    kept = "¿Ñandú, «tlāltikpak» - ka'nu \ua78c 100 % (a/b) & más: ā ɨ̱ ñ ü?"
    assert poster.drawable(kept) == kept
    assert poster.drawable("😀 Muy bueno 👍🏿") == "Muy bueno"
    assert Path(FOLDER / "bold.ttf").exists()
