"""Rewrite the table of cited facts in docs/*/concepts/samples.md from the example's facts.csv.

Run ``python scripts/facts_page.py`` after changing the facts; a test compares the pages with it.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
FACTS = ROOT / "src" / "zhenxing" / "samples" / "guzhen" / "facts.csv"
HEADS = {
    "en": "| fact | value | unit | year | source | tag |",
    "zh": "| 事实 | 数值 | 单位 | 年份 | 来源 | 标记 |",
}
MARKED = re.compile(r"(<!-- facts -->\n).*?(\n<!-- end of facts -->)", re.DOTALL)


def facts_table(language: str) -> str:
    """Return the facts as a Markdown table in a language."""
    with FACTS.open(encoding="utf-8") as file:
        facts = list(csv.DictReader(file))
    lines = [HEADS[language], "|---|---|---|---|---|---|"]
    for fact in facts:
        value = fact["value"].replace(";", "; ")
        lines.append(
            f"| {fact[language]} | {value} | {fact['unit']} | {fact['year']} | {fact['source']} | {fact['tag']} |"
        )
    return "\n".join(lines)


def page(language: str) -> Path:
    """Return the page about the samples in a language."""
    return ROOT / "docs" / language / "concepts" / "samples.md"


def rewritten(language: str) -> str:
    """Return the page with the table as the facts are now."""
    text = page(language).read_text(encoding="utf-8")
    return MARKED.sub(lambda found: found[1] + facts_table(language) + found[2], text)


def main() -> None:
    """Rewrite both pages."""
    for language in HEADS:
        page(language).write_text(rewritten(language), encoding="utf-8")


if __name__ == "__main__":
    main()
