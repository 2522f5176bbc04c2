#!/usr/bin/env python3
"""Writes transplant.json.gz: random weights of a small Temporal Fusion Transformer, inputs, and all that the network computes of them.

    python3 crates/tft/tests/tft/transplant.py    # numpy 2

The network is written here from Lim et al. (2021), one window and one step at a time, and shares no code with the crate: the two agree on names and
layouts only. Weights of a dense layer are `inputs x outputs`; gates of the LSTM stand in the order input, forget, candidate, output; a gate's dense
layer gives values, then gates. Rows of an intermediate are the windows of one step after those of the step before.
"""

import gzip
import json
import pathlib

import numpy as np

WIDTH, HEADS, LOOKBACK, HORIZON = 4, 2, 5, 3
LEVELS = [0.1, 0.5, 0.8, 0.95]
STATICS = [{"category": {"name": "asset", "values": 3}}, {"number": {"name": "size"}}]
OBSERVED, KNOWN = ["return", "volume"], ["day", "event"]
KNOWN_CATEGORIES = {"day": 5}
ROWS, SERIES = 9, 2
WINDOWS = [(0, 4), (1, 8)]  # series and origin; the second has no outcomes

random = np.random.default_rng(24)
names, values = [], []
weights = {}


def tensor(name, *shape):
    drawn = np.round(random.normal(size=shape) * 0.7, 3)
    names.append(name)
    values.append({"rows": shape[0], "cols": shape[1], "data": drawn.ravel().tolist()})
    weights[name] = drawn
    return drawn


def dense_tensors(name, inputs, outputs, bias=True):
    tensor(f"{name}.weights", inputs, outputs)
    if bias:
        tensor(f"{name}.bias", 1, outputs)


def gate_tensors(name, inputs, outputs):
    dense_tensors(f"{name}.gate", inputs, 2 * outputs)
    tensor(f"{name}.norm.gain", 1, outputs)
    tensor(f"{name}.norm.offset", 1, outputs)


def grn_tensors(name, inputs=WIDTH, outputs=WIDTH, context=False):
    dense_tensors(f"{name}.first", inputs, WIDTH)
    if context:
        dense_tensors(f"{name}.context", WIDTH, WIDTH, bias=False)
    dense_tensors(f"{name}.second", WIDTH, WIDTH)
    if inputs != outputs:
        dense_tensors(f"{name}.skip", inputs, outputs)
    gate_tensors(name, WIDTH, outputs)


def selection_tensors(name, variables, context):
    grn_tensors(f"{name}.weights", len(variables) * WIDTH, len(variables), context)
    for variable in variables:
        grn_tensors(f"{name}.of.{variable}")


