#!/usr/bin/env python3
"""Times two commits against each other in one run.

    benches/pair.py BASE [--bench plan --bench wire] [--filter 6_assets] [--rounds 7]

BASE is checked out into a worktree under the target directory. The benchmarks of both commits are built first; then their programs take turns,
the first of each round changing, so that whatever else the machine does meets both alike. Times are those of criterion in processor time
(`BENCH_CLOCK=wall` for the wall). The table has the median over the rounds and the ratio after/before, with its smallest and largest round.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def build(tree, target, benches):
    """Builds the benchmarks of a tree and returns their programs by name."""
    command = ["cargo", "bench", "-p", "benches", "--no-run", "--message-format=json"]
    for bench in benches:
        command += ["--bench", bench]
    environment = {**os.environ, "CARGO_TARGET_DIR": str(target)}
    built = subprocess.run(command, cwd=tree, env=environment, stdout=subprocess.PIPE, check=True, text=True)
    messages = (json.loads(line) for line in built.stdout.splitlines())
    programs = {
        message["target"]["name"]: message["executable"]
        for message in messages
        if message.get("reason") == "compiler-artifact" and message.get("executable") and "bench" in message["target"]["kind"]
    }
    return {bench: programs[bench] for bench in benches}


def checked_out(base, target):
    """A worktree of the commit `base`."""
    tree = Path(target) / "pair-base"
    if tree.exists():
        subprocess.run(["git", "worktree", "remove", "--force", str(tree)], cwd=ROOT, check=True)
    subprocess.run(["git", "worktree", "add", "--quiet", "--detach", str(tree), base], cwd=ROOT, check=True)
    return tree


def measured(program, tree, pattern):
    """Median nanoseconds of every case of one program, by id."""
    home = tempfile.mkdtemp(prefix="pair-")
    command = [program, "--bench", "--noplot", "--warm-up-time", "0.3", "--measurement-time", "1", "--sample-size", "20"]
    environment = {"BENCH_CLOCK": "cpu", **os.environ, "CRITERION_HOME": home}
    try:
        # Criterion's programs find their data from the package's directory, as under `cargo bench`.
        subprocess.run(
            command + ([pattern] if pattern else []), cwd=Path(tree) / "benches", env=environment, check=True, stdout=subprocess.DEVNULL
        )
        times = {}
        for path in Path(home).rglob("new/estimates.json"):
            name = json.loads((path.parent / "benchmark.json").read_text())["full_id"]
            times[name] = json.loads(path.read_text())["median"]["point_estimate"]
        return times
    finally:
        shutil.rmtree(home)


def told(nanoseconds):
    for unit, size in (("ns", 1.0), ("µs", 1e3), ("ms", 1e6)):
        if nanoseconds < 1000 * size:
            return f"{nanoseconds / size:.1f} {unit}"
    return f"{nanoseconds / 1e9:.2f} s"


def rows(rounds):
    """A row per case that both commits have: medians, and the ratio of each round."""
    names = set.intersection(*(set(times) for pair in rounds for times in pair))
    for name in sorted(names):
        before, after = ([pair[side][name] for pair in rounds] for side in (0, 1))
        ratios = [new / old for old, new in zip(before, after)]
        yield name, statistics.median(before), statistics.median(after), ratios


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", help="the commit that counts as before")
    parser.add_argument("--bench", action="append", help="a file of benches/benches; may be repeated (default: plan)")
    parser.add_argument("--filter", default="", help="cases whose id matches this")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    benches = options.bench or ["plan"]
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()
    base = checked_out(options.base, target)
    try:
        # One directory for the external crates of both; a commit's own programs have other names.
        sides = [(base, build(base, target, benches)), (ROOT, build(ROOT, target, benches))]
        rounds = []
        for turn in range(options.rounds):
            order = [0, 1] if turn % 2 == 0 else [1, 0]
            times = [{}, {}]
            for bench in benches:
                for side in order:
                    tree, programs = sides[side]
                    times[side].update(measured(programs[bench], tree, options.filter))
            rounds.append(times)
            print(f"round {turn + 1} of {options.rounds}", file=sys.stderr)
    finally:
        subprocess.run(["git", "worktree", "remove", "--force", str(base)], cwd=ROOT, check=False)
    print(f"| case | {options.base} | now | after/before |\n| --- | ---: | ---: | ---: |")
    for name, before, after, ratios in rows(rounds):
        middle, least, most = statistics.median(ratios), min(ratios), max(ratios)
        print(f"| `{name}` | {told(before)} | {told(after)} | {middle:.3f} ({least:.3f} to {most:.3f}) |")


if __name__ == "__main__":
    main()
