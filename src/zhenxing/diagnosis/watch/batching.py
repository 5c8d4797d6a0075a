"""By which month a firm must have reached the line for which inclusion batch."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from zhenxing.diagnosis.watch.panel import Floats
from zhenxing.diagnosis.watch.settings import WatchSettings
from zhenxing.errors import InputError
from zhenxing.i18n import say
from zhenxing.rules.files import records

BATCH_COLUMNS = (
    "firm_id", "batch_id", "closes", "revenue_through", "counted_from", "needed_wan", "at_pace_wan", "short_by_wan",
    "monthly_needed_wan", "at_growth_needed", "source", "provenance",
)  # fmt: skip


def inclusion_batches(year: int, settings: WatchSettings) -> pd.DataFrame:
    """Return the annual batches that take the firms crossing in a year: closing day, last month counted, first report.

    The calendar is dated data (``rules/data/watch/inclusion_batches.csv``); a batch that closes in January takes the
    revenue of the whole year before. Until a newer calendar is entered, the latest one counts.

    Examples
    --------
    >>> inclusion_batches(2027, WatchSettings())["revenue_through"].tolist()
    ['2027-10', '2027-11']
    """
    rows = [row for row in records("watch/inclusion_batches.csv") if row["door"] == "annual"]
    known = sorted({row["jurisdiction"] for row in rows})
    rows = [row for row in rows if row["jurisdiction"] == settings.jurisdiction and row["valid_from"] <= f"{year}-12"]
    if not rows:
        raise InputError(
            say("diagnosis_watch.no_calendar", jurisdiction=settings.jurisdiction, year=year, known=", ".join(known))
        )
    found = []
    for row in sorted(rows, key=lambda row: row["batch"]):
        month, day = (int(part) for part in row["closes"].split("-"))
        closes = date(year + (month < int(row["revenue_through"])), month, 1) + timedelta(days=day - 1)
        found.append(
            {
                "batch_id": row["id"],
                "closes": closes.isoformat(),
                "month": int(row["revenue_through"]),
                "revenue_through": f"{year}-{row['revenue_through']}",
                "counted_from": f"{year + 1}-{row['counted_from']}",
                "source": row["source_url"],
                "provenance": row["provenance"],
            }
        )
    return pd.DataFrame(found)


def batch_rows(ids: np.ndarray, revenue: Floats, threshold: Floats, year: int, settings: WatchSettings) -> pd.DataFrame:
    """Return per firm and batch what its cumulative revenue must be by the last month counted.

    ``at_pace_wan`` is last year's revenue spread over the months as the settings say; ``at_growth_needed`` is the
    growth over last year (share) at which the line is reached in time.
    """
    parts = []
    for batch in inclusion_batches(year, settings).to_dict("records"):
        share = float(sum(settings.months[: batch["month"]]))
        at_pace = np.maximum(revenue, 0.0) * share
        with np.errstate(divide="ignore", invalid="ignore"):
            growth = np.where(at_pace > 0, threshold / at_pace - 1, np.nan)
        parts.append(
            pd.DataFrame(
                {
                    "firm_id": ids.astype(str),
                    "batch_id": batch["batch_id"],
                    "closes": batch["closes"],
                    "revenue_through": batch["revenue_through"],
                    "counted_from": batch["counted_from"],
                    "needed_wan": threshold,
                    "at_pace_wan": at_pace,
                    "short_by_wan": np.maximum(threshold - at_pace, 0.0),
                    "monthly_needed_wan": threshold / batch["month"],
                    "at_growth_needed": growth,
                    "source": batch["source"],
                    "provenance": batch["provenance"],
                }
            )
        )
    frame = pd.concat(parts, ignore_index=True)[list(BATCH_COLUMNS)]
    return frame.sort_values(["firm_id", "closes"], kind="stable", ignore_index=True)