def all_tensors():
    tensor("embedding.asset.table", 3, WIDTH)
    for name in ["size", *OBSERVED, *KNOWN]:
        if name in KNOWN_CATEGORIES:
            tensor(f"embedding.{name}.table", KNOWN_CATEGORIES[name], WIDTH)
        else:
            dense_tensors(f"embedding.{name}", 1, WIDTH)
    selection_tensors("static_selection", ["asset", "size"], False)
    for name in ["selection", "enrichment", "hidden", "cell"]:
        grn_tensors(f"context.{name}")
    selection_tensors("past_selection", OBSERVED + KNOWN, True)
    selection_tensors("future_selection", KNOWN, True)
    for name in ["encoder", "decoder"]:
        tensor(f"{name}.from_input", WIDTH, 4 * WIDTH)
        tensor(f"{name}.from_hidden", WIDTH, 4 * WIDTH)
        tensor(f"{name}.bias", 1, 4 * WIDTH)
    gate_tensors("after_lstm", WIDTH, WIDTH)
    grn_tensors("enrichment", context=True)
    dense_tensors("attention.queries", WIDTH, WIDTH, bias=False)
    dense_tensors("attention.keys", WIDTH, WIDTH, bias=False)
    dense_tensors("attention.values", WIDTH, WIDTH // HEADS, bias=False)
    dense_tensors("attention.out", WIDTH // HEADS, WIDTH, bias=False)
    gate_tensors("after_attention", WIDTH, WIDTH)
    grn_tensors("position_wise")
    gate_tensors("last", WIDTH, WIDTH)
    dense_tensors("quantiles", WIDTH, len(LEVELS))


def dense(name, x):
    out = x @ weights[f"{name}.weights"]
    bias = weights.get(f"{name}.bias")
    return out if bias is None else out + bias[0]


def embed(name, value):
    return weights[f"embedding.{name}.table"][int(value)] if name in KNOWN_CATEGORIES else dense(f"embedding.{name}", np.array([value]))


def logistic(x):
    return 0.5 * (1 + np.tanh(x / 2))


def softmax(x):
    e = np.exp(x - np.max(x))
    return e / e.sum()


def gate_add_norm(name, x, skip):
    both = dense(f"{name}.gate", x)
    half = len(both) // 2
    total = skip + both[:half] * logistic(both[half:])
    spread = np.sqrt(np.var(total) + 1e-5)
    return (total - np.mean(total)) / spread * weights[f"{name}.norm.gain"][0] + weights[f"{name}.norm.offset"][0]


def grn(name, a, context=None):
    inner = dense(f"{name}.first", a)
    if context is not None:
        inner = inner + dense(f"{name}.context", context)
    inner = dense(f"{name}.second", np.where(inner > 0, inner, np.expm1(inner)))
    skip = dense(f"{name}.skip", a) if f"{name}.skip.weights" in weights else a
    return gate_add_norm(name, inner, skip)


def select(name, variables, embedded, context=None):
    scores = softmax(grn(f"{name}.weights", np.concatenate(embedded), context))
    processed = [grn(f"{name}.of.{variable}", vector) for variable, vector in zip(variables, embedded)]
    return sum(w * vector for w, vector in zip(scores, processed)), scores


def cell(name, x, h, c):
    z = x @ weights[f"{name}.from_input"] + h @ weights[f"{name}.from_hidden"] + weights[f"{name}.bias"][0]
    i, f, g, o = np.split(z, 4)
    c = logistic(f) * c + logistic(i) * np.tanh(g)
    return logistic(o) * np.tanh(c), c


def forward(series, origin):
    out = {}
    statics = [weights["embedding.asset.table"][series["categories"][0]], dense("embedding.size", np.array(series["numbers"]))]
    vector, out["static_weights"] = select("static_selection", ["asset", "size"], statics)
    out["static_vector"] = vector
    contexts = {name: grn(f"context.{name}", vector) for name in ["selection", "enrichment", "hidden", "cell"]}
    out.update({f"context_{name}": context for name, context in contexts.items()})

    def embedded(kind, row):
        inputs = OBSERVED if kind == "observed" else KNOWN
        return [embed(name, series[kind][row][j]) for j, name in enumerate(inputs)]

    def collect(name, rows):
        out[name] = np.array(rows)

    times = range(origin - LOOKBACK + 1, origin + 1)
    ahead = range(origin + 1, origin + 1 + HORIZON)
    selecting = contexts["selection"]
    past = [select("past_selection", OBSERVED + KNOWN, embedded("observed", t) + embedded("known", t), selecting) for t in times]
    future = [select("future_selection", KNOWN, embedded("known", t), selecting) for t in ahead]
    collect("past", [x for x, _ in past]), collect("past_weights", [w for _, w in past])
    collect("future", [x for x, _ in future]), collect("future_weights", [w for _, w in future])

    h, c = contexts["hidden"], contexts["cell"]
    states = {"encoder": [], "decoder": []}
    for name, inputs in [("encoder", past), ("decoder", future)]:
        for x, _ in inputs:
            h, c = cell(name, x, h, c)
            states[name].append((h, c))
        collect(name, [np.concatenate(state) for state in states[name]])
    inputs = [x for x, _ in past + future]
    hidden = [h for h, _ in states["encoder"] + states["decoder"]]
    temporal = [gate_add_norm("after_lstm", h, x) for h, x in zip(hidden, inputs)]
    enriched = [grn("enrichment", x, contexts["enrichment"]) for x in temporal]
    collect("temporal", temporal), collect("enriched", enriched)

    found = {name: [] for name in ["attention", "attended", "position_wise", "last", "quantiles"]}
    size = WIDTH // HEADS
    for t in range(LOOKBACK, LOOKBACK + HORIZON):
        mixed, mean = np.zeros(size), np.zeros(LOOKBACK + HORIZON)
        for head in range(HEADS):
            part = slice(head * size, (head + 1) * size)
            query = dense("attention.queries", enriched[t])[part]
            scores = np.full(LOOKBACK + HORIZON, -np.inf)
            for s in range(t + 1):
                scores[s] = query @ dense("attention.keys", enriched[s])[part] / np.sqrt(size)
            mean = mean + softmax(scores) / HEADS
            mixed = mixed + sum(w * dense("attention.values", x) for w, x in zip(softmax(scores), enriched)) / HEADS
        attended = gate_add_norm("after_attention", dense("attention.out", mixed), enriched[t])
        position_wise = grn("position_wise", attended)
        last = gate_add_norm("last", position_wise, temporal[t])
        raw = dense("quantiles", last)
        middle = len(LEVELS) // 2
        quantiles = raw.copy()
        for j in range(middle + 1, len(raw)):
            quantiles[j] = quantiles[j - 1] + np.log1p(np.exp(raw[j]))
        for j in range(middle - 1, -1, -1):
            quantiles[j] = quantiles[j + 1] - np.log1p(np.exp(raw[j]))
        for name, value in zip(found, [mean, attended, position_wise, last, quantiles]):
            found[name].append(value)
    for name, rows in found.items():
        collect(name, rows)
    return {name: np.atleast_2d(rows) for name, rows in out.items()}


def drawn(rows, cols):
    return np.round(random.normal(size=(rows, cols)), 3)


def main():
    all_tensors()
    series = [
        {
            "categories": [2 * s],
            "numbers": np.round(random.normal(size=1), 3).tolist(),
            "observed": drawn(ROWS, 2).tolist(),
            "known": [[int(random.integers(KNOWN_CATEGORIES["day"])), x] for [x] in drawn(ROWS + HORIZON, 1).tolist()],
        }
        for s in range(SERIES)
    ]
    each = [forward(series[s], origin) for s, origin in WINDOWS]
    # All windows of a step, then those of the next.
    together = {name: np.stack([one[name] for one in each], axis=1).reshape(-1, each[0][name].shape[1]) for name in each[0]}
    golden = {
        "spec": {
            "statics": STATICS,
            "observed": OBSERVED,
            "known": KNOWN,
            "known_categories": [{"name": name, "values": values} for name, values in KNOWN_CATEGORIES.items()],
            "lookback": LOOKBACK,
            "horizon": HORIZON,
            "width": WIDTH,
            "heads": HEADS,
            "quantiles": LEVELS,
            "dropout": 0.3,
        },
        "parameters": {"names": names, "values": values},
        "series": series,
        "windows": WINDOWS,
        "intermediates": {name: np.round(rows, 9).tolist() for name, rows in together.items()},
    }
    text = json.dumps(golden, separators=(",", ":")).encode()
    path = pathlib.Path(__file__).with_name("transplant.json.gz")
    path.write_bytes(gzip.compress(text, 9, mtime=0))


if __name__ == "__main__":
    main()
