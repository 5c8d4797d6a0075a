"""Scores from the rule data equal those of a plain function written apart from it, on drawn firms full of bounds."""

from __future__ import annotations

from benchmarks.diagnosis.ladder import by_loop, by_rules, drawn


def test_points_of_drawn_firms_equal_the_plain_function() -> None:
    firms, years, facts = drawn(2000, 7)
    by_hand = by_loop(years, facts)
    assert by_rules(firms, years, facts) == by_hand
    assert len(set(by_hand.values())) > 50
