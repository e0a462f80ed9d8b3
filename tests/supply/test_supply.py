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

from tests.supply import sbom
from tests.supply.locked import ALL, ROOT, RUN, licences, pins

# What may be passed on together with the AGPL, version 3: each was looked at.
FITS = {
    *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "LGPL-3.0-only", "MIT", "MIT-0"),
    *("MIT-CMU", "MPL-2.0", "PSF-2.0", "Zlib"),
}
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


# What the published schema of CycloneDX 1.6 (bom-1.6.schema.json) asks of the parts that the bill uses: fields that
# must be there, fields that may be, no others. To read the whole schema takes a library more.
SCHEMA: dict[str, tuple[set[str], set[str]]] = {
    "bill": (
        {"bomFormat", "specVersion"},
        {"version", "metadata", "components", "dependencies", "serialNumber"},
    ),
    "metadata": (set(), {"component"}),
    "component": (
        {"type", "name"},
        {"bom-ref", "version", "purl", "licenses", "externalReferences", "properties", "hashes"},
    ),
    "reference": ({"url", "type"}, {"hashes", "comment"}),
    "hash": ({"alg", "content"}, set()),
    "property": ({"name"}, {"value"}),
    "dependency": ({"ref"}, {"dependsOn", "provides"}),
}
HASH = re.compile(r"[a-fA-F0-9]{32}|[a-fA-F0-9]{40}|[a-fA-F0-9]{64}|[a-fA-F0-9]{96}|[a-fA-F0-9]{128}")


def fits(kind: str, told: dict[str, Any]) -> None:
    """Compare one part with what the schema asks of its kind."""
    must, may = SCHEMA[kind]
    assert must <= told.keys() <= must | may, (kind, told)


def component_fits(told: dict[str, Any]) -> None:
    """Compare a component, and what it holds, with the schema."""
    fits("component", told)
    assert told["type"] in {"application", "data", "library"}
    for each in told.get("externalReferences", ()):
        fits("reference", each)
        assert each["type"] == "distribution"
        for one in each["hashes"]:
            fits("hash", one)
            assert one["alg"] == "SHA-256"
            assert HASH.fullmatch(one["content"])
    for each in told.get("properties", ()):
        fits("property", each)
        assert isinstance(each.get("value", ""), str)
    licences_told = told.get("licenses", [])
    if any("expression" in each for each in licences_told):  # either one expression, or licences by id or name
        assert [each.keys() for each in licences_told] == [{"expression"}]
    else:
        assert all(
            each.keys() == {"license"} and each["license"].keys() in ({"id"}, {"name"}) for each in licences_told
        )


def test_the_bill_has_the_form_of_its_schema() -> None:
    """Nothing is missing that the schema asks for, and nothing stands there that it does not know."""
    told = sbom.bill()
    fits("bill", told)
    fits("metadata", told["metadata"])
    parts = [told["metadata"]["component"], *told["components"]]
    for each in parts:
        component_fits(each)
    refs = [each["bom-ref"] for each in parts if "bom-ref" in each]
    assert len(refs) == len(set(refs))
    assert len({json.dumps(each, sort_keys=True) for each in told["components"]}) == len(told["components"])
    for each in told["dependencies"]:
        fits("dependency", each)
        assert {each["ref"], *each["dependsOn"]} <= set(refs)
    assert told["version"] >= 1
