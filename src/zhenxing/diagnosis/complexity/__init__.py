"""Economic complexity and relatedness of regions and industries.

Every function takes a long table with named columns and returns a table; warnings stand in ``issues_of(result)``.
"""

from zhenxing.diagnosis.complexity.indices import eci, pci
from zhenxing.diagnosis.complexity.outlook import cog, coi, complexity
from zhenxing.diagnosis.complexity.relatedness import proximity, relatedness_density
from zhenxing.diagnosis.concentration.cells import issues_of

__all__ = ["cog", "coi", "complexity", "eci", "issues_of", "pci", "proximity", "relatedness_density"]
