"""Times this repository's daily simulation beside numpy, numba where it is installed, and a plain program in Rust.

    make bench-peers PEERS=simulation

Every time is processor time per path, day and asset, in nanoseconds, the best of a few runs of one thread, all from this run. All simulate
the same book: correlated geometric Brownian motions bought and held, valued every day; mean, probability of a loss, VaR and CVaR at 95 %, and the
mean of the maximum drawdown, which must agree before anything is printed. "Of the parts" is the share of our time that its parts alone take:
one normal number, one exponential, and the multiply-adds at the peak of the core (`fma_peak.rs`; without fused ones, two for one). The
last table has the kernel that follows every day under other laws, and what a second core gives, in wall time. Ends with the goals.
"""

import json
import math
import os
import subprocess
import time

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np

try:
    import numba
except ImportError:
    numba = None

CASES = ((1, 30, 100_000), (6, 30, 40_000), (20, 252, 2_000), (100, 252, 500))
SETS = ("portable", "AVX2", "AVX-512")


def book(assets):
    volatility = 0.10 + 0.20 * np.arange(assets) / assets
    covariance = np.outer(volatility, volatility) * np.where(np.eye(assets) > 0, 1.0, 0.3)
    return 0.03 + 0.04 * np.arange(assets) / assets, covariance


def figures(values, drawdown):
    tail = math.ceil(0.05 * len(values))
    lowest = np.sort(np.partition(values, tail)[:tail])
    return [values.mean(), (values < 1).mean(), 1 - lowest[-1], 1 - lowest.mean(), drawdown]


def best(paths, work, call, runs=2):
    shortest, found = math.inf, None
    for _ in range(runs):
        start = time.thread_time()
        found = call(paths)
        shortest = min(shortest, time.thread_time() - start)
    return shortest / work * 1e9, found


def with_numpy(assets, days, chunk):
    drifts, covariance = book(assets)
    shift = ((drifts - np.diag(covariance) / 2) / 252)[:, None]
    factor = np.linalg.cholesky(covariance / 252)
    weight = 1 / assets

    def run(paths):
        rng = np.random.Generator(np.random.SFC64(42))
        values, drawdowns = np.empty(paths), 0.0
        for first in range(0, paths, chunk):
            n = min(chunk, paths - first)
            prices = np.full((assets, n), weight)
            peak, drawdown = np.ones(n), np.zeros(n)
            z = np.empty((assets, n))
            for _ in range(days):
                rng.standard_normal(out=z)
                growth = factor @ z if assets > 1 else z * factor[0, 0]
                growth += shift
                np.exp(growth, out=growth)
                prices *= growth
                value = prices.sum(axis=0)
                np.maximum(peak, value, out=peak)
                np.maximum(drawdown, 1 - value / peak, out=drawdown)
            values[first : first + n] = value
            drawdowns += drawdown.sum()
        return figures(values, drawdowns / paths)

    return run


def with_numba(assets, days):
    drifts, covariance = book(assets)
    shift = (drifts - np.diag(covariance) / 2) / 252
    factor = np.linalg.cholesky(covariance / 252)

    @numba.njit(fastmath=True)
    def simulate(rng, paths, days, shift, factor):
        assets = len(shift)
        values, drawdowns = np.empty(paths), 0.0
        z, prices = np.empty(assets), np.empty(assets)
        for path in range(paths):
            prices[:] = 1 / assets
            peak, drawdown, value = 1.0, 0.0, 1.0
            for _ in range(days):
                for k in range(assets):
                    z[k] = rng.standard_normal()
                value = 0.0
                for i in range(assets):
                    x = shift[i]
                    for k in range(i + 1):
                        x += factor[i, k] * z[k]
                    prices[i] *= math.exp(x)
                    value += prices[i]
                peak = max(peak, value)
                drawdown = max(drawdown, 1 - value / peak)
            values[path] = value
            drawdowns += drawdown
        return values, drawdowns / paths

    rng = np.random.Generator(np.random.SFC64(42))
    simulate(rng, 2, 2, shift, factor)
    return lambda paths: figures(*simulate(rng, paths, days, shift, factor))


def program(*arguments):
    out = subprocess.run([os.environ["PEERS_SIMULATION"], *map(str, arguments)], check=True, capture_output=True, text=True)
    return json.loads(out.stdout)


def agree(name, found, want, paths):
    """Both sides are random: the probability of a loss and the mean differ by a few standard errors at most."""
    error = 6 * math.sqrt(1 / paths)
    for of, (a, b) in enumerate(zip(found, want)):
        if abs(a - b) > error * (1.0 if of == 1 else 0.5):
            raise SystemExit(f"{name} finds {found}, we find {want}")


