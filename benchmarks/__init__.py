"""Measurements of the project: every figure of docs/benchmarks.md comes from a command in here."""
