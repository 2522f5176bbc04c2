"""Writes hmmlearn.json: hidden Markov models of hmmlearn on ten years twice of the S&P 500, from stated start values.

    python -m venv V && V/bin/pip install hmmlearn==0.3.3 && V/bin/python crates/regimes/tests/golden/hmm.py

Features per day: log return in percent, and the logarithm of the range ln(high/low). hmmlearn runs without its priors (`covars_prior=0, min_covar=0`, and the
weights of the other priors at their neutral values); with them it maximises something else. 300 steps, no early end.
"""

import csv
import gzip
import json
import warnings
from pathlib import Path

import hmmlearn
import numpy as np
from hmmlearn.hmm import GaussianHMM

ROOT = Path(__file__).resolve().parents[4]
STEPS = 300


def features():
    with gzip.open(ROOT / "data/sp500_ohlcv_1999_2018.csv.gz", "rt") as file:
        rows = list(csv.DictReader(file))
    close = np.array([float(row["close"]) for row in rows])
    spread = np.log([float(row["high"]) / float(row["low"]) for row in rows])
    return np.column_stack([100 * np.diff(np.log(close)), np.log(spread[1:])])


def start(states, x):
    """States whose variances are spread evenly around that of all rows."""
    return {
        "start": [1 / states] * states,
        "transition": [[0.95 if i == j else 0.05 / (states - 1) for j in range(states)] for i in range(states)],
        "means": [[0.0, float(x[:, 1].mean() + x[:, 1].std() * (2 * k / (states - 1) - 1))] for k in range(states)],
        "variances": [[float(v * (0.3 + 1.7 * k / (states - 1))) for v in x.var(axis=0)] for k in range(states)],
    }


def fit(x, states, steps=STEPS):
    begin = start(states, x)
    model = GaussianHMM(states, "diag", min_covar=0, startprob_prior=1, transmat_prior=1, means_prior=0, means_weight=0,
                        covars_prior=0, covars_weight=0, n_iter=steps, tol=-np.inf, init_params="", implementation="scaling")
    model.startprob_ = np.array(begin["start"])
    model.transmat_ = np.array(begin["transition"])
    model.means_ = np.array(begin["means"])
    model.covars_ = np.array(begin["variances"])
    model.fit(x)
    return begin, model


def main():
    warnings.simplefilter("ignore")
    x = features()
    cases = []
    for states in (2, 3, 4):
        begin, model = fit(x, states)
        order = np.argsort([model.covars_[k][0, 0] for k in range(states)])
        variances = np.array([np.diag(model.covars_[k]) for k in range(states)])
        cases.append({
            "states": states,
            "start": begin,
            "log_likelihood": float(model.score(x)),
            "transition": model.transmat_[np.ix_(order, order)].tolist(),
            "means": model.means_[order].tolist(),
            "variances": variances[order].tolist(),
            "smoothed_last": model.predict_proba(x)[-1][order].tolist(),
        })
        print(states, cases[-1]["log_likelihood"], np.diag(model.transmat_))
    document = {"libraries": {"hmmlearn": hmmlearn.__version__, "numpy": np.__version__}, "rows": len(x), "steps": STEPS, "cases": cases}
    (Path(__file__).parent / "hmmlearn.json").write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
