"""Times this repository's risk report and covariance against Python libraries, in one run on one machine.

    make bench-peers

Every time is the best of many single calls, in processor time of the thread (wall time where numpy uses several
threads), so that a busy machine does not blur it; the program alternates with the libraries, so that a busy moment of the
machine does not fall on one side only. Figures that two sides both give are compared before anything is timed, and the
script fails when they differ.
"""

import json
import math
import os
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

# One thread for the linear algebra of the libraries; the covariance part starts a second process with the default.
THREADS = os.environ.get("PEERS_BLAS_THREADS", "1")
if THREADS != "default":
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = THREADS

import numpy as np

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PERIODS = 252
PATIENCE = 0.7


def best(call):
    """Best time of one call in seconds."""
    clock = time.perf_counter if THREADS == "default" else time.thread_time
    begin, shortest, calls = time.perf_counter(), math.inf, 0
    while calls < 5 or time.perf_counter() - begin < PATIENCE:
        start = clock()
        call()
        shortest = min(shortest, clock() - start)
        calls += 1
    return shortest


def program(*arguments):
    """Runs our side."""
    out = subprocess.run([os.environ["PEERS_PROGRAM"], *map(str, arguments)], check=True, capture_output=True, text=True)
    return json.loads(out.stdout)


# --- covariance ----------------------------------------------------------------------------------------------------


def panel(n, periods):
    return np.random.default_rng(1).standard_normal((n, periods)) * 0.01


def numpy_covariance(n, periods):
    data = panel(n, periods)
    return best(lambda: np.cov(data))


