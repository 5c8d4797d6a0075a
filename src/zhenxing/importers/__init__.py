"""Read what departments send — Excel, text, Parquet, GIS — into the tables of a town; nothing is lost in silence.

Examples
--------
>>> from zhenxing.importers import import_files
>>> import tempfile, pathlib
>>> with tempfile.TemporaryDirectory() as place:
...     file = pathlib.Path(place, "年度资金.csv")
...     _ = file.write_text("年份,财政自有资金（亿元）\\n2026,1.2\\n", encoding="gb18030")
...     import_files(file).town["budget"]["own_funds_wan"].tolist()
[12000.0]
"""

from zhenxing.importers.importing import ImportOptions, ImportResult, import_files
from zhenxing.importers.workbook import write_issues

__all__ = ["ImportOptions", "ImportResult", "import_files", "write_issues"]
