"""Writes missing.json.gz: LightGBM 4.7.0 models with missing numbers, and what LightGBM says of rows that have some.

    pip install lightgbm==4.7.0 && python make_missing.py
"""

import gzip
import json
from pathlib import Path

import lightgbm as lgb
import numpy as np


def data(seed, rows):
    noise = np.random.default_rng(seed)
    x = noise.standard_normal((rows, 4)).round(3)
    x[noise.random((rows, 4)) < 0.15] = np.nan
    x[noise.random((rows, 4)) < 0.15] = 0.0
    known = np.nan_to_num(x, nan=0.7)
    return x, known[:, 0] * 2 + np.abs(known[:, 1]) - known[:, 2] * known[:, 3] + 0.1 * noise.standard_normal(rows)


def case(name, options, label=lambda y: y):
    x, y = data(1, 800)
    settings = {"num_leaves": 6, "learning_rate": 0.3, "min_data_in_leaf": 20, "seed": 3, "num_threads": 1, "verbosity": -1,
                "deterministic": True, **options}
    model = lgb.train(settings, lgb.Dataset(x, label(y)), 6)
    rows = data(2, 20)[0]
    rows[0], rows[1], rows[2], rows[3] = np.nan, 0.0, 1e-36, -1e-34
    text = model.model_to_string()
    return {
        "name": name,
        "model_text": text[: text.index("feature_importances:")],
        "rows": [[None if np.isnan(v) else v for v in row] for row in rows],
        "raw": model.predict(rows, raw_score=True).tolist(),
        "prediction": model.predict(rows).tolist(),
        "contributions": model.predict(rows, pred_contrib=True).tolist(),
    }


cases = [
    case("missing", {"objective": "regression"}),
    case("zero_as_missing", {"objective": "regression", "zero_as_missing": True}),
    case("never_missing", {"objective": "regression", "use_missing": False}),
    case("binary", {"objective": "binary", "sigmoid": 1.5}, lambda y: y > 1),
    case("poisson", {"objective": "poisson"}, lambda y: np.abs(y)),
    case("sqrt", {"objective": "regression", "reg_sqrt": True}),
    case("cross_entropy_lambda", {"objective": "cross_entropy_lambda"}, lambda y: 1 / (1 + np.exp(-y))),
]
target = Path(__file__).with_name("missing.json.gz")
target.write_bytes(gzip.compress(json.dumps({"lightgbm": lgb.__version__, "cases": cases}).encode(), 9, mtime=0))
