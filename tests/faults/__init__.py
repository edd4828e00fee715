"""Faults of the machine and of the user, made for real; `python -m tests.faults` kills for longer than the suite."""
