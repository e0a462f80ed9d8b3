"""Faults that were known, when this version was made, in libraries that Hilo uses: name, since, until, which.

A library is at fault from `since` up to, and without, `until`. Only what anybody outside could use is listed.
"""

from typing import Final

FAULTS: Final = (
    ("aiohttp", "0", "3.9.2", "CVE-2024-23334"),
    ("aiohttp", "0", "3.9.4", "CVE-2024-30251"),
    ("aiohttp", "0", "3.12.14", "CVE-2025-53643"),
    ("babel", "0", "2.9.1", "CVE-2021-42771"),
    ("certifi", "0", "2024.7.4", "CVE-2024-39689"),
    ("cryptography", "0", "42.0.4", "CVE-2024-26130"),
    ("cryptography", "42.0.0", "44.0.1", "CVE-2024-12797"),
    ("h11", "0", "0.16.0", "CVE-2025-43859"),
    ("httpx", "0", "0.23.0", "CVE-2021-41945"),
    ("idna", "0", "3.7", "CVE-2024-3651"),
    ("jinja2", "0", "3.1.6", "CVE-2025-27516"),
    ("mako", "0", "1.2.2", "CVE-2022-40023"),
    ("markdown-it-py", "0", "2.2.0", "CVE-2023-26302"),
    ("pillow", "0", "10.3.0", "CVE-2024-28219"),
    ("pillow", "11.2.0", "11.3.0", "CVE-2025-48379"),
    ("pygments", "0", "2.15.1", "CVE-2022-40896"),
    ("python-multipart", "0", "0.0.18", "CVE-2024-53981"),
    ("pyyaml", "0", "5.4", "CVE-2020-14343"),
    ("setuptools", "0", "78.1.1", "CVE-2025-47273"),
    ("starlette", "0", "0.40.0", "CVE-2024-47874"),
    ("starlette", "0.39.0", "0.49.1", "CVE-2025-62727"),
    ("uvicorn", "0", "0.11.7", "CVE-2020-7694"),
)
