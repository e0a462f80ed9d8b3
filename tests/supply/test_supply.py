"""Every library has a licence that goes with ours, others can read what Hilo is made of, and faults are asked for."""

import http.server
import importlib.metadata
import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.supply import json_schema, sbom
from tests.supply.locked import ALL, ROOT, RUN, licences, pins

# What may be passed on together with the AGPL, version 3: each was looked at.
FITS = {
    *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "LGPL-3.0-only", "MIT", "MIT-0"),
    *("MIT-CMU", "MPL-2.0", "PSF-2.0", "Zlib"),
}
# What is compiled into a library, or lies beside it in its file, may have one of these as well.
INSIDE = FITS | {
    *("Apache-2.0 WITH LLVM-exception", "BSL-1.0", "FTL", "IJG", "LGPL-2.1-or-later", "Unicode-3.0"),
    *("Unicode-DFS-2016", "X11", "libtiff"),
}
LEFT_OUT = {"libimagequant": "Pillow can be built with it, and its files are not"}
FAMILIES = ("apache", "bsd", "isc", "lgpl", "mit", "mpl", "psf")


def test_every_library_has_a_licence_that_fits() -> None:
    """A new library fails this until somebody has looked at its licence; one that is no more leaves the list."""
    locked = {pin.name for file in ALL for pin in pins(file)}
    known = licences()
    assert len(locked) > 80
    assert locked - known.keys() == set()
    assert known.keys() - locked == set()
    for name, licence in known.items():
        assert set(re.findall(r"[\w.-]+", licence)) - {"AND", "OR"} <= FITS, name


def test_the_list_says_what_the_libraries_say() -> None:
    """What stands in the list is what the installed library tells of itself, where it tells anything."""
    told = 0
    for name, licence in licences().items():
        try:
            data = importlib.metadata.metadata(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        if expression := data.get("License-Expression"):
            assert expression == licence, name
            told += 1
            continue
        words = " ".join([data.get("License") or "", *data.get_all("Classifier", [])])[:4000].lower()
        said = {family for family in FAMILIES if re.search(rf"\b{family}\b", words)}
        said |= {"psf"} & ({"psf"} if "python software foundation" in words else set())
        if said:
            assert any(licence.lower().startswith(family) or f" {family}" in licence.lower() for family in said), name
            told += 1
    assert told > 60


def fits(expression: str) -> bool:
    """Return whether a licence, written as SPDX does, can be taken as one that fits."""
    while "(" in expression:
        expression = re.sub(r"\(([^()]*)\)", lambda part: "MIT" if fits(part[1]) else "none", expression)
    ways = (re.split(r"\s+AND\s+", way.strip()) for way in re.split(r"\s+OR\s+", expression))
    return any(all(re.sub(r"\s+", " ", each.strip()) in INSIDE for each in way) for way in ways)


def carried(name: str) -> list[dict[str, Any]]:
    """Return what an installed library says of what is inside its file (PEP 770), each with its licences."""
    try:
        files = importlib.metadata.files(name) or []
    except importlib.metadata.PackageNotFoundError:
        return []
    bills = (each for each in files if ".dist-info/sboms/" in str(each) and each.suffix == ".json")
    return [part for each in bills for part in json.loads(each.read_text("utf-8")).get("components", ())]


def test_what_libraries_carry_inside_has_licences_that_fit() -> None:
    """What is compiled into a library is passed on with it; a drawing is made by some seventy parts of one."""
    seen, unfit = {}, []
    for pin in pins(RUN):
        for part in carried(pin.name):
            told = [each.get("expression") or each["license"].get("id", "") for each in part.get("licenses", ())]
            seen[pin.name] = seen.get(pin.name, 0) + bool(told)
            if part["name"] not in LEFT_OUT and not all(map(fits, told)):
                unfit.append((pin.name, part["name"], told))
    assert unfit == []
    assert seen["resvg-py"] > 50
    assert seen["cryptography"] > 20


def test_a_library_that_could_be_built_in_is_not() -> None:
    """What does not go with every use of Hilo lies in no library's files."""
    installed = [
        str(each) for pin in pins(RUN) if carried(pin.name) for each in importlib.metadata.files(pin.name) or ()
    ]
    assert not [each for each in installed for name in LEFT_OUT if name.removeprefix("lib") in each]


@pytest.mark.parametrize("expression", ["GPL-2.0-only", "MIT AND SSPL-1.0", "(GPL-2.0-only OR SSPL-1.0) AND MIT", ""])
def test_a_licence_that_does_not_fit_is_found(expression: str) -> None:
    """One that goes with nothing here; beside one that does, only where either may be taken."""
    assert not fits(expression)
    assert fits(f"{expression or 'SSPL-1.0'} OR (MIT AND Apache-2.0 WITH LLVM-exception)")


def test_others_can_read_what_hilo_is_made_of(tmp_path: Path) -> None:
    """Every locked library stands there with its version, licence and hashes; the same lock gives the same list."""
    out = tmp_path / "sbom.json"
    subprocess.run([sys.executable, "-m", "tests.supply.sbom", "--out", str(out)], cwd=ROOT, check=True)
    told = json.loads(out.read_text("utf-8"))
    libraries = {each["name"]: each for each in told["components"] if each["type"] == "library"}

    assert (told["bomFormat"], told["specVersion"]) == ("CycloneDX", "1.6")
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", told["serialNumber"])
    assert libraries.keys() == {pin.name for pin in pins(RUN)}
    for pin in pins(RUN):
        each = libraries[pin.name]
        assert each["version"] == pin.version
        assert each["licenses"][0]["expression"] in licences().values()
        assert {one["content"] for one in each["externalReferences"][0]["hashes"]} == set(pin.hashes) != set()
    refs = {each["bom-ref"] for each in libraries.values()}
    assert set(told["dependencies"][0]["dependsOn"]) <= refs
    assert "pkg:pypi/aiogram@" in str(told["dependencies"])
    assert sbom.bill() == told


class Faults(http.server.BaseHTTPRequestHandler):
    """Answers like api.osv.dev: one library has a fault."""

    broken = False

    def do_POST(self) -> None:
        """Answer a batch of questions."""
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))["queries"]
        names = [each["package"]["name"] for each in asked]
        found: list[Any] = [{"vulns": [{"id": "PYSEC-1"}]} if name == "pillow" else {} for name in names]
        self._answer({"results": found[:-1] if self.broken else found})

    def do_GET(self) -> None:
        """Answer what a fault is."""
        self._answer({"id": "PYSEC-1", "aliases": ["CVE-2026-1"], "summary": "a picture writes past its end"})

    def _answer(self, told: object) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(told).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[http.server.HTTPServer]:
    """A list of faults on this machine."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Faults) as it:
        threading.Thread(target=it.serve_forever, daemon=True).start()
        yield it
        it.shutdown()
        Faults.broken = False


def audit(where: str) -> tuple[int, str]:
    """Ask for faults; return how the command ends, and what it says."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.supply.audit", "--where", where],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def test_a_known_fault_is_told(server: http.server.HTTPServer) -> None:
    """It is named with its library and ends the command with 1."""
    code, told = audit(f"http://127.0.0.1:{server.server_port}")
    version = next(pin.version for pin in pins(RUN) if pin.name == "pillow")
    number = len(list(pins(RUN)))
    assert code == 1
    assert f"pillow {version}: PYSEC-1 CVE-2026-1 · a picture writes past its end" in told
    assert f"{number} of {number} looked up, 1 with a known fault" in told
    assert "NOT" not in told


