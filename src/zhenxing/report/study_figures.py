"""Pictures of results beside the plan: curves of limits, value over draws of luck, land by park of the alternatives."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from zhenxing.report.facts import Facts
from zhenxing.report.sections.binding import QUIET, binding_rows
from zhenxing.report.sections.choices import distinct, park_columns
from zhenxing.report.sections.luck import own_risk, plan_value, simulated, tail_share, two_stage_differs
from zhenxing.report.sections.studies import quantity
from zhenxing.report.voice import as_float

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#E69F00", "#009E73", "#7F7F7F"
# Curves side by side, and the fewest re-solved steps that make a curve.
MOST_CURVES, FEWEST_STEPS = 4, 2
# How far beyond the curves the picture reaches, as a share of their height.
MARGIN = 0.25
NOTE_BOX = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1.5}


def curves_of(facts: Facts) -> list[tuple[str, pd.DataFrame]]:
    """Return the limits with a re-solved curve, the dearest practical unit first, each with its points and no step.

    Returns
    -------
    list of (title, DataFrame)
        step, value_wan (within this plan), low_wan, high_wan, relaxation_wan, in order of step.
    """
    if not facts.explained.prices.is_shown:
        return []
    rows = binding_rows(facts)
    rows = rows[~rows["verdict"].isin(QUIET)]
    order = rows.loc[rows["practical"] & rows["value_wan"].notna(), "label"]
    columns = ["step", "value_wan", "low_wan", "high_wan", "relaxation_wan"]
    found = []
    for label in dict.fromkeys(order):
        own = rows[(rows["label"] == label) & rows["value_wan"].notna()]
        if len(own) < FEWEST_STEPS or own["value_wan"].abs().max() <= 0.05:
            continue
        unit = str(own["unit"].iloc[0])
        points = pd.concat([own[columns], pd.DataFrame([dict.fromkeys(columns, 0.0)])], ignore_index=True)
        title = facts.voice("curve_title", limit=label, unit=unit)
        found.append((title, points.sort_values("step", kind="stable").reset_index(drop=True)))
    return found[:MOST_CURVES]


def draw_curves(facts: Facts, axes: Any) -> None:
    """Draw each limit's curve: within this plan, the relaxation beside it, the town's limits as a band."""
    curves = curves_of(facts)
    figure = axes.figure
    axes.remove()
    across = 2 if len(curves) > 1 else 1
    panels = figure.subplots(math.ceil(len(curves) / across), across, squeeze=False).ravel()
    for panel, (title, points) in zip(panels, curves, strict=False):
        _curve(facts, panel, title, points)
    for panel in panels[len(curves) :]:
        panel.set_axis_off()
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=3, frameon=False, fontsize=8)


def _curve(facts: Facts, axes: Any, title: str, points: pd.DataFrame) -> None:
    voice, steps = facts.voice, points["step"].to_numpy()
    shown = points[["value_wan", "relaxation_wan"]].to_numpy()
    low, high = float(np.nanmin(shown)), float(np.nanmax(shown))
    reach = MARGIN * max(high - low, 1.0)
    band = points.dropna(subset=["low_wan", "high_wan"])
    if len(band) > 1:
        axes.fill_between(
            band["step"],
            band["low_wan"],
            band["high_wan"],
            color=GREY,
            alpha=0.18,
            linewidth=0,
            label=voice("curve_town"),
        )
    axes.plot(steps, points["relaxation_wan"], color=ORANGE, linestyle=":", label=voice("curve_relaxed"))
    axes.plot(steps, points["value_wan"], color=BLUE, marker="o", markersize=4, label=voice("curve_within"))
    axes.axhline(0, color="black", linewidth=0.6)
    axes.axvline(0, color="black", linewidth=0.6)
    # the town's limits may be a hundred times as wide as the curve: they run off the picture and are written in it
    axes.set_ylim(low - reach, high + reach)
    outside = band[(band["low_wan"] < low - reach) | (band["high_wan"] > high + reach)]
    if len(outside):
        last = outside.iloc[-1]
        note = voice(
            "curve_outside",
            step=f"{last['step']:+,.4g}",
            low=quantity(last["low_wan"]),
            high=quantity(last["high_wan"]),
        )
        axes.text(0.02, 0.97, note, transform=axes.transAxes, va="top", fontsize=6.5, color="#404040", bbox=NOTE_BOX)
    axes.set_title(facts.names.hide(title), fontsize=8.5)
    axes.tick_params(labelsize=7)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:+,.4g}" if value else "0")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.set_ylabel(voice("unit_wan"), fontsize=7)


def has_draws(facts: Facts) -> bool:
    """Whether there are enough draws for a picture."""
    return facts.explained.scenarios.is_shown and len(simulated(facts)) > 2


def draw_draws(facts: Facts, axes: Any) -> None:
    """Draw how often which value comes out, with the plan's own value, the mean and the mean of the worst cases."""
    voice = facts.voice
    values = simulated(facts)["value_wan"].to_numpy(dtype=float)
    other = simulated(facts, "two_stage")["value_wan"].to_numpy(dtype=float)
    two = other if two_stage_differs(facts) else other[:0]
    row = own_risk(facts)
    # as many bars as the root of the draws, so that none stands for a single draw only
    bins = np.histogram_bin_edges(
        np.concatenate([values, two]), bins=max(6, min(24, round(math.sqrt(len(values)) * 1.5)))
    )
    axes.hist(values, bins=bins, color=BLUE, alpha=0.75, edgecolor="white", label=voice("draws_plan"))
    if len(two):
        axes.hist(two, bins=bins, histtype="step", color=GREEN, linewidth=1.3, label=voice("draws_two_stage"))
    marks = (
        ("draws_planned", plan_value(facts), "black", "-"),
        ("draws_mean", as_float(row["expected_wan"]), ORANGE, "--"),
        ("draws_tail", as_float(row["cvar_wan"]), "#D55E00", ":"),
    )
    for key, value, colour, style in marks:
        label = voice(key, value=quantity(value), share=tail_share(facts))
        axes.axvline(value, color=colour, linestyle=style, linewidth=1.8, label=label)
    axes.set_xlabel(voice("draws_value"))
    axes.set_ylabel(voice("draws_count"))
    axes.yaxis.get_major_locator().set_params(integer=True)
    axes.margins(x=0.04)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.tick_params(axis="x", labelsize=8)
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False, fontsize=8)


