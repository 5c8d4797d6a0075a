"""Chinese and English sentences, kept in ``catalogue/*.toml`` and looked up by key.

A catalogue file is named after the part of the program that speaks (``schema.toml``, ``importers.toml``, …); a key is
``file.entry`` and every entry has ``zh`` and ``en``.
"""

from __future__ import annotations

import os
import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

from zhenxing.errors import Text

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, Language] = ("zh", "en")


@cache
def _catalogue(area: str) -> dict[str, dict[str, str]]:
    source = files("zhenxing.i18n") / "catalogue" / f"{area}.toml"
    return tomllib.loads(source.read_text(encoding="utf-8"))


def say(key: str, /, **values: object) -> Text:
    """Return the sentence of a key in both languages, with its placeholders filled.

    Parameters
    ----------
    key : str
        ``area.entry``, for example ``"schema.unknown_column"``.
    **values
        What the placeholders of the sentence stand for. A ``Text`` value is filled in by its own language.

    Examples
    --------
    >>> say("cli.written", path="plan").en
    'Written: plan'
    """
    area, entry = key.split(".", 1)
    sentence = _catalogue(area)[entry]
    return Text(*(_fill(sentence[language], position, values) for position, language in enumerate(LANGUAGES)))


def _fill(pattern: str, position: int, values: dict[str, object]) -> str:
    return pattern.format(
        **{name: value[position] if isinstance(value, Text) else value for name, value in values.items()}
    )


def language(choice: str | None = None) -> Language:
    """Return the output language: the choice given, else ``ZHENXING_LANG``, else Chinese."""
    wanted = choice or os.environ.get("ZHENXING_LANG", "zh")
    return "en" if wanted.lower().startswith("en") else "zh"


def speak(text: Text, choice: str | None = None) -> str:
    """Return one sentence in the output language."""
    return text.en if language(choice) == "en" else text.zh


def name_rows(rows: tuple[str, ...] | list[str], most: int = 5) -> Text:
    """Return the first ids of a list as text, saying how many more there are.

    Examples
    --------
    >>> name_rows(["a", "b"]).en
    'a, b'
    """
    shown = [str(row) for row in rows[:most]]
    more = len(rows) - len(shown)
    zh = "、".join(shown) + (f" 等共 {len(rows)} 行" if more > 0 else "")
    en = ", ".join(shown) + (f" and {more} more" if more > 0 else "")
    return Text(zh, en)
