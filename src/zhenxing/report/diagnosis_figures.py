"""Pictures of the diagnosis chapter: chain graph, gaps, ladder, threshold watch, output-per-mu curve, peers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from zhenxing.report.diagnosis import firm_names, link_name, number, table, tell, word
from zhenxing.report.facts import Facts
from zhenxing.report.sections.diagnosis import indicator_name, ladder_counts, peer_rows, push_rows
from zhenxing.report.sections.diagnosis_chain import chain_rows

# One colour for each verdict, told apart by colour-blind readers; the words stand in the legend.
VERDICT_COLOURS = {
    "missing": "#D55E00",
    "weak": "#E69F00",
    "leader_dependent": "#CC79A7",
    "fair": "#56B4E9",
    "strong": "#009E73",
    "unknown": "#BFBFBF",
}
STATUS_COLOURS = {"held": "#0072B2", "met": "#56B4E9", "missed": "#E3E3E3", "unknown": "#F5F5F5"}
GRADE_COLOURS = {"A": "#009E73", "B": "#56B4E9", "C": "#E69F00", "D": "#D55E00"}
BLUE, ORANGE, GREY = "#0072B2", "#E69F00", "#7F7F7F"
MOST_GAPS, MOST_FIRMS, LONGEST = 14, 15, 16
Drawers = dict[str, tuple[Callable[[Facts, Any], None], bool, float]]


def diagnosis_drawers(facts: Facts) -> Drawers:
    """Return what to draw for the diagnosis: function, whether there is something to draw, height in inches."""
    if not facts.diagnosis.is_shown:
        return {}
    chain = table(facts, "chain")
    gaps = len(chain) > 0 and bool((number(chain, "gap_wan") > 0).any())
    graded = table(facts, "output_per_mu")
    curve = (
        len(graded) > 0 and int(((number(graded, "tax_per_mu").notna()) & (number(graded, "land_mu") > 0)).sum()) > 2
    )
    return {
        "chain_graph": (_graph, len(chain) > 0 and len(table(facts, "chain_edges")) > 0, 6.2),
        "chain_gaps": (_gaps, gaps, 3.6),
        "ladder": (_ladder, not ladder_counts(facts).empty, 3.0),
        "watch": (_watch, not push_rows(facts).empty and not facts.is_outward, 3.8),
        "output_per_mu": (_curve, curve, 3.4),
        "peers": (_peers, not peer_rows(facts).empty, 3.4),
    }


def _graph(facts: Facts, axes: Any) -> None:
    """Draw the links in layers from first suppliers to last buyers, coloured by verdict, sized by output."""
    from zhenxing.diagnosis.chain import chain_graph

    chain, edges = table(facts, "chain"), table(facts, "chain_edges")
    places = chain_graph(chain, edges).set_index("link_id")
    where = {link: (float(row.x), 1.0 - float(row.y)) for link, row in places[["x", "y"]].iterrows()}
    output = dict(zip(chain["link_id"], number(chain, "output_wan").fillna(0.0), strict=True))
    most = max(max(output.values()), 1.0)
    size = {link: 60 + 700 * (value / most) ** 0.5 for link, value in output.items()}
    demand = number(edges, "demand_wan").fillna(0.0)
    widest = max(float(demand.max()), 1.0)
    for start, end, flow in zip(edges["upstream_id"], edges["downstream_id"], demand, strict=True):
        if start in where and end in where:
            arrow = {
                "arrowstyle": "-|>,head_width=0.12,head_length=0.25",
                "color": "#A6A6A6",
                "linewidth": 0.4 + 3.0 * (flow / widest) ** 0.5,
                "shrinkA": 1 + size[start] ** 0.5 / 2,
                "shrinkB": 1 + size[end] ** 0.5 / 2,
                "alpha": 0.55,
                "connectionstyle": "arc3,rad=0.06",
            }
            axes.annotate("", xy=where[end], xytext=where[start], arrowprops=arrow, zorder=1)
    for verdict, colour in VERDICT_COLOURS.items():
        own = [str(link) for link in chain.loc[chain["verdict"] == verdict, "link_id"]]
        if own:
            axes.scatter(
                [where[link][0] for link in own],
                [where[link][1] for link in own],
                s=[size[link] for link in own],
                color=colour,
                edgecolor="white",
                linewidth=1.2,
                zorder=2,
                label=word(facts, "verdict", verdict),
            )
    for link, (x, y) in where.items():
        name = facts.names.hide(link_name(facts, link))
        label = name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"
        below = -2 - size[link] ** 0.5 / 2
        axes.annotate(label, (x, y), xytext=(0, below), textcoords="offset points", ha="center", va="top", fontsize=6.5)
    axes.set_axis_off()
    axes.margins(x=0.08, y=0.07)
    legend = axes.legend(loc="upper center", bbox_to_anchor=(0.5, 1.06), ncols=6, frameon=False, fontsize=8)
    for handle in legend.legend_handles:
        handle.set_sizes([60])


def _gaps(facts: Facts, axes: Any) -> None:
    frame = chain_rows(facts)
    frame = frame[number(frame, "gap_wan") > 0].head(MOST_GAPS).iloc[::-1]
    places = np.arange(len(frame))
    gap, low, high = (number(frame, name).to_numpy() for name in ("gap_wan", "gap_wan_low", "gap_wan_high"))
    colours = [VERDICT_COLOURS.get(str(verdict), GREY) for verdict in frame["verdict"]]
    axes.barh(places, gap, height=0.6, color=colours)
    reach = np.nan_to_num(np.stack([gap - low, high - gap])).clip(min=0)
    axes.errorbar(gap, places, xerr=reach, fmt="none", ecolor="black", elinewidth=0.8, capsize=2.5)
    axes.set_yticks(places, [facts.names.hide(link_name(facts, link)) for link in frame["link_id"]], fontsize=8)
    axes.set_xlabel(tell(facts, "axis_gap"))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")


def _ladder(facts: Facts, axes: Any) -> None:
    counts = ladder_counts(facts).iloc[::-1]
    places, left = np.arange(len(counts)), np.zeros(len(counts))
    for status, colour in STATUS_COLOURS.items():
        values = counts[status].to_numpy(dtype=float)
        label = word(facts, "status", status)
        axes.barh(places, values, left=left, height=0.62, color=colour, edgecolor="#BFBFBF", linewidth=0.5, label=label)
        if status in ("held", "met"):
            for place, start, value in zip(places, left, values, strict=True):
                if value > 0:
                    axes.text(start + value / 2, place, f"{value:.0f}", ha="center", va="center", fontsize=6.5)
        left += values
    axes.set_yticks(places, [word(facts, "rung", rung) for rung in counts.index], fontsize=8)
    axes.set_xlabel(tell(facts, "axis_firms"))
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, 1.16), ncols=4, frameon=False, fontsize=8)


def _watch(facts: Facts, axes: Any) -> None:
    """Draw the chance to cross before and after the visits, best uplift first."""
    frame, names = push_rows(facts).head(MOST_FIRMS).iloc[::-1], firm_names(facts)
    places = np.arange(len(frame))
    before, after = number(frame, "probability_cross").to_numpy(), number(frame, "probability_pushed").to_numpy()
    axes.hlines(places, before, after, color="#D0D0D0", linewidth=2.5, zorder=1)
    axes.scatter(before, places, s=24, color=GREY, zorder=2, label=tell(facts, "watch_before"))
    axes.scatter(after, places, s=30, color=BLUE, marker="D", zorder=3, label=tell(facts, "watch_after"))
    shown = [names.get(str(firm), str(firm)) for firm in frame["firm_id"]]
    short = number(frame, "short_by_wan").to_numpy()
    labels = [
        tell(facts, "watch_label", name=name, short=f"{lack:,.0f}") for name, lack in zip(shown, short, strict=True)
    ]
    axes.set_yticks(places, labels, fontsize=7)
    axes.set_xlim(0, 1)
    axes.set_xlabel(tell(facts, "axis_chance"))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.legend(loc="lower right", frameon=False, fontsize=8)


def _curve(facts: Facts, axes: Any) -> None:
    """Draw tax per mu over cumulative land, the best land first, coloured by grade."""
    frame = table(facts, "output_per_mu")
    frame = frame[number(frame, "tax_per_mu").notna() & (number(frame, "land_mu") > 0)]
    frame = frame.assign(tax=number(frame, "tax_per_mu"), land=number(frame, "land_mu"))
    frame = frame.sort_values("tax", ascending=False)
    ends = frame["land"].cumsum().to_numpy()
    starts = ends - frame["land"].to_numpy()
    grades = frame["grade"].fillna("").astype(str).to_numpy()
    for grade in ("A", "B", "C", "D", ""):
        own = grades == grade
        if own.any():
            label = grade or tell(facts, "mu_left")
            axes.bar(
                starts[own], frame["tax"].to_numpy()[own], width=(ends - starts)[own], align="edge", linewidth=0,
                color=GRADE_COLOURS.get(grade, "#D9D9D9"), label=label,
            )  # fmt: skip
    mean = float((frame["tax"] * frame["land"]).sum() / frame["land"].sum())
    axes.axhline(mean, color="black", linewidth=0.9, linestyle="--", label=tell(facts, "mu_mean", mean=f"{mean:.1f}"))
    # a few tiny plots would flatten everything else
    top = float(np.quantile(np.repeat(frame["tax"], np.maximum(1, frame["land"].round().astype(int))), 0.99))
    axes.set_ylim(min(0.0, float(frame["tax"].min())), max(top * 1.15, mean * 2))
    axes.set_xlabel(tell(facts, "axis_land"))
    axes.set_ylabel(tell(facts, "axis_tax"))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.legend(loc="upper right", ncols=3, frameon=False, fontsize=8)


def _peers(facts: Facts, axes: Any) -> None:
    """Draw the town and the best peer as shares of the peers' median, indicator by indicator."""
    rows = peer_rows(facts)
    rows = rows[rows["median"] > 0].iloc[::-1]
    places = np.arange(len(rows))
    own, best = (rows[name] / rows["median"] for name in ("value", "best"))
    axes.axvline(1.0, color="black", linewidth=0.8)
    axes.hlines(places, np.minimum(own, 1.0), np.maximum(own, 1.0), color="#D0D0D0", linewidth=2.5, zorder=1)
    axes.scatter(best, places, s=26, marker="^", color=ORANGE, zorder=2, label=tell(facts, "peers_best"))
    axes.scatter(own, places, s=34, marker="D", color=BLUE, zorder=3, label=tell(facts, "peers_own"))
    records = [{str(k): v for k, v in one.items()} for one in rows.to_dict("records")]
    axes.set_yticks(places, [indicator_name(facts, row) for row in records], fontsize=8)
    axes.set_xlabel(tell(facts, "axis_median"))
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, 1.14), ncols=2, frameon=False, fontsize=8)