@pytest.mark.parametrize("how", ["nobody", "broken"])
def test_what_could_not_be_looked_up_is_said(server: http.server.HTTPServer, how: str) -> None:
    """Without a network, or with an answer of another shape, nothing counts as looked up, and that is no good end."""
    Faults.broken = True
    with suppress(OSError):
        code, told = audit(f"http://127.0.0.1:{1 if how == 'nobody' else server.server_port}")
    assert code == 2
    assert "0 of " in told
    assert "NOT looked up (" in told
    assert "aiogram" in told


CYCLONEDX = "bom-1.6.schema.json"


def test_the_bill_fits_the_schema_that_cyclonedx_publishes() -> None:
    """Nothing is missing that the schema asks for, and nothing stands there that it does not know."""
    told = sbom.bill()
    assert json_schema.faults(told, CYCLONEDX) == []
    parts = [told["metadata"]["component"], *told["components"]]
    refs = [each["bom-ref"] for each in parts if "bom-ref" in each]
    assert len(refs) == len(set(refs))
    assert all({each["ref"], *each["dependsOn"]} <= set(refs) for each in told["dependencies"])


SPOILED: tuple[tuple[tuple[Any, ...], object], ...] = (
    (("bomFormat",), None),
    (("specVersion",), 1.6),
    (("serialNumber",), "urn:uuid:6D1F"),
    (("version",), 0),
    (("author",), "somebody"),
    (("components", 0, "type"), "librarie"),
    (("components", 0, "name"), None),
    (("components", 0, "licence"), "MIT"),
    (("components", 0, "licenses"), [{"license": {"id": "MIT-ish"}}]),
    (("components", 0, "licenses"), [{"license": {}}]),
    (("components", 0, "licenses"), [{"expression": "MIT"}, {"expression": "ISC"}]),
    (("components", 0, "externalReferences", 0, "url"), None),
    (("components", 0, "externalReferences", 0, "url"), "not an address"),
    (("components", 0, "externalReferences", 0, "hashes", 0, "alg"), "SHA256"),
    (("components", 0, "externalReferences", 0, "hashes", 0, "content"), "abc"),
    (("dependencies", 0, "ref"), ""),
    (("dependencies", 0, "dependsOn"), ["a", "a"]),
)


@pytest.mark.parametrize(("path", "value"), SPOILED)
def test_a_bill_that_does_not_fit_is_found(path: tuple[Any, ...], value: object) -> None:
    """What is missing, unknown, misspelt or twice: the check tells where; None takes the part out."""
    told: Any = sbom.bill()
    *way, last = path
    part = told
    for step in way:
        part = part[step]
    if value is None:
        del part[last]
    else:
        part[last] = value
    (first, *_) = json_schema.faults(told, CYCLONEDX)
    assert str(last) in first or str(way[-1] if way else last) in first
