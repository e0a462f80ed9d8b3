"""Rows and transactions: knows no messenger and no conversation logic."""
