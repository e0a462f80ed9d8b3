"""`make sbom` writes build/sbom.cdx.json: what `make run` installs, in CycloneDX 1.6, the same for the same lock."""

import argparse
import json
import re
import tomllib
import uuid
from pathlib import Path
from typing import Any

from tests.supply.locked import ROOT, RUN, Pin, licences, pins

SPACE = uuid.UUID("6d1f3b62-4c0a-4f0b-9f6e-3f1f6a1f8f10")  # of serial numbers: any fixed one does
FONT = {
    "type": "data",
    "name": "DejaVu Sans",
    "version": "2.37",
    "licenses": [{"license": {"name": "DejaVu Fonts License (bot/poster/FONTS.txt)"}}],
}


def component(pin: Pin, licence: str | None) -> dict[str, Any]:
    """Describe a library."""
    told: dict[str, Any] = {
        "type": "library",
        "bom-ref": pin.purl,
        "name": pin.name,
        "version": pin.version,
        "purl": pin.purl,
        "externalReferences": [
            {
                "type": "distribution",
                "url": pin.purl,
                "hashes": [{"alg": "SHA-256", "content": each} for each in sorted(pin.hashes)],
            }
        ],
    }
    if licence:
        told["licenses"] = [{"expression": licence}]
    if pin.marker:
        told["properties"] = [{"name": "hilo:installed-where", "value": pin.marker.strip()}]
    return told


def direct() -> set[str]:
    """Return the names that Hilo asks for itself."""
    lines = (ROOT / "requirements.in").read_text("utf-8").splitlines()
    found = (re.match(r"[\w.-]+", line) for line in lines if not line.startswith(("#", "-")))
    return {each[0].lower() for each in found if each}


def bill() -> dict[str, Any]:
    """Return the bill of materials."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    known, locked = licences(), sorted(pins(RUN), key=lambda pin: pin.name)
    own = f"pkg:generic/hilo@{project['version']}"
    body: dict[str, Any] = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": own,
                "name": "hilo",
                "version": project["version"],
                "licenses": [{"expression": "AGPL-3.0-or-later"}],
            }
        },
        "components": [*(component(pin, known.get(pin.name)) for pin in locked), FONT],
        "dependencies": [{"ref": own, "dependsOn": [pin.purl for pin in locked if pin.name in direct()]}],
    }
    serial = uuid.uuid5(SPACE, json.dumps(body, sort_keys=True))
    return {**body, "serialNumber": f"urn:uuid:{serial}"}


def main() -> None:
    """Write the bill of materials."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "sbom.cdx.json")
    out: Path = parser.parse_args().out
    out.parent.mkdir(parents=True, exist_ok=True)
    told = bill()
    out.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(f"{out}: {len(told['components'])} components")


if __name__ == "__main__":
    main()
