"""Answers as files for whoever analyses them."""
