"""Rows and transactions. This package knows no messenger and no conversation logic."""
