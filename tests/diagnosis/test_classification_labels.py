"""The classification of real firms against what a reader wrote by hand; see labels/README.md."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from zhenxing.diagnosis.chains import load_chain
from zhenxing.diagnosis.classification import classify_firms

LABELS = Path(__file__).parent / "labels"
# the sample that the rules of the classification may be held against, and one that nobody looked at while they were made
SAMPLES = {"lighting": 300, "lighting_held_out": 120}
SOURCES = ("firms/zhongshan_1978_2003.csv.gz", "firms/guangdong_sample_20k.parquet")
ROLES = {"makes", "sells", "serves"}
Pairs = frozenset[tuple[str, ...]]


@dataclass(frozen=True)
class Score:
    """How many pairs were found rightly, wrongly, and missed."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        found = self.right + self.wrong
        return self.right / found if found else float("nan")

    @property
    def recall(self) -> float:
        real = self.right + self.missed
        return self.right / real if real else float("nan")

    def __str__(self) -> str:
        return (
            f"precision {self.precision:.3f}  recall {self.recall:.3f}  "
            f"(right {self.right}, wrong {self.wrong}, missed {self.missed})"
        )


def compare(real: Pairs, found: Pairs) -> Score:
    return Score(len(real & found), len(found - real), len(real - found))


def read_labels(name: str) -> pd.DataFrame:
    return pd.read_csv(LABELS / f"{name}.csv", dtype=str, keep_default_na=False)


def labelled_pairs(labels: pd.DataFrame) -> Pairs:
    return frozenset(
        (key, *pair.split(":"))
        for key, links in zip(labels["code_sha256"], labels["links"], strict=True)
        for pair in filter(None, links.split(";"))
    )


def without_role(pairs: Pairs) -> Pairs:
    return frozenset(pair[:2] for pair in pairs)


def real_firms(labels: pd.DataFrame) -> pd.DataFrame:
    """Name and scope of the labelled firms, found by the digest of their codes."""
    folder = os.environ.get("ZHENXING_DATA", "")
    if not folder:
        pytest.skip("real registers are not part of the repository: set ZHENXING_DATA to their folder")
    parts = []
    for source in SOURCES:
        path = Path(folder) / source
        if not path.exists():
            pytest.skip(f"{source} is not in the folder that ZHENXING_DATA names")
        table = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path, dtype=str)
        parts.append(table[["name", "code", "scope"]])
    table = pd.concat(parts, ignore_index=True).fillna("").drop_duplicates("code")
    table["firm_id"] = [hashlib.sha256(code.encode()).hexdigest() for code in table["code"]]
    chosen = table[table["firm_id"].isin(labels["code_sha256"])]
    return chosen[["firm_id", "name", "scope"]].assign(industry_code="", industry_edition="").reset_index(drop=True)


def classified(labels: pd.DataFrame) -> Pairs:
    firms = real_firms(labels)
    assert len(firms) == len(labels), "a labelled firm is not in the registers: other files than those of the labels?"
    links, _ = load_chain("lighting")
    result = classify_firms(firms, links)
    return frozenset(result[["firm_id", "link_id", "role"]].itertuples(index=False, name=None))


def test_two_firms_by_hand() -> None:
    real = frozenset({("a", "LAMP", "makes"), ("a", "WIRE", "makes"), ("b", "TRADE", "sells")})
    found = frozenset({("a", "LAMP", "sells"), ("b", "TRADE", "sells"), ("b", "PLAS", "sells")})
    assert compare(real, found) == Score(right=1, wrong=2, missed=2)
    assert compare(without_role(real), without_role(found)) == Score(right=2, wrong=1, missed=1)
    assert compare(without_role(real), without_role(found)).precision == pytest.approx(2 / 3)


@pytest.mark.parametrize("name", SAMPLES)
def test_labels_are_well_formed(name: str) -> None:
    labels = read_labels(name)
    assert len(labels) == SAMPLES[name]
    assert labels["code_sha256"].str.fullmatch(r"[0-9a-f]{64}").all()
    assert labels["code_sha256"].is_unique
    pairs = labelled_pairs(labels)
    assert {role for _, _, role in pairs} <= ROLES
    assert len(without_role(pairs)) == len(pairs), "a firm has one role in a link"
    text = (LABELS / f"{name}.csv").read_text(encoding="utf-8")
    assert text.isascii(), "labels only: no word of a register in the repository"


