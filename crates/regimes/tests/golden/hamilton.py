"""Writes hamilton.json: Hamilton's series and what statsmodels' own tests expect of it, and a fit by statsmodels.

    python -m venv V && V/bin/pip install statsmodels==0.15.0 pytest && V/bin/python crates/regimes/tests/golden/hamilton.py

The series (135 quarterly growth rates of GNP, in percent) and the filtered and smoothed probabilities ship in the tests of
statsmodels under the 3-clause BSD licence; the probabilities were computed there with EViews.
"""

import json
import warnings
from pathlib import Path

import statsmodels
import statsmodels.api as sm
from statsmodels.tsa.regime_switching.tests import test_markov_autoregression as shipped

warnings.simplefilter("ignore")
model = sm.tsa.MarkovAutoregression(shipped.rgnp, k_regimes=2, order=4, switching_ar=False)
known = shipped.TestHamiltonAR4
known.setup_class()
true = known.true
fit = model.fit(start_params=true["params"], gtol=1e-10, maxiter=500)
names = ["stay_low", "high_to_low", "mean_low", "mean_high", "variance", "ar1", "ar2", "ar3", "ar4"]
document = {
    "libraries": {"statsmodels": statsmodels.__version__},
    "series": list(map(float, shipped.rgnp)),
    "published": {"parameters": dict(zip(names, map(float, true["params"]))), "log_likelihood": true["llf"]},
    "fitted": {"parameters": dict(zip(names, map(float, fit.params))), "log_likelihood": float(fit.llf)},
    # Of the regime with the higher mean; the first row is the fifth quarter.
    "filtered_high": list(map(float, shipped.hamilton_ar4_filtered)),
    "smoothed_high": list(map(float, shipped.hamilton_ar4_smoothed)),
}
(Path(__file__).parent / "hamilton.json").write_text(json.dumps(document) + "\n")
print(document["fitted"])