def main():
    peak = float(subprocess.run([os.environ["PEERS_PEAK"]], check=True, capture_output=True, text=True).stdout)
    print("| assets | days | ours | instructions | of the parts | numpy | ratio | numba | ratio | plain Rust | ratio | portable, AVX2 |")
    print("|---:|---:|---:|---|---:|---:|---:|---:|---:|---:|---:|---|")
    numbers, goals, laws = {}, [], []
    for assets, days, paths in CASES:
        ours = program(assets, days, paths, 2)
        others = [program(assets, days, max(paths // 4, 256), set_number) for set_number in (0, 1)]
        fewer = max(paths // 10, 200)
        work = assets * days * fewer
        numpy_time, numpy_figures = min(best(fewer, work, with_numpy(assets, days, chunk)) for chunk in (256, 1000, 4000))
        agree("numpy", numpy_figures, ours["figures"], fewer)
        agree("plain Rust", ours["plain_figures"], ours["figures"], max(paths // 8, 1))
        numba_time, numba_ratio = "not installed", ""
        if numba:
            ns, found = best(fewer, work, with_numba(assets, days))
            agree("numba", found, ours["figures"], fewer)
            numba_time, numba_ratio = f"{ns:.1f}", f"{ns / ours['ours']:.1f}"
        # Multiply-adds per asset, two operations each; unfused ones run at half of the peak.
        parts = ours["normal"] + ours["exp"] + (assets + 1) / 2 * 2 / (peak / 2)
        slower = ", ".join(f"{other['ours']:.1f}" for other in others)
        print(
            f"| {assets} | {days} | {ours['ours']:.2f} | {ours['set']} | {parts / ours['ours']:.0%} | {numpy_time:.1f} | "
            f"{numpy_time / ours['ours']:.1f} | {numba_time} | {numba_ratio} | {ours['plain']:.1f} | "
            f"{ours['plain'] / ours['ours']:.1f} | {slower} |"
        )
        book_of = "1 asset" if assets == 1 else f"{assets} assets"
        least = {1: 5, 6: 7, 20: 6, 100: 5}[assets]
        goals.append((f"{book_of}: times numpy", numpy_time / ours["ours"], least))
        if numba:
            goals.append((f"{book_of}: times numba", ns / ours["ours"], 4))
        goals.append((f"{book_of}: share of the parts", parts / ours["ours"], 0.75 if assets == 100 else 0.85))
        plain, student, filtered = ours["laws"]
        laws.append(
            f"| {assets} | {plain:.1f} | {student:.1f} | {student / plain:.2f} | {filtered:.1f} | {filtered / plain:.2f} | "
            f"{ours['two_threads']:.2f} |"
        )
        goals.append((f"{book_of}: Student-t over normal", student / plain, -1.5))
        goals.append((f"{book_of}: filtered historical over normal", filtered / plain, -1.5))
        for run in (*others, ours):
            part = [run[name] for name in ("normal", "word", "exp")]
            kept = numbers.setdefault(run["set"], part)
            numbers[run["set"]] = [min(pair) for pair in zip(kept, part)]
    rng, buffer = np.random.Generator(np.random.SFC64(1)), np.empty(65_536)
    numpy_normal = best(0, len(buffer) * 8, lambda _: [rng.standard_normal(out=buffer) for _ in range(8)], runs=7)[0]
    print(f"\nNanoseconds per number: a normal, a word of the cipher, an exponential. numpy SFC64 normal: {numpy_normal:.2f}.\n")
    for name, part in numbers.items():
        print(f"  {name:9} {part[0]:6.2f} {part[1]:6.2f} {part[2]:6.2f}")
    print(f"\nOne core does {peak:.1f} GFLOP/s of fused multiply-adds.\n")
    print("| assets | every day, normal | Student-t | ratio | filtered historical | ratio | two cores |")
    print("|---:|---:|---:|---:|---:|---:|---:|")
    print("\n".join(laws))
    if "Avx512" in numbers:
        goals.append(("a normal on AVX-512, ns", numbers["Avx512"][0], -1.3))
    print("\n| goal | measured | wanted | |\n|---|---:|---:|---|")
    for name, found, wanted in goals:
        reached = found >= wanted if wanted > 0 else found <= -wanted
        print(f"| {name} | {found:.2f} | {'≥' if wanted > 0 else '≤'} {abs(wanted)} | {'reached' if reached else 'not reached'} |")


if __name__ == "__main__":
    main()
