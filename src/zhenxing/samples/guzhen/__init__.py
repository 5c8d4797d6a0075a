"""The bundled example: Guzhen, the lighting town, from cited public facts and labelled synthetic numbers."""

from zhenxing.samples.guzhen.town import guzhen_town

__all__ = ["guzhen_town"]
