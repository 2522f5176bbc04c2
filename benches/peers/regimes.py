"""Times hidden Markov models of the crate `regimes` beside hmmlearn, in one run on one machine.

    benches/peers/run.sh regimes

Both sides climb the same likelihood of the same 5,030 days from the same start values; where they end is compared before the times
are printed. hmmlearn makes all steps, we stop at the first that gains nothing at all, so the ratio is that of the time per step.
Times are the best of several calls, in processor time of one thread. `whole fit` is ours alone: twelve starts, the best four climbed
to a gain below 1e-8.
"""

import json
import math
import os
import subprocess
import sys
import time
import warnings
from pathlib import Path

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "crates/regimes/tests/golden"))
import hmm  # noqa: E402

STEPS = 300
CALLS = 3


def best(call):
    shortest = math.inf
    for _ in range(CALLS):
        begin = time.process_time()
        result = call()
        shortest = min(shortest, time.process_time() - begin)
    return shortest, result


def main():
    warnings.simplefilter("ignore")
    program = os.environ["PEERS_PROGRAM"]
    x = hmm.features()
    states = (2, 3, 4)
    request = {"features": x.T.tolist(), "starts": [hmm.start(k, x) for k in states]}
    out = subprocess.run([program, str(STEPS)], input=json.dumps(request), check=True, capture_output=True, text=True)
    print(f"{len(x)} days, 2 features; milliseconds per step")
    print("states  hmmlearn  regimes  ratio  steps of ours, their seconds; whole fit (starts), seconds; ln L")
    for ours in json.loads(out.stdout):
        seconds, (_, model) = best(lambda: hmm.fit(x, ours["states"], STEPS))
        theirs = model.score(x)
        if abs(theirs - ours["log_likelihood"]) > 1e-6:
            sys.exit(f"{ours['states']} states end at {ours['log_likelihood']}, hmmlearn at {theirs}")
        their_step, our_step = 1e3 * seconds / STEPS, 1e3 * ours["seconds"] / ours["steps"]
        print(
            f"{ours['states']:6}  {their_step:8.3f}  {our_step:7.3f}  {their_step / our_step:5.1f}"
            f"  {ours['steps']}, {ours['seconds']:.3f}; {ours['fit_seconds']:.3f} ({ours['fit_restarts']}); {ours['fit_log_likelihood']:.6f}"
        )


if __name__ == "__main__":
    main()
