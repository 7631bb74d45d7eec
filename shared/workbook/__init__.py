"""Spreadsheets from outside: what a file must not be before anybody parses it."""
