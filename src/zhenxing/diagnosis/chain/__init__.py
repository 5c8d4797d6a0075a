"""The chain: supply, demand, gap, criticality and a verdict for every link, and what filling a gap is worth.

::

    settings   thresholds and assumptions
    inputs     links and input shares, read from the town's tables
    roles      who takes part in which link
    supply     who makes what, and how much of it
    demand     what local output asks of each link, and the gap
    leaders    concentration and the pull of the largest makers
    regions    location quotient and relatedness against reference regions
    extraction loss without a link, exposure, betweenness
    verdicts   from figures to a word
    ranges     gaps and verdicts over the ranges of the input shares
    rewards    chain_rewards for the plan
    evidence   the sentences
    priors     what is believed of the links beforehand
    drawing    where the links stand in a picture
"""

from zhenxing.diagnosis.chain.diagnosis import ChainDiagnosis, diagnose_chain
from zhenxing.diagnosis.chain.drawing import chain_graph
from zhenxing.diagnosis.chain.priors import load_priors
from zhenxing.diagnosis.chain.settings import ChainSettings

__all__ = ["ChainDiagnosis", "ChainSettings", "chain_graph", "diagnose_chain", "load_priors"]
