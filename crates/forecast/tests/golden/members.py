"""Reference values of the forecast members, computed with pandas, scipy and statsmodels from the prices in data/.

Run from the repository root, with numpy 2.4.6, pandas 3.1.1, scipy and statsmodels 0.15.0:
    python crates/forecast/tests/golden/members.py | gzip -9n > crates/forecast/tests/golden/members.json.gz
"""

import json
import sys

import numpy as np
import pandas as pd
import scipy
import statsmodels
from scipy import stats
from statsmodels.stats.meta_analysis import combine_effects
from statsmodels.tsa.stattools import acf

HORIZON, DECAY, PRIOR = 21, 0.94, 0.5


def reversal(mean, rho, last):
    """Average of the next HORIZON forecasts of an AR(1), one recursion step at a time."""
    total, deviation = 0.0, last - mean
    for _ in range(HORIZON):
        deviation = rho * deviation
        total = total + mean + deviation
    return total / HORIZON


def members(r):
    n, last = len(r), r[-1]
    window = r[-252:]
    out = {"momentum": (window.mean(), stats.sem(window))}
    out["ewma"] = (
        pd.Series(r).ewm(alpha=1 - DECAY, adjust=True).mean().iloc[-1],
        r.std(ddof=1) * np.sqrt(np.sum((DECAY ** np.arange(n) / np.sum(DECAY ** np.arange(n))) ** 2)),
    )
    rho = acf(r, nlags=1, adjusted=False, fft=False)[1]
    if rho < 0 and n >= 20:
        # Gradient by complex steps, exact to the last bits.
        h = 1e-30
        d_mean = reversal(r.mean() + 1j * h, rho, last).imag / h
        d_rho = reversal(r.mean(), rho + 1j * h, last).imag / h
        variance = d_mean**2 * r.var(ddof=1) / n + d_rho**2 * (1 - rho**2) / n
        out["mean_reversion"] = (reversal(r.mean(), rho, last), np.sqrt(variance))
    else:
        out["mean_reversion"] = (r.mean(), None)
    return out


def ensemble(r, parts):
    tau2 = PRIOR**2 * r.var(ddof=1) / 252
    opinions = [(m, s) for m, s in parts.values() if s is not None]
    q = np.array([tau2 / (tau2 + s**2) for _, s in opinions])
    m, s = (np.average(column, weights=q) for column in zip(*opinions))
    return {"expected_return": m, "standard_error": s, "confidence": tau2 / (tau2 + s**2)}


cases = []
panels = []
for file in ["stocks_2010_2019.csv", "mixed_1999_2005.csv"]:
    prices = pd.read_csv(f"data/{file}", index_col=0)
    returns = prices.pct_change().iloc[1:, :-1]
    for start, length in [(0, len(returns)), (len(returns) - 250, 250), (0, 60), (100, 20), (500, 5)]:
        pooled = []
        for asset in returns.columns:
            r = returns[asset].to_numpy()[start : start + length]
            parts = members(r)
            whole = ensemble(r, parts)
            pooled.append(whole)
            cases.append(
                {
                    "file": file,
                    "asset": asset,
                    "start": start,
                    "length": length,
                    **{name: {"expected_return": m, "standard_error": s} for name, (m, s) in parts.items()},
                    "ensemble": whole,
                }
            )
        if length >= 20:
            test = combine_effects(
                np.array([p["expected_return"] for p in pooled]), np.array([p["standard_error"] for p in pooled]) ** 2
            )
            panels.append({"file": file, "start": start, "length": length, "heterogeneity": test.q,
                           "critical_value": stats.chi2.ppf(0.95, len(pooled) - 1)})

libraries = {m.__name__: m.__version__ for m in (np, pd, scipy, statsmodels)}
json.dump({"libraries": libraries, "cases": cases, "panels": panels}, sys.stdout, indent=1)
print()
