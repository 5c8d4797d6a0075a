"""The pictures of a report: map by start year, money per year, land per park, chain coverage."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from zhenxing.report.balances import INCOME
from zhenxing.report.chain import chain_coverage
from zhenxing.report.diagnosis_figures import diagnosis_drawers
from zhenxing.report.facts import Facts
from zhenxing.report.fonts import FAMILY, FILE, folder
from zhenxing.report.sections.land import has_outlines, land_rows
from zhenxing.report.sections.money import outlay_columns, shown_balance
from zhenxing.report.study_figures import (
    curves_of,
    draw_alternatives,
    draw_curves,
    draw_draws,
    has_alternatives,
    has_draws,
)

# Okabe and Ito's eight colours, told apart by colour-blind readers
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#999999", "#000000")
# the outlays stand below the incomes in one picture and take none of their colours
OUTLAY_COLOURS = ("#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#999999", "#000000", "#882255", "#44AA99")
QUIET = "#E3E3E3"
DONE = "#FFFFFF"
WIDTH_IN, HEIGHT_IN = 8.0, 4.4


def draw_figures(facts: Facts, out: Path) -> dict[str, Path]:
    """Draw every figure that the plan has something for, as PNG and SVG.

    Parameters
    ----------
    facts : Facts
        The plan.
    out : Path
        Folder to write to.

    Returns
    -------
    dict of Path
        The PNG files by name.
    """
    import matplotlib as mpl
    from matplotlib import font_manager

    out.mkdir(parents=True, exist_ok=True)
    font_manager.fontManager.addfont(str(folder() / FILE))
    drawers: dict[str, tuple[Callable[[Facts, Any], None], bool, float]] = {
        "map": (_map, len(facts.town["sites"]) > 0, 6.0),
        "money": (_money, True, HEIGHT_IN),
        "land": (_land, len(facts.town["parks"]) > 0, HEIGHT_IN),
        "chain": (_chain, not chain_coverage(facts.town, facts.evaluation).empty, HEIGHT_IN),
        "prices": (draw_curves, bool(curves := curves_of(facts)), 2.8 if len(curves) < 3 else HEIGHT_IN),
        "draws": (draw_draws, has_draws(facts), 2.9),
        "alternatives": (draw_alternatives, has_alternatives(facts), 2.9),
        **diagnosis_drawers(facts),
    }
    settings: Any = {
        "font.family": ["DejaVu Sans", FAMILY],
        "axes.unicode_minus": False,
        "svg.hashsalt": "zhenxing",
        "font.size": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
    }
    written = {}
    with mpl.rc_context(settings):
        for name, (draw, is_wanted, height) in drawers.items():
            if is_wanted:
                written[name] = _save(facts, draw, out / f"{name}.png", height)
    return written


def _save(facts: Facts, draw: Callable[[Facts, Any], None], path: Path, height: float) -> Path:
    # the object interface leaves the caller's pyplot state and backend alone
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH_IN, height), layout="constrained")
    FigureCanvasAgg(figure)
    draw(facts, figure.add_subplot())
    note = facts.note
    if note:
        figure.supxlabel(facts.names.hide(note), fontsize=6.5, color="#7F7F7F", x=0.99, ha="right")
    figure.savefig(path, dpi=160, bbox_inches="tight")
    figure.savefig(path.with_suffix(".svg"), metadata={"Date": None}, bbox_inches="tight")
    return path


def _money(facts: Facts, axes: Any) -> None:
    voice, frame = facts.voice, shown_balance(facts, "expected")
    years = frame["year"].to_numpy(dtype=int)
    below, above = np.zeros(len(years)), np.zeros(len(years))
    colours = iter(PALETTE)
    for name in INCOME:
        amounts = frame[name].to_numpy(dtype=float)
        axes.bar(years, amounts, bottom=above, width=0.7, color=next(colours), label=voice(f"balance_{name}"))
        above += amounts
    for name, colour in zip(outlay_columns(facts), OUTLAY_COLOURS, strict=False):
        amounts = frame[name].to_numpy(dtype=float)
        if amounts.sum() > 0:
            axes.bar(
                years,
                -amounts,
                bottom=below,
                width=0.7,
                color=colour,
                alpha=0.85,
                hatch="//",
                edgecolor="white",
                label=voice(f"balance_{name}"),
            )
            below -= amounts
    axes.plot(years, frame["cash_wan"], color="black", marker="o", markersize=4, label=voice("balance_cash_wan"))
    if frame["debt_wan"].abs().max() > 0:
        axes.plot(
            years,
            frame["debt_wan"],
            color="#D55E00",
            marker="s",
            markersize=4,
            linestyle="--",
            label=voice("balance_debt_wan"),
        )
    axes.axhline(0, color="black", linewidth=0.8)
    axes.set_xticks(years)
    axes.set_ylabel(voice("unit_wan"))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False, fontsize=7.5)


def _land(facts: Facts, axes: Any) -> None:
    voice = facts.voice
    frame = land_rows(facts).iloc[:-1]
    places = np.arange(len(frame))
    pairs = ((("vacant_mu", "released_mu"), -0.2), (("firms_mu", "resettlement_mu", "unused_mu"), 0.2))
    colours = iter(PALETTE)
    for names, shift in pairs:
        base = np.zeros(len(frame))
        for name in names:
            amounts = frame[name].to_numpy(dtype=float)
            axes.bar(places + shift, amounts, bottom=base, width=0.36, color=next(colours), label=voice(f"land_{name}"))
            base += amounts
    labels = [facts.names.hide(facts.names.of("parks", park)) for park in frame["park_id"]]
    _park_ticks(axes, places, labels)
    axes.set_ylabel(voice("unit_mu"))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False, fontsize=8)


def _park_ticks(axes: Any, places: Any, labels: list[str]) -> None:
    long = max((len(label) for label in labels), default=0) * len(labels) > 48
    axes.set_xticks(places, labels, rotation=25 if long else 0, ha="right" if long else "center", fontsize=8)


def _chain(facts: Facts, axes: Any) -> None:
    voice = facts.voice
    frame = chain_coverage(facts.town, facts.evaluation).sort_values("after_wan").tail(24)
    places = np.arange(len(frame))
    axes.barh(
        places + 0.27, frame["wanted_wan"], height=0.25, color=QUIET, edgecolor="#7F7F7F", label=voice("chain_wanted")
    )
    axes.barh(places, frame["after_wan"], height=0.25, color=PALETTE[0], label=voice("chain_after"))
    axes.barh(places - 0.27, frame["before_wan"], height=0.25, color=PALETTE[1], label=voice("chain_before"))
    labels = [facts.names.hide(facts.names.of("links", link)) for link in frame["link_id"]]
    axes.set_yticks(places, labels, fontsize=8 if len(frame) < 16 else 6.5)
    axes.set_xlabel(voice("unit_wan_year"))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.legend(loc="lower right", frameon=False, fontsize=8)


def _map(facts: Facts, axes: Any) -> None:
    started = facts.plan["plan_sites"]
    starts = {str(site): int(year) for site, year in zip(started["site_id"], started["start_year"], strict=True)}
    done = _done_sites(facts)
    axes.set_aspect("equal")
    draw = _outlines if has_outlines(facts) else _tiles
    draw(facts, axes, lambda site: _site_colour(facts, starts, done, site))
    _map_legend(facts, axes, starts, done)
    axes.set_axis_off()
    # maps made by others than the surveying authority must say that they are sketches
    axes.text(
        0.99,
        0.01,
        facts.voice("sketch"),
        transform=axes.transAxes,
        ha="right",
        va="bottom",
        fontsize=11,
        color="#7F7F7F",
        bbox={"facecolor": "white", "edgecolor": "#7F7F7F"},
    )


def _site_colour(facts: Facts, starts: Mapping[str, int], done: set[str], site: str) -> str:
    if site in done:
        return DONE
    if site not in starts:
        return QUIET
    return year_colours(facts.years)[starts[site]]


def year_colours(years: list[int]) -> dict[int, str]:
    """Return one colour per plan year, from dark to light, readable without colour vision.

    Examples
    --------
    >>> year_colours([2026, 2027])[2026]
    '#440154'
    """
    import matplotlib as mpl
    from matplotlib.colors import to_hex

    scale = mpl.colormaps["viridis"]
    return {year: to_hex(scale(place / max(1, len(years) - 1))) for place, year in enumerate(years)}


def _done_sites(facts: Facts) -> set[str]:
    locks = facts.filled("locks")
    return set(locks.loc[(locks["rule"] == "done") & (locks["subject"] == "site"), "id"])


def _outlines(facts: Facts, axes: Any, colour: Callable[[str], str]) -> None:
    import geopandas as gpd

    lines = {"villages": ("#BFBFBF", 0.6), "parks": ("#404040", 1.0)}
    for table in ("waters", "villages", "parks"):
        frame = facts.town[table]
        if "geometry" not in frame or not frame["geometry"].notna().any():
            continue
        shapes = gpd.GeoDataFrame(frame[frame["geometry"].notna()], geometry="geometry")
        if table == "waters":
            shapes.plot(ax=axes, color="#D6EAF8", edgecolor="none", aspect=None)
        else:
            shapes.boundary.plot(ax=axes, color=lines[table][0], linewidth=lines[table][1], aspect=None)
    sites = facts.town["sites"]
    sites = gpd.GeoDataFrame(sites[sites["geometry"].notna()], geometry="geometry")
    colours = [colour(str(site)) for site in sites["site_id"]]
    hatched = [shade == DONE for shade in colours]
    sites.plot(ax=axes, color=colours, edgecolor="white", linewidth=0.4, aspect=None)
    if any(hatched):
        sites[hatched].plot(ax=axes, color=DONE, edgecolor="#595959", hatch="////", linewidth=0.4, aspect=None)
    west, south, east, north = _bounds(facts, sites)
    margin = 0.08 * max(east - west, north - south)
    axes.set_xlim(west - margin, east + margin)
    axes.set_ylim(south - margin, north + margin)
    for name, place in _labels(facts):
        axes.annotate(
            facts.names.hide(name),
            place,
            xytext=(0, 3),
            textcoords="offset points",
            fontsize=8,
            ha="center",
            va="bottom",
        )
    # degrees of longitude are shorter than degrees of latitude
    axes.set_aspect(
        1 / math.cos(math.radians((south + north) / 2)) if abs(north) <= 90 and abs(east) <= 180 else "equal"
    )


def _bounds(facts: Facts, sites: Any) -> tuple[float, float, float, float]:
    parks = facts.town["parks"]
    shapes = [*sites["geometry"], *(parks["geometry"].dropna() if "geometry" in parks else ())]
    corners = np.array([shape.bounds for shape in shapes])
    return (*corners[:, :2].min(axis=0).tolist(), *corners[:, 2:].max(axis=0).tolist())


def _labels(facts: Facts) -> list[tuple[str, tuple[float, float]]]:
    """Return the parks' names with the middle of the upper edge of each outline."""
    frame = facts.town["parks"]
    if "geometry" not in frame:
        return []
    filled = frame[frame["geometry"].notna()]
    places = [((shape.bounds[0] + shape.bounds[2]) / 2, shape.bounds[3]) for shape in filled["geometry"]]
    return [(facts.names.of("parks", park), place) for park, place in zip(filled["park_id"], places, strict=True)]


