"""The declared tables of a town: what columns they have, of what type and unit, and what they are called.

The declarations are data (``tables.csv``, ``columns/*.csv``, ``units.csv``); validation, the Excel templates, the
page of tables and every Chinese or English label come from them.

Examples
--------
>>> from zhenxing import schema
>>> schema.table("sites").key
('site_id',)
>>> schema.label("sites", "area_mu", "en")
'Site area'
"""

from zhenxing.schema.declaration import (
    PLAN_INPUT_TABLES,
    PLAN_RESULT_TABLES,
    Column,
    TableSchema,
    header,
    label,
    table,
    tables,
    unit_label,
)
from zhenxing.schema.validation import conform, empty, row_names

__all__ = [
    "PLAN_INPUT_TABLES",
    "PLAN_RESULT_TABLES",
    "Column",
    "TableSchema",
    "conform",
    "empty",
    "header",
    "label",
    "row_names",
    "table",
    "tables",
    "unit_label",
]
