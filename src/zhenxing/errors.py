"""The exceptions of zhenxing and the issue record that they carry.

::

    ZhenxingError
    ├── InputError            exit 2: something the user gave is wrong
    │   ├── SchemaError       a cell, a column or a key breaks its table's declaration
    │   ├── TownError         the tables contradict each other
    │   ├── SourceError       a file cannot be read as it is
    │   └── CrsSuspicionError coordinates look like another system than declared
    ├── InfeasibleError       exit 3: no plan can satisfy the locks and data
    └── NoPlanInTimeError     exit 4: no plan was found within the time given

Every message exists in Chinese and in English; ``rows`` holds the offending rows as a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    import pandas as pd

Level = Literal["error", "warning", "info"]


class Text(NamedTuple):
    """One sentence in both languages of the project."""

    zh: str
    en: str

    def __str__(self) -> str:
        """Chinese first, then English."""
        return f"{self.zh}\n{self.en}"


@dataclass(frozen=True)
class Issue:
    """One finding about the user's data: where, what is wrong, what to do.

    Parameters
    ----------
    level : {"error", "warning", "info"}
        Errors stop a plan; warnings and infos do not.
    code : str
        The rule's stable name, for example ``unknown_park``.
    text : Text
        What is wrong and what to do, in Chinese and English.
    table, column : str
        Where; empty when the finding is about no single table or column.
    rows : tuple of str
        Ids (or file row numbers) of the rows concerned, all of them.
    """

    level: Level
    code: str
    text: Text
    table: str = ""
    column: str = ""
    rows: tuple[str, ...] = ()

    def record(self) -> dict[str, object]:
        """Return the issue as a flat mapping, ready for JSON or a table."""
        flat = asdict(self)
        text = flat.pop("text")
        return {**flat, "rows": list(self.rows), "zh": text[0], "en": text[1]}


class ZhenxingError(Exception):
    """The root of all errors raised on purpose.

    Parameters
    ----------
    text : Text
        Message in Chinese and English.
    issues : sequence of Issue
        The findings behind the message.
    """

    exit_code = 1

    def __init__(self, text: Text, issues: Sequence[Issue] = ()) -> None:
        super().__init__(str(text))
        self.text = text
        self.issues = tuple(issues)

    @property
    def rows(self) -> pd.DataFrame:
        """The findings as a table, one row each."""
        import pandas as pd

        columns = ["level", "code", "table", "column", "rows", "zh", "en"]
        return pd.DataFrame([issue.record() for issue in self.issues], columns=columns)


class InputError(ZhenxingError):
    """Something the user gave is wrong; the message says what to do."""

    exit_code = 2


class SchemaError(InputError):
    """A cell, a column or a key breaks the declaration of its table."""


class TownError(InputError):
    """The tables of a town contradict each other."""


class SourceError(InputError):
    """A file cannot be read as it is."""


class CrsSuspicionError(InputError):
    """Coordinates look like another system than the declared one; nothing was converted."""


class InfeasibleError(ZhenxingError):
    """No plan can satisfy the locks and the data."""

    exit_code = 3


class NoPlanInTimeError(ZhenxingError):
    """No plan was found within the time given."""

    exit_code = 4
