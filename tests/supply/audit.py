"""`make audit` asks osv.dev for known faults in what is locked, and says what it could not look up.

Sent are names and versions of libraries, which the lock file shows to everybody. It ends with 1 when a fault is known,
with 2 when something could not be looked up.
"""

import argparse
import json
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from typing import Any

from tests.supply.locked import ALL, RUN, Pin, pins

WHERE = "https://api.osv.dev"
PATIENCE = 20  # seconds for one answer
AT_ONCE = 100  # libraries in one question
FAULTY, UNKNOWN = 1, 2


class NotLookedUp(Exception):
    """The list of faults could not be asked, or did not answer as it should."""


def asked(address: str, question: object | None = None) -> Any:
    """Ask; raises NotLookedUp."""
    data = None if question is None else json.dumps(question).encode()
    request = urllib.request.Request(address, data, {"content-type": "application/json"})  # noqa: S310  https, or a test's
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310  the same
            return json.load(answer)
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "code", None) or type(error).__name__
        raise NotLookedUp(str(reason)) from None


def faults(where: str, lot: Sequence[Pin]) -> dict[Pin, list[str]]:
    """Return the numbers of the faults known in each library of a lot; raises NotLookedUp."""
    questions = [{"package": {"name": pin.name, "ecosystem": "PyPI"}, "version": pin.version} for pin in lot]
    told = asked(f"{where}/v1/querybatch", {"queries": questions})
    results = told.get("results") if isinstance(told, dict) else None
    if not isinstance(results, list) or len(results) != len(lot):
        raise NotLookedUp("an answer of another shape")
    return {
        pin: [str(each["id"]) for each in (result or {}).get("vulns", ())]
        for pin, result in zip(lot, results, strict=True)
    }


def summary(where: str, number: str) -> str:
    """Return what a fault is, in a line; empty where that cannot be looked up."""
    try:
        told = asked(f"{where}/v1/vulns/{number}")
    except NotLookedUp:
        return ""
    aliases = [each for each in told.get("aliases", ()) if each.startswith("CVE-")]
    return " · ".join([*aliases, str(told.get("summary") or "").strip()])


def main() -> int:
    """Look up what is locked; return how the process ends."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true", help="also what tests and fuzzing need")
    parser.add_argument("--where", default=WHERE, help="a server that answers like api.osv.dev")
    given = parser.parse_args()
    locked = sorted({pin for file in (ALL if given.all else (RUN,)) for pin in pins(file)}, key=lambda pin: pin.purl)
    found: dict[Pin, list[str]] = {}
    unknown: list[tuple[Pin, str]] = []
    for start in range(0, len(locked), AT_ONCE):
        lot = locked[start : start + AT_ONCE]
        try:
            found |= faults(given.where, lot)
        except NotLookedUp as error:
            unknown += [(pin, str(error)) for pin in lot]
    bad = {pin: numbers for pin, numbers in found.items() if numbers}
    for pin, numbers in bad.items():
        for number in numbers:
            print(f"{pin.name} {pin.version}: {number} {summary(given.where, number)}".rstrip())
    print(f"{len(found)} of {len(locked)} looked up, {len(bad)} with a known fault")
    for reason in dict.fromkeys(reason for _, reason in unknown):
        names = ", ".join(pin.name for pin, why in unknown if why == reason)
        print(f"NOT looked up ({reason}): {names}")
    return FAULTY if bad else UNKNOWN if unknown else 0


if __name__ == "__main__":
    sys.exit(main())
