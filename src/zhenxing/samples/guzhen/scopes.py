"""Business scopes of the sample's firms: authored phrases in the standard wording and in the older free wording."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np

from zhenxing.samples.guzhen.authored import authored

# What a firm of a link often does besides: (link, chance). Makers of lamps bend metal, blow glass, sell on line.
BESIDES: Final = {
    "LAMP": (("METAL", 0.30), ("TRADE", 0.25), ("ECOM", 0.12), ("MOD", 0.12), ("PLAS", 0.08), ("DESIGN", 0.06)),
    "METAL": (("LAMP", 0.25), ("SURF", 0.08), ("CAST", 0.10)),
    "GLASS": (("CRYS", 0.25), ("LAMP", 0.20)),
    "CRYS": (("GLASS", 0.20), ("LAMP", 0.25)),
    "PLAS": (("OPT", 0.12), ("MOULD", 0.15), ("LAMP", 0.12)),
    "CAST": (("METAL", 0.35), ("LAMP", 0.12)),
    "SURF": (("METAL", 0.30),),
    "DRV": (("ELEC", 0.30), ("CTRL", 0.12)),
    "MOD": (("LAMP", 0.35), ("PKG", 0.10)),
    "PKG": (("MOD", 0.40),),
    "WIRE": (("METAL", 0.20), ("DRV", 0.08)),
    "PACK": (("PLAS", 0.15),),
    "TRADE": (("ECOM", 0.35), ("EXPO", 0.03)),
    "ECOM": (("TRADE", 0.60), ("LOG", 0.10)),
    "DESIGN": (("LAMP", 0.10), ("IPS", 0.12)),
    "CTRL": (("DRV", 0.20), ("LAMP", 0.15)),
    "TEST": (("IPS", 0.15),),
}
# Standard scopes end in phrases that say nothing about the chain; some of them hold words of a link.
FILLERS: Final = (
    ("货物进出口", 0.34),
    ("技术进出口", 0.28),
    ("技术服务、技术开发、技术咨询、技术交流、技术转让、技术推广", 0.20),
    ("非居住房地产租赁", 0.12),
    ("日用品销售", 0.10),
    ("家具销售", 0.06),
    ("住宅室内装饰装修", 0.03),
    ("信息咨询服务（不含许可类信息咨询服务）", 0.08),
)
STANDARD_TAIL: Final = "（除依法须经批准的项目外，凭营业执照依法自主开展经营活动）"
LICENSED: Final = (
    "许可项目：{item}。（依法须经批准的项目，经相关部门批准后方可开展经营活动，"
    "具体经营项目以相关部门批准文件或许可证件为准）"
)
OLD_TAILS: Final = (
    "",
    "。",
    "；货物进出口、技术进出口。",
    "。（依法须经批准的项目，经相关部门批准后方可开展经营活动）",
    "；货物及技术进出口。(依法须经批准的项目，经相关部门批准后方可开展经营活动)〓",
)
OLD_HEADS: Final = ("生产、加工、销售：", "生产、销售：", "加工、销售：", "生产：", "生产经营")
NEGATIONS: Final = ("（不含电镀）", "（不含表面处理）", "（国家限制和禁止的除外）", "（不含危险化学品）")
TRADITIONAL: Final = str.maketrans("灯饰产销电线", "燈飾產銷電線")
FULL_WIDTH: Final = str.maketrans("LEDCOB3", "ＬＥＤＣＯＢ３")
EMPTY_SHARE, TRADITIONAL_SHARE, FULL_WIDTH_SHARE = 0.015, 0.012, 0.04


@cache
def phrases() -> dict[str, dict[str, tuple[str, ...]]]:
    """Return the authored phrases of each link: ``making``, ``selling``, ``nouns`` and ``sign`` (for firm names).

    Examples
    --------
    >>> phrases()["POLE"]["selling"]
    ('灯杆销售',)
    """
    table = authored("scopes").fillna("").astype(str).set_index("link_id")
    return {
        str(link): {name: tuple(part for part in str(row[name]).split(";") if part) for name in table.columns}
        for link, row in table.iterrows()
    }


def compose(rng: np.random.Generator, link: str, founded: int) -> str:
    """Return the scope of a firm of a link; firms founded since 2019 and half the others have the standard wording."""
    words = phrases()
    if rng.random() < EMPTY_SHARE:
        return ""
    besides = [other for other, chance in BESIDES.get(link, ()) if rng.random() < chance]
    standard = founded >= 2019 or rng.random() < 0.5
    text = _standard(rng, words, [link, *besides]) if standard else _old(rng, words, [link, *besides])
    if rng.random() < TRADITIONAL_SHARE:
        text = text.translate(TRADITIONAL)
    return text.translate(FULL_WIDTH) if rng.random() < FULL_WIDTH_SHARE else text


def _some(rng: np.random.Generator, given: Sequence[str], most: int) -> list[str]:
    count = min(len(given), int(rng.integers(1, most + 1)))
    return [given[int(n)] for n in np.sort(rng.choice(len(given), count, replace=False))] if given else []


def _standard(rng: np.random.Generator, words: dict[str, dict[str, tuple[str, ...]]], links: Sequence[str]) -> str:
    items: list[str] = []
    for place, link in enumerate(links):
        items += _some(rng, words[link]["making"], 2 if place else 3)
        if not words[link]["making"] or rng.random() < 0.6:
            items += _some(rng, words[link]["selling"], 2)
    items += [text for text, chance in FILLERS if rng.random() < chance]
    text = "一般项目：" + "；".join(dict.fromkeys(items)) + "。" + STANDARD_TAIL
    if rng.random() < 0.08:
        text += LICENSED.format(item="包装装潢印刷品印刷" if "PACK" in links else "道路货物运输（不含危险货物）")
    return text


def _old(rng: np.random.Generator, words: dict[str, dict[str, tuple[str, ...]]], links: Sequence[str]) -> str:
    nouns = [noun for link in links for noun in _some(rng, words[link]["nouns"], 3)]
    makes = bool(words[links[0]]["making"])
    services = makes and not words[links[0]]["selling"]
    head = "" if services else OLD_HEADS[int(rng.integers(len(OLD_HEADS)))] if makes else "销售："
    text = head + "、".join(dict.fromkeys(nouns))
    if rng.random() < 0.12:
        text += NEGATIONS[int(rng.integers(len(NEGATIONS)))]
    return text + OLD_TAILS[int(rng.integers(len(OLD_TAILS)))]
