"""Industry codes of GB/T 4754 by edition."""

from __future__ import annotations

from functools import cache

from zhenxing.rules.files import records

# the list of the older editions does not ship: their codes are taken as given and never checked against 2017
EDITIONS = ("2017", "2011", "2002")


@cache
def industry_names(edition: str) -> dict[str, str] | None:
    """Return code -> name of an edition of GB/T 4754, or ``None`` where the list does not ship.

    Codes are written without the section letter; sections stand under their letter.

    Examples
    --------
    >>> industry_names("2017")["3872"]
    '照明灯具制造'
    >>> industry_names("2011") is None
    True
    """
    if edition != "2017":
        return None
    return {row["code"]: row["name"] for row in records("industry_2017.csv")}


@cache
def industry_codes_by_name(edition: str) -> dict[str, str] | None:
    """Return name -> code of an edition, the deepest code where a name stands at two levels.

    Examples
    --------
    >>> industry_codes_by_name("2017")["照明灯具制造"]
    '3872'
    """
    names = industry_names(edition)
    if names is None:
        return None
    return {name: code for code, name in sorted(names.items(), key=lambda pair: len(pair[0]))}
