"""What the diagnosis of a chain may be told, and the thresholds of its verdicts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from zhenxing.errors import InputError
from zhenxing.i18n import say

Verdict = Literal["missing", "weak", "fair", "strong", "leader_dependent", "unknown"]
VERDICTS: Final[tuple[Verdict, ...]] = ("missing", "weak", "fair", "strong", "leader_dependent", "unknown")


@dataclass(frozen=True)
class ChainSettings:
    """Settings of the diagnosis of a chain. Every number here is an editable assumption, none a published standard.

    Attributes
    ----------
    home : str
        region_id of the town in region_industries; without it, or where it has no rows, the town's side of the
        location quotient is counted from the register.
    code_alone : {"likeliest", "even", "none"}
        What a firm makes whose labels rest on its industry code alone (empty role): of its code's links the one that
        has most makers by words (``likeliest``; evenly where none has any), all of them by their weights, or nothing.
    selling_links : tuple of str, optional
        Links whose trade is selling, so that ``sells`` supplies them; by default those whose role in ``links`` is
        ``sells``, or without a role those most of whose codes are wholesale or retail (51 and 52 of GB/T 4754-2017).
    closed_status : tuple of str
        Words in firms.status that say that the firm is gone.
    impute : {"none", "last", "median"}
        Output of makers without a figure for the year: not counted, their last known year, or the median of the
        link's known makers (scaled by nothing); the imputed part is reported.
    final_demand_wan : mapping of str to float
        Demand for a link from outside the chain (万元 a year) by link_id.
    committed_output_wan : mapping of str to float
        Output that is sure to come but not in the register yet (projects that have landed), by link_id (万元 a year);
        it counts as supply of its link and as demand for what that link buys.
    sold_locally : float
        Share of a link's output that is on offer to local buyers; at 1 the gap is a lower bound.
    share_spread : float
        Half width of the range of an input share that states none, as a share of it.
    weak_share, strong_share : float
        Local supply share below which a link is weak, and from which it is strong.
    leader_share : float
        Share of one firm in the link's known output from which the link is leader-dependent.
    leaders : int
        Number of firms listed for each link.
    quotient_values : tuple of str
        Measures of region_industries for the location quotient, the first that both sides have is taken.
    regions_needed : int
        Reference regions from which relatedness is taken from co-location rather than from input shares.
    reward_per_output : float
        Worth of one 万元 of yearly output that fills a whole gap of a link of weight 1 that nothing depends on.
    exposure_bonus : float
        How much a link's reward grows with its exposure (at 1: doubled where all output depends on it).
    reward_falls : tuple of float
        Reward of the certain, the expected and the possible part of a gap relative to the first; never rising.
    priors : mapping of str to {"weak", "strong"}
        What is believed of a link beforehand (``load_priors``); the evidence says whether the figures bear it out.
    draws, seed : int
        Number and seed of the draws of input shares.
    """

    home: str = ""
    code_alone: Literal["likeliest", "even", "none"] = "likeliest"
    selling_links: tuple[str, ...] | None = None
    closed_status: tuple[str, ...] = ("注销", "吊销", "迁出")
    impute: Literal["none", "last", "median"] = "none"
    final_demand_wan: Mapping[str, float] = field(default_factory=dict)
    committed_output_wan: Mapping[str, float] = field(default_factory=dict)
    sold_locally: float = 1.0
    share_spread: float = 0.5
    weak_share: float = 0.5
    strong_share: float = 0.9
    leader_share: float = 0.5
    leaders: int = 3
    quotient_values: tuple[str, ...] = ("employees", "output_wan", "firms")
    regions_needed: int = 10
    reward_per_output: float = 0.02
    exposure_bonus: float = 1.0
    reward_falls: tuple[float, float, float] = (1.0, 0.5, 0.25)
    priors: Mapping[str, str] = field(default_factory=dict)
    draws: int = 500
    seed: int = 1

    def __post_init__(self) -> None:
        """Refuse settings outside their range, naming each."""
        shares = ("sold_locally", "share_spread", "weak_share", "strong_share", "leader_share")
        wrong = [name for name in shares if not 0.0 <= getattr(self, name) <= 1.0]
        wrong += [name for name in ("reward_per_output", "exposure_bonus") if not 0.0 <= getattr(self, name) < math.inf]
        wrong += [name for name in ("leaders", "draws", "regions_needed") if getattr(self, name) < 1]
        if self.impute not in ("none", "last", "median"):
            wrong.append("impute")
        if self.code_alone not in ("likeliest", "even", "none"):
            wrong.append("code_alone")
        if self.weak_share > self.strong_share:
            wrong.append("weak_share")
        first, second, third = self.reward_falls
        if not first >= second >= third >= 0.0:
            wrong.append("reward_falls")
        wrong += [
            name
            for name in ("final_demand_wan", "committed_output_wan")
            if any(not 0.0 <= amount < math.inf for amount in getattr(self, name).values())
        ]
        if not set(self.priors.values()) <= {"weak", "strong"}:
            wrong.append("priors")
        if wrong:
            raise InputError(say("diagnosis_chain.bad_settings", names=", ".join(wrong)))
