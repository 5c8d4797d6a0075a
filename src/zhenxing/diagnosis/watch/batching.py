"""By which month a firm must have reached the line for which inclusion batch."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from zhenxing.diagnosis.watch.panel import Floats
from zhenxing.diagnosis.watch.settings import WatchSettings
from zhenxing.errors import InputError
from zhenxing.i18n import say
from zhenxing.rules.above_scale import in_force
from zhenxing.rules.files import records

# Month in which a unit taken in by an annual batch reports for the first time (domain: the February door).
FIRST_REPORT = 2
BATCH_COLUMNS = (
    "firm_id", "batch_id", "closes", "revenue_through", "counted_from", "needed_wan", "at_pace_wan", "short_by_wan",
    "monthly_needed_wan", "at_growth_needed", "source", "provenance",
)  # fmt: skip


def inclusion_batches(year: int, settings: WatchSettings) -> pd.DataFrame:
    """Return the annual batches that take the firms crossing in a year: closing day, last month counted, first report.

    The closing days are the dated calendar of the ladder (``rules/data/ladder/inclusion_calendar.csv``). Revenue counts
    up to the month before the one in which a batch closes; a batch that closes in January takes the whole year before.
    Whoever is taken in reports from February on (``filed`` before, ``in_register`` from then). Of a year for which no
    calendar of the jurisdiction holds, the nearest in time stands in, tagged M.

    Examples
    --------
    >>> inclusion_batches(2027, WatchSettings())["revenue_through"].tolist()
    ['2027-10', '2027-11']
    """
    known = [row for row in records("ladder/inclusion_calendar.csv") if row["door"] == "annual"]
    own = [row for row in known if row["jurisdiction"] == settings.jurisdiction]
    if not own:
        names = ", ".join(sorted({row["jurisdiction"] for row in known}))
        raise InputError(say("diagnosis_watch.no_calendar", jurisdiction=settings.jurisdiction, known=names))
    on = date(min(year, 9998), 12, 1)
    holding = [row for row in own if in_force(row, on)]
    earlier = [row["valid_from"] for row in own if row["valid_from"] <= on.isoformat()]
    nearest = max(earlier) if earlier else min(row["valid_from"] for row in own)
    found = []
    for row in holding or [row for row in own if row["valid_from"] == nearest]:
        month, day = int(row["month"]), int(row["day"])
        closes = date(year + (month == 1), month, day)
        through = 12 if month == 1 else month - 1
        found.append(
            {
                "batch_id": row["id"],
                "closes": closes.isoformat(),
                "month": through,
                "revenue_through": f"{year}-{through:02d}",
                "counted_from": f"{year + 1}-{FIRST_REPORT:02d}",
                "source": row["source_url"],
                "provenance": row["provenance"] if holding else "M",
            }
        )
    return pd.DataFrame(found).sort_values("closes", ignore_index=True)


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
