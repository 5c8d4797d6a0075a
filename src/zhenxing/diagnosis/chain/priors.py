"""What people say of the links before anything is counted: shown beside the figures, never put in their place."""

from __future__ import annotations

from zhenxing.rules.files import records


def load_priors(chain: str) -> dict[str, str]:
    """Return the beliefs about the links of a shipped chain: ``weak`` or ``strong`` by link_id; empty when none ship.

    They come from the project's founding story, not from data. Given to ``ChainSettings.priors`` they add a line of
    evidence that says whether the figures bear them out; no figure, verdict or reward depends on them.

    Examples
    --------
    >>> load_priors("lighting")["SURF"]
    'weak'
    """
    return {row["link_id"]: row["value"] for row in records("chain/priors.csv") if row["chain"] == chain}