def test_no_firm_is_in_both_samples() -> None:
    first, second = (set(read_labels(name)["code_sha256"]) for name in SAMPLES)
    assert not first & second


@pytest.mark.parametrize("name", SAMPLES)
def test_labels_use_the_links_of_the_shipped_chain(name: str) -> None:
    labels = read_labels(name)
    links, _ = load_chain("lighting")
    used = {link for _, link, _ in labelled_pairs(labels)}
    used |= {link for doubtful in labels["doubtful"] for link in filter(None, doubtful.split(";"))}
    assert used <= set(links["link_id"])


def spread(labels: pd.DataFrame, real: Pairs, found: Pairs) -> str:
    """95 % of the precision and recall of as many firms drawn again with replacement (2,000 draws, one seed)."""
    place = {key: number for number, key in enumerate(labels["code_sha256"])}
    counts = np.zeros((len(place), 3))
    for kind, pairs in enumerate((real & found, found - real, real - found)):
        for pair in pairs:
            counts[place[pair[0]], kind] += 1
    draws = np.random.default_rng(20261123).integers(0, len(place), (2000, len(place)))
    right, wrong, missed = counts[draws].sum(axis=1).T
    ends = [np.quantile(share, [0.025, 0.975]) for share in (right / (right + wrong), right / (right + missed))]
    return "  ".join(
        f"{name} {low:.2f}-{high:.2f}" for name, (low, high) in zip(("precision", "recall"), ends, strict=True)
    )


def _lines(labels: pd.DataFrame, real: Pairs, found: Pairs) -> list[str]:
    doubtful = frozenset(
        (key, link)
        for key, links in zip(labels["code_sha256"], labels["doubtful"], strict=True)
        for link in filter(None, links.split(";"))
    )
    lines = [
        f"firm x link        {compare(without_role(real), without_role(found))}",
        f"  95 % over firms  {spread(labels, without_role(real), without_role(found))}",
        f"firm x link x role {compare(real, found)}",
        f"  without doubtful {compare(without_role(real) - doubtful, without_role(found) - doubtful)}",
    ]
    for stratum, part in labels.groupby("stratum"):
        keys = set(part["code_sha256"])
        here = [frozenset(pair for pair in without_role(pairs) if pair[0] in keys) for pairs in (real, found)]
        lines.append(f"  {stratum:<16} {compare(*here)}")
    counts = Counter(pair[1] for pair in without_role(real) | without_role(found))
    for link, _ in counts.most_common():
        here = [frozenset(pair for pair in without_role(pairs) if pair[1] == link) for pairs in (real, found)]
        lines.append(f"  {link:<16} {compare(*here)}")
    return lines


@pytest.mark.parametrize(
    ("name", "by_link_floor", "by_role_floor"),
    [("lighting", (0.875, 0.905), (0.87, 0.90)), ("lighting_held_out", (0.86, 0.90), (0.845, 0.885))],
)
def test_precision_and_recall(
    name: str,
    by_link_floor: tuple[float, float],
    by_role_floor: tuple[float, float],
    capsys: pytest.CaptureFixture[str],
) -> None:
    labels = read_labels(name)
    real, found = labelled_pairs(labels), classified(labels)
    with capsys.disabled():
        print(f"\nclassification of {len(labels)} hand-labelled firms, {name}")
        print("\n".join(_lines(labels, real, found)))
    by_link, by_role = compare(without_role(real), without_role(found)), compare(real, found)
    assert min(by_link.recall - by_link_floor[1], by_link.precision - by_link_floor[0]) >= 0
    assert min(by_role.recall - by_role_floor[1], by_role.precision - by_role_floor[0]) >= 0
    outside = set(labels.loc[(labels["links"] == "") & (labels["doubtful"] == ""), "code_sha256"])
    assert len(outside & {pair[0] for pair in found}) / len(outside) <= 0.10, "firms of no link are given one"
