"""Logistic regression with a ridge penalty, fitted by iteratively reweighted least squares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from zhenxing.diagnosis.watch.panel import Floats

MOST_STEPS = 60
TOLERANCE = 1e-10
LEAST_SCALE = 0.05
MOST_SPREADS = 8.0


@dataclass(frozen=True)
class Logistic:
    """A fitted logistic: ``expit(intercept + standardised x · slopes)``."""

    intercept: float
    slopes: Floats
    centre: Floats
    scale: Floats

    def score(self, x: Floats) -> Floats:
        """Return the log odds of rows."""
        z = np.clip((x - self.centre) / self.scale, -MOST_SPREADS, MOST_SPREADS)
        return np.asarray(self.intercept + z @ self.slopes, dtype=float)

    def predict(self, x: Floats) -> Floats:
        """Return the probabilities of rows."""
        return np.asarray(expit(self.score(x)), dtype=float)


def fit_logistic(x: Floats, y: Floats, ridge: float, rising: tuple[int, ...] = ()) -> Logistic:
    r"""Fit a logistic with a ridge penalty on standardised columns.

    Maximises :math:`\sum_i y_i\eta_i - \log(1+e^{\eta_i}) - \tfrac{\lambda}{2}\sum_j \beta_j^2` with
    :math:`\eta = \alpha + Z\beta`, Z the columns with mean 0 and standard deviation 1; the intercept is not penalised.

    Parameters
    ----------
    x : array of shape (rows, columns)
        No missing values.
    y : array of 0 and 1
    ridge : float
        The penalty lambda >= 0. A little keeps separated data finite.
    rising : tuple of int
        Columns whose slope may not be negative; a slope that comes out negative is set to 0 and the rest fitted again.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[-1.0], [-1.0], [1.0], [1.0]])
    >>> float(fit_logistic(x, np.array([0, 1.0, 1, 1]), 1e-6).predict(x)[0].round(3))
    0.5
    """
    centre = x.mean(axis=0)
    scale = x.std(axis=0)
    # a column that hardly varied in training must not speak loudly when it varies later
    scale = np.maximum(scale, LEAST_SCALE)
    z = np.clip((x - centre) / scale, -MOST_SPREADS, MOST_SPREADS)
    free = np.ones(z.shape[1], dtype=bool)
    while True:
        intercept, slopes = _newton(z, y, ridge, free)
        fallen = [column for column in rising if free[column] and slopes[column] < 0]
        if not fallen:
            return Logistic(intercept, slopes, centre, scale)
        free[fallen] = False


def _newton(z: Floats, y: Floats, ridge: float, free: np.ndarray) -> tuple[float, Floats]:
    design = np.column_stack([np.ones(len(z)), z[:, free]])
    penalty = np.full(design.shape[1], max(ridge, 1e-8))
    penalty[0] = 0.0
    share = (y.sum() + 0.5) / (len(y) + 1.0)
    beta = np.zeros(design.shape[1])
    beta[0] = np.log(share / (1 - share))
    value = _objective(design, y, penalty, beta)
    for _ in range(MOST_STEPS):
        p = expit(design @ beta)
        gradient = design.T @ (y - p) - penalty * beta
        weight = np.maximum(p * (1 - p), 1e-9)
        hessian = (design * weight[:, None]).T @ design + np.diag(penalty)
        hessian[0, 0] += 1e-9
        step = np.linalg.solve(hessian, gradient)
        length = 1.0
        while length > 1e-6:
            tried = _objective(design, y, penalty, beta + length * step)
            if tried >= value - 1e-12:
                break
            length /= 2
        beta, gained, value = beta + length * step, tried - value, tried
        if abs(gained) <= TOLERANCE * max(1.0, abs(value)):
            break
    slopes = np.zeros(z.shape[1])
    slopes[free] = beta[1:]
    return float(beta[0]), slopes


def _objective(design: Floats, y: Floats, penalty: Floats, beta: Floats) -> float:
    eta = design @ beta
    return float((y * eta - np.logaddexp(0.0, eta)).sum() - 0.5 * (penalty * beta**2).sum())
