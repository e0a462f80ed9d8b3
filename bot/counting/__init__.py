"""Counting who said what in large broadcasts, in a process of its own."""
