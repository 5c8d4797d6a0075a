"""Codes of firms and industries: check digits, digits that Excel has destroyed, classes with their edition."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from zhenxing.rules.industry import industry_codes_by_name, industry_names

ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VALUE: Final = np.full(128, -1, dtype=np.int64)
_VALUE[[ord(letter) for letter in ALPHABET]] = np.arange(31)
_WEIGHTS: Final = np.array([pow(3, power, 31) for power in range(17)], dtype=np.int64)

CodeState = Literal["valid", "check_digit", "characters", "registration_number", "length", "broken", "blank"]
_SCIENTIFIC = re.compile(r"^[+-]?\d(?:\.\d+)?[eE]\+?\d+$")
_DASHES = re.compile(r"[\s\-–—_]+")
_REGISTRATION = re.compile(r"^\d{13}(?:\d{2})?$")


def clean_code(value: str) -> str:
    """Return a code in half-width capitals without blanks and hyphens.

    Examples
    --------
    >>> clean_code(" ９１３５０１００ｍ０００１００ｙ４３ ")
    '91350100M000100Y43'
    """
    return _DASHES.sub("", unicodedata.normalize("NFKC", value)).upper().lstrip("'")


def credit_code_states(codes: Iterable[str]) -> npt.NDArray[np.str_]:
    """Check unified social credit codes (GB 32100-2015) and say what each is.

    Returns
    -------
    array of str
        ``valid``; ``check_digit`` (18 signs of the set, wrong 18th); ``characters`` (18 signs, one outside the set);
        ``registration_number`` (13 or 15 digits of the older register); ``length``; ``broken`` (Excel turned it
        into a number: the digits are gone); ``blank``.

    Examples
    --------
    >>> list(map(str, credit_code_states(["91350100M000100Y43", "91350211M0000XUF46", "9.14E+17"])))
    ['valid', 'check_digit', 'broken']
    """
    cleaned = clean_codes(codes)
    states = np.array([_shape(code) for code in cleaned], dtype="U20")
    whole = np.flatnonzero(states == "whole")
    if not len(whole):
        return states
    raw = np.frombuffer("".join(cleaned[row] for row in whole).encode("ascii"), dtype=np.uint8).reshape(-1, 18)
    values = _VALUE[raw]
    expected = (31 - values[:, :17] @ _WEIGHTS % 31) % 31
    found = np.where(values[:, 17] == expected, "valid", "check_digit")
    states[whole] = np.where((values < 0).any(axis=1), "characters", found)
    return states


def clean_codes(codes: Iterable[str]) -> list[str]:
    """Return codes in their clean form; numbers that Excel has made of them stay as they are.

    Examples
    --------
    >>> clean_codes(["91350100m000100y43", "9.14E+17"])
    ['91350100M000100Y43', '9.14E+17']
    """
    return [_plain(code) for code in codes]


def _plain(code: str) -> str:
    """Return the code as it is when it is 18 plain capitals and digits, else in its clean form."""
    if len(code) == 18 and code.isascii() and code.isalnum() and code == code.upper():
        return code
    return code.strip() if _SCIENTIFIC.match(code.strip()) else clean_code(code)


def _shape(code: str) -> str:
    if not code:
        return "blank"
    if _SCIENTIFIC.match(code):
        return "broken"
    if len(code) == 18 and code.isascii():
        return "whole"
    return "registration_number" if _REGISTRATION.match(code) else "length"


def organisation_code_valid(credit_code: str) -> bool:
    """Check the inner organisation code of a credit code (GB 11714, signs 9 to 17).

    Examples
    --------
    >>> organisation_code_valid("91350100M000100Y43")
    True
    """
    inner = credit_code[8:17]
    digits = [int(sign, 36) for sign in inner[:8]]
    rest = 11 - sum(value * weight for value, weight in zip(digits, (3, 7, 9, 10, 5, 8, 4, 2), strict=True)) % 11
    return inner[8] == ("X" if rest == 10 else "0" if rest == 11 else str(rest))


_CLASS = re.compile(r"^([A-T])?(\d{2,4})(?:\D.*)?$")
_SECTION = re.compile(r"^([A-T])(?:[^A-Za-z\d].*)?$")


def industry_code(value: str, edition: str) -> tuple[str, bool]:
    """Read an industry code of GB/T 4754 written as ``C3872``, ``3872``, ``387``, with its name, or by name alone.

    Parameters
    ----------
    value : str
        The cell.
    edition : str
        ``"2017"``, ``"2011"``, ``"2002"`` or ``""``. The digits never tell the edition: 3972 is luminaires in 2002
        and semiconductor devices in 2017.

    Returns
    -------
    tuple of str and bool
        The code without its section letter (the text as given where it is none) and whether it stands in the
        edition's list; a code of an edition whose list does not ship counts as known.

    Examples
    --------
    >>> industry_code("C3872 照明灯具制造", "2017")
    ('3872', True)
    >>> industry_code("3979", "2002")
    ('3979', True)
    """
    text = unicodedata.normalize("NFKC", value).strip().upper()
    names = industry_names(edition)
    match = _CLASS.match(text)
    if match:
        code = match.group(2)
        return code, names is None or code in names
    section = _SECTION.match(text)
    if section:
        return section.group(1), names is None or section.group(1) in names
    by_name = industry_codes_by_name(edition)
    if by_name is None:
        return value, True
    code = by_name.get(unicodedata.normalize("NFKC", value).strip(), "")
    return (code, True) if code else (value, False)