def has_alternatives(facts: Facts) -> bool:
    """Whether there are alternatives whose land by park can be drawn."""
    if not facts.explained.alternatives.is_shown:
        return False
    frame, _ = distinct(facts)
    return len(frame) > 1 and bool(park_columns(facts, frame))


def draw_alternatives(facts: Facts, axes: Any) -> None:
    """Draw the land cleared in each park: one dot for each alternative, the plan as a diamond."""
    voice, frame = facts.voice, distinct(facts)[0]
    parks = park_columns(facts, frame)
    given = frame["name"] == "given"
    for place, name in enumerate(reversed(list(parks))):
        own = frame[name].to_numpy(dtype=float)
        axes.plot([own.min(), own.max()], [place, place], color="#D0D0D0", linewidth=2, zorder=1)
        first = place == 0
        axes.scatter(
            own[~given], np.full(int((~given).sum()), place), s=22, color=GREY, alpha=0.75, zorder=2,
            label=voice("dots_others") if first else None,
        )  # fmt: skip
        axes.scatter(
            own[given], [place], s=60, marker="D", color=BLUE, zorder=3, label=voice("method_plan") if first else None
        )
    axes.set_yticks(range(len(parks)), [facts.names.hide(name) for name in reversed(list(parks.values()))], fontsize=8)
    axes.set_xlabel(voice("dots_mu"))
    axes.margins(y=0.12)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False, fontsize=8)
