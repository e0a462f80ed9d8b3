"""Answers as files, for analysis."""