def covariance_table():
    peak = max(float(subprocess.run([os.environ["PEERS_PEAK"]], check=True, capture_output=True, text=True).stdout) for _ in range(2))
    print(f"\nSample covariance. One core does {peak:.1f} GFLOP/s of fused multiply-adds (`fma_peak.rs`).")
    print("Work counted: the n(n+1)/2 sums of T products that a symmetric matrix needs, two operations each.\n")
    print("| n | T | ours, 1 thread | of the peak | numpy, 1 thread | ratio | numpy, all threads, wall |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for n, periods in ((20, 2516), (100, 2520), (500, 2520), (1000, 2520)):
        data = panel(n, periods)
        with tempfile.TemporaryDirectory() as folder:
            source, result = Path(folder, "panel"), Path(folder, "covariance")
            data.astype("<f8").tofile(source)
            ours, alone, every = math.inf, math.inf, math.inf
            for _ in range(3):
                ours = min(ours, program("covariance", source, n, periods, result)["ns"] / 1e9)
                alone = min(alone, numpy_covariance(n, periods))
                every = min(every, all_threads(n, periods))
            found = np.fromfile(result, "<f8").reshape(n, n)
        reference = np.cov(data)
        off = np.abs(found - reference).max() / np.abs(reference).max()
        assert off < 1e-12, f"covariances differ by {off}"
        share = n * (n + 1) * periods / ours / 1e9 / peak
        print(f"| {n} | {periods} | {ours * 1e3:.3f} ms | {share:.0%} | {alone * 1e3:.3f} ms | {alone / ours:.1f}"
              f" | {every * 1e3:.3f} ms |", flush=True)
    if os.getloadavg()[0] > os.cpu_count():
        print(f"\nThe machine had {os.getloadavg()[0]:.0f} jobs for {os.cpu_count()} cores: the last column waited for cores.")


def all_threads(n, periods):
    environment = {k: v for k, v in os.environ.items() if not k.endswith("_NUM_THREADS")} | {"PEERS_BLAS_THREADS": "default"}
    command = [sys.executable, __file__, "numpy", str(n), str(periods)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout)


# --- reports -------------------------------------------------------------------------------------------------------


def read():
    import pandas as pd

    prices = pd.read_csv(ROOT / "data" / "stocks_2010_2019.csv", index_col=0, parse_dates=True)
    returns = prices.pct_change().iloc[1:]
    return returns.iloc[:, :-1], returns.iloc[:, -1]


def calls(series, market):
    """What each library can compute of the report: our name → {library: call}. Only definitions that agree."""
    import empyrical as ep
    import quantstats.stats as qs
    import riskfolio.src.RiskFunctions as rf
    import skfolio.measures as sk

    # empyrical, skfolio and riskfolio are faster on arrays; quantstats needs a series with dates.
    r, b = series.to_numpy(), market.to_numpy()
    down = sk.get_drawdowns(r, compounded=True)
    root = math.sqrt(PERIODS)
    return {
        "mean_daily": {"skfolio": lambda: sk.mean(r)},
        "cagr": {"empyrical": lambda: ep.annual_return(r), "quantstats": lambda: qs.cagr(series)},
        "cum_return": {"empyrical": lambda: ep.cum_returns_final(r), "quantstats": lambda: qs.comp(series)},
        "ann_vol": {
            "empyrical": lambda: ep.annual_volatility(r),
            "quantstats": lambda: qs.volatility(series),
            "skfolio": lambda: sk.standard_deviation(r) * root,
        },
        "sharpe": {"empyrical": lambda: ep.sharpe_ratio(r), "quantstats": lambda: qs.sharpe(series)},
        "downside_dev": {"empyrical": lambda: ep.downside_risk(r)},
        "sortino": {"empyrical": lambda: ep.sortino_ratio(r), "quantstats": lambda: qs.sortino(series)},
        "(drawdown series)": {"skfolio": lambda: sk.get_drawdowns(r, compounded=True)},
        "max_drawdown": {
            "empyrical": lambda: -ep.max_drawdown(r),
            "quantstats": lambda: -qs.max_drawdown(series),
            "skfolio": lambda: sk.max_drawdown(down),
            "riskfolio": lambda: rf.MDD_Rel(r),
        },
        "calmar": {"empyrical": lambda: ep.calmar_ratio(r), "quantstats": lambda: qs.calmar(series)},
        "omega_0": {"empyrical": lambda: ep.omega_ratio(r), "quantstats": lambda: qs.omega(series)},
        "avg_drawdown": {"skfolio": lambda: sk.average_drawdown(down), "riskfolio": lambda: rf.ADD_Rel(r)},
        "ulcer_index": {"skfolio": lambda: sk.ulcer_index(down), "riskfolio": lambda: rf.UCI_Rel(r)},
        "cdar95": {"skfolio": lambda: sk.cdar(down), "riskfolio": lambda: rf.CDaR_Rel(r)},
        "var95_linear": {"empyrical": lambda: -ep.value_at_risk(r)},
        "var95_inverted_cdf": {"riskfolio": lambda: rf.VaR_Hist(r)},
        "var99_inverted_cdf": {"riskfolio": lambda: rf.VaR_Hist(r, 0.01)},
        "cvar95_ru": {"skfolio": lambda: sk.cvar(r), "riskfolio": lambda: rf.CVaR_Hist(r)},
        "cvar99_ru": {"skfolio": lambda: sk.cvar(r, 0.99), "riskfolio": lambda: rf.CVaR_Hist(r, 0.01)},
        "var95_normal": {"quantstats": lambda: -qs.value_at_risk(series)},
        "cvar95_normal": {"quantstats": lambda: -qs.cvar(series)},
        "evar95": {"skfolio": lambda: sk.evar(r), "riskfolio": lambda: rf.EVaR_Hist(r)[0]},
        "skew_biased": {"skfolio": lambda: sk.skew(r)},
        "exkurt_biased": {"skfolio": lambda: sk.kurtosis(r) - 3.0},
        "skew_unbiased": {"quantstats": lambda: qs.skew(series)},
        "exkurt_unbiased": {"quantstats": lambda: qs.kurtosis(series)},
        "worst_day": {"quantstats": lambda: qs.worst(series), "skfolio": lambda: -sk.worst_realization(r)},
        "best_day": {"quantstats": lambda: qs.best(series)},
        "information_ratio": {"quantstats": lambda: qs.information_ratio(series, market) * root},
        "beta": {"empyrical": lambda: ep.beta(r, b), "quantstats": lambda: qs.greeks(series, market)["beta"]},
        "up_capture_geo": {"empyrical": lambda: ep.up_capture(series, market)},
        "down_capture_geo": {"empyrical": lambda: ep.down_capture(series, market)},
    }


LIBRARIES = ("empyrical", "quantstats", "skfolio", "riskfolio")


def agree(name, library, found, ours):
    # EVaR is minimised, by riskfolio with a conic solver; the rest is arithmetic.
    tolerance = 1e-6 if name == "evar95" else 1e-10
    found = float(np.ravel(found)[0])
    assert abs(found - ours) <= tolerance * abs(ours), f"{name}: {library} says {found}, we say {ours}"


def time_series(title, series, market, metrics, ours_ns, extra):
    """One table; `extra` is what a portfolio needs besides: name → {library: call}. Returns the peers' best sum."""
    table = calls(series, market)
    for name, by_library in table.items():
        for library, call in by_library.items():
            if name in metrics:
                agree(name, library, call(), metrics[name])
    table |= extra
    fastest, own, count = 0.0, dict.fromkeys(LIBRARIES, 0.0), dict.fromkeys(LIBRARIES, 0)
    for name, by_library in table.items():
        times = {library: best_short(call) for library, call in by_library.items()}
        fastest += min(times.values())
        for library, seconds in times.items():
            own[library] += seconds
            count[library] += not name.startswith("(")
    ours = ours_ns / 1e9
    print(f"\n{title}\n")
    print("| who | figures | time | ratio to ours |")
    print("| --- | ---: | ---: | ---: |")
    print(f"| ours, the whole report | {len(metrics) + 9 * bool(extra)} | {ours * 1e6:.0f} µs | 1 |")
    total = sum(not name.startswith("(") for name in table)
    print(f"| fastest combination of the four | {total} | {fastest * 1e6:.0f} µs | {fastest / ours:.0f} |")
    for library in LIBRARIES:
        print(f"| {library}, what it has of them | {count[library]} | {own[library] * 1e6:.0f} µs | {own[library] / ours:.0f} |")
    sys.stdout.flush()


def best_short(call):
    global PATIENCE
    kept, PATIENCE = PATIENCE, 0.25
    try:
        return best(call)
    finally:
        PATIENCE = kept


def reports():
    import pandas as pd
    import riskfolio.src.RiskFunctions as rf

    first, second = program("report"), None
    stocks, market = read()
    weights = np.full(stocks.shape[1], 1 / stocks.shape[1])
    portfolio = pd.Series(stocks.to_numpy() @ weights, index=stocks.index)
    matrix, column = stocks.to_numpy(), weights.reshape(-1, 1)
    covariance = np.cov(matrix.T)
    split = {
        "(portfolio returns)": {"skfolio": lambda: matrix @ weights},
        "(covariance)": {"riskfolio": lambda: np.cov(matrix.T)},
        "component_vol_ann": {
            "riskfolio": lambda: rf.Risk_Contribution(column, stocks, covariance, rm="MV"),
            "skfolio": skfolio_contribution(stocks, weights, "STANDARD_DEVIATION"),
        },
        "component_cvar95": {
            "riskfolio": lambda: rf.Risk_Contribution(column, stocks, covariance, rm="CVaR"),
            "skfolio": skfolio_contribution(stocks, weights, "CVAR"),
        },
    }
    # riskfolio takes finite differences.
    for name, scale in (("component_vol_ann", math.sqrt(PERIODS)), ("component_cvar95", 1.0)):
        theirs = np.ravel(split[name]["riskfolio"]()) * scale
        off = np.abs(theirs - first["contributions"][name]).max()
        assert off < 1e-6, f"{name} differs by {off}"
    second = program("report")
    ours = {key: min(first[key], second[key]) for key in ("single_ns", "portfolio_ns")}
    days = len(stocks)
    time_series(f"One series of {days:,} days", stocks.iloc[:, 0], market, first["single"], ours["single_ns"], {})
    title = f"A portfolio of {stocks.shape[1]} assets over {days:,} days: its returns, the report, contributions to both risks"
    time_series(title, portfolio, market, first["portfolio"], ours["portfolio_ns"], split)
    print("\nCost of our report of one series by its length\n")
    print("| T | time | ns per return |\n| ---: | ---: | ---: |")
    for a, b in zip(first["growth"], second["growth"]):
        ns = min(a["ns"], b["ns"])
        print(f"| {a['periods']:,} | {ns / 1e3:.0f} µs | {ns / a['periods']:.0f} |")


def skfolio_contribution(stocks, weights, measure):
    from skfolio import Portfolio, RiskMeasure

    held = Portfolio(X=stocks, weights=weights)
    return lambda: held.contribution(measure=getattr(RiskMeasure, measure))


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    if sys.argv[1:2] == ["numpy"]:
        print(numpy_covariance(int(sys.argv[2]), int(sys.argv[3])))
    else:
        if sys.argv[1:] != ["covariance"]:
            reports()
        if sys.argv[1:] != ["reports"]:
            covariance_table()
