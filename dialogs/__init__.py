"""The conversation engine: pure and synchronous, with no I/O, clock, ids or messenger.

Start at `engine` (one turn), `model` (what an author writes), `events` (what can happen).
"""
