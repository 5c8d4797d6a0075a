"""The report of a plan: Word, Excel, PDF and figures with one set of numbers, and next year's site list."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zhenxing.report.options import ReportOptions

if TYPE_CHECKING:
    from zhenxing.errors import Text
    from zhenxing.report.facts import Facts, PlanLike
    from zhenxing.town import Town

FILES = ("report.docx", "plan.xlsx", "report.pdf")
FIRM_PAGES = "firm-pages.docx"
FIGURES = (
    "map", "money", "land", "chain", "prices", "draws", "alternatives",
    "chain_graph", "chain_gaps", "ladder", "watch", "output_per_mu", "peers",
)  # fmt: skip

__all__ = ["ReportOptions", "WrittenReport", "build_report", "clear_older", "write_report"]


@dataclass(frozen=True)
class WrittenReport:
    """What a report wrote and what its reader must know.

    Parameters
    ----------
    paths : tuple of Path
        The files written.
    is_sound : bool
        Whether the plan keeps every rule and is worth what it says.
    violations : int
        Rules broken.
    missing_glyphs : str
        Characters that the PDF's and the figures' font cannot show.
    warnings : tuple of Text
        Results that were given or asked for and are not shown, with the reason.
    """

    paths: tuple[Path, ...]
    is_sound: bool
    violations: int
    missing_glyphs: str
    warnings: tuple[Text, ...] = ()


def build_report(town: Town, plan: PlanLike, out: Path, options: ReportOptions | None = None) -> list[Path]:
    """Write a plan's report as Word, Excel, PDF and figures, and return the files.

    Parameters
    ----------
    town : Town
        The town that was planned.
    plan : PlanLike
        Its plan: tables and summary.
    out : Path
        Folder to write to.
    options : ReportOptions, optional
        Edition, language, time for comparisons and explanations, folders of results, date.
    """
    return list(write_report(town, plan, out, options).paths)


def clear_older(out: Path) -> None:
    """Remove an older report's files, so that nothing of it stays beside the new one; other files are left alone."""
    for name in (*FILES, FIRM_PAGES):
        (out / name).unlink(missing_ok=True)
    for name in FIGURES:
        for suffix in (".png", ".svg"):
            (out / "figures" / f"{name}{suffix}").unlink(missing_ok=True)


def write_report(town: Town, plan: PlanLike, out: Path, options: ReportOptions | None = None) -> WrittenReport:
    """Write a report and say whether its plan is sound and its characters all printable."""
    from zhenxing.report.blocks import texts, translated
    from zhenxing.report.facts import gather
    from zhenxing.report.figures import draw_figures
    from zhenxing.report.firm_pages import firm_pages
    from zhenxing.report.fonts import missing_glyphs
    from zhenxing.report.pdf import write_pdf
    from zhenxing.report.sections import document
    from zhenxing.report.word import write_word
    from zhenxing.report.workbook import write_workbook

    facts = gather(town, plan, options or ReportOptions())
    out.mkdir(parents=True, exist_ok=True)
    clear_older(out)
    pictures = draw_figures(facts, out / "figures")
    page = translated(document(facts, pictures), facts.names.hide)
    written = [out / name for name in FILES]
    write_word(page, written[0])
    write_workbook(facts, written[1])
    write_pdf(page, written[2])
    booklet = firm_pages(facts)
    if booklet is not None:
        written.append(out / FIRM_PAGES)
        write_word(translated(booklet, facts.names.hide), written[-1])
    drawings = [path for picture in pictures.values() for path in (picture, picture.with_suffix(".svg"))]
    return WrittenReport(
        (*written, *drawings),
        facts.is_sound,
        len(facts.evaluation.violations),
        missing_glyphs(texts(page)),
        (*facts.explained.warnings, *_diagnosis_warnings(facts)),
    )


def _diagnosis_warnings(facts: Facts) -> tuple[Text, ...]:
    from zhenxing.report.diagnosis import trouble

    return () if facts.diagnosis.state in ("shown", "absent") else (trouble(facts.diagnosis),)
