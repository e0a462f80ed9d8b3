"""The conversation and nothing else: pure, synchronous, no I/O, no clock, no ids, no messenger.

Start at `engine` (one turn), `model` (what an author writes), `events` (what can happen).
"""
