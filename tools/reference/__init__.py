"""The pages of docs/reference, written from the code: what files may say, rules, lines, checks, commands, functions.

`make reference` writes them; tests/test_reference.py compares them with what is committed.
"""
