"""Blocks of variables and rows by name and index, compiled to one sparse matrix for HiGHS.

``model`` builds, ``highs`` solves; both know nothing of towns.
"""

from zhenxing.milp.model import Block, Compiled, Model

__all__ = ["Block", "Compiled", "Model"]