def _tiles(facts: Facts, axes: Any, colour: Callable[[str], str]) -> None:
    """Draw one square per site, its side by the root of the area, in one block per park."""
    from matplotlib.patches import Rectangle

    sites = facts.filled("sites")
    largest = max(1e-9, float(sites["area_mu"].astype(float).max()))
    groups = [(park, own) for park, own in sites.groupby("park_id", sort=True)]
    across = math.ceil(math.sqrt(len(groups)) * 1.2)
    side = max(math.ceil(math.sqrt(len(own))) for _, own in groups)
    for place, (park, own) in enumerate(groups):
        left, top = (place % across) * (side + 1.2), -(place // across) * (side + 1.8)
        axes.text(left + side / 2, top + 0.4, facts.names.of("parks", park), ha="center", fontsize=8)
        for number, (site, area) in enumerate(zip(own["site_id"], own["area_mu"].astype(float), strict=True)):
            length = 0.92 * math.sqrt(max(0.08, area / largest))
            x, y = left + number % side + 0.5 - length / 2, top - number // side - 0.5 - length / 2
            axes.add_patch(
                Rectangle((x, y), length, length, facecolor=colour(str(site)), edgecolor="#7F7F7F", linewidth=0.4)
            )
    rows = math.ceil(len(groups) / across)
    axes.set_xlim(-0.5, across * (side + 1.2))
    axes.set_ylim(-rows * (side + 1.8), 1.6)


def _map_legend(facts: Facts, axes: Any, starts: Mapping[str, int], done: set[str]) -> None:
    from matplotlib.patches import Patch

    counts = pd.Series(list(starts.values()), dtype="int64").value_counts()
    handles = [
        Patch(facecolor=colour, label=facts.voice("map_year", year=year, count=int(counts.get(year, 0))))
        for year, colour in year_colours(facts.years).items()
    ]
    handles.append(Patch(facecolor=QUIET, edgecolor="#7F7F7F", label=facts.voice("map_not_started")))
    if done:
        handles.append(Patch(facecolor=DONE, edgecolor="#595959", hatch="////", label=facts.voice("map_done")))
    axes.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(1.0, 0.92),
        frameon=False,
        fontsize=7.5,
        title=facts.voice("map_legend"),
        title_fontsize=8,
    )
