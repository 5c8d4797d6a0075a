"""The bundled example: Guzhen, the lighting town, from cited public facts and labelled synthetic numbers."""

from zhenxing.samples.guzhen.departments import write_department_files
from zhenxing.samples.guzhen.town import guzhen_town

__all__ = ["guzhen_town", "write_department_files"]
