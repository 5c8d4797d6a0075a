"""Distance-based measures of concentration: Duranton–Overman Kd, Marcon–Puech M, and their random bands."""

from __future__ import annotations

from zhenxing.diagnosis.distances.density import kd
from zhenxing.diagnosis.distances.envelopes import kd_envelope, m_envelope
from zhenxing.diagnosis.distances.relative import m_function

__all__ = ["kd", "kd_envelope", "m_envelope", "m_function"]
