#!/usr/bin/env python3
"""Every selection of packages shares one build of the external crates: nothing is compiled, cargo only resolves.

    python3 tests/one_build.py

Cargo compiles a crate once for each set of features it is asked for, and the packages selected on the command line decide what
is asked. This check resolves each selection that the gates use and compares it with the whole workspace. A crate that would be
compiled again is named, with the features that tests/one-build/Cargo.toml has to list. It also shows that a dependency of two
members takes its features from [workspace.dependencies]. Python's standard library only.
"""

import os
import re
import subprocess
import sys
import tomllib
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CARGO = os.environ.get("CARGO", "cargo")
LINE = re.compile(r"^(\S+) v(\S+)((?: \(.*?\))*) ?(.*)$")


def features(*selection, kinds="normal,build"):
    """The sets of features each external crate has under a selection, by name and version; two when host and target differ."""
    command = [CARGO, "tree", "--locked", "--prefix=none", "--format={p} {f}", f"--edges={kinds}", *selection]
    output = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    found = defaultdict(set)
    for line in output.splitlines():
        if match := LINE.match(line.removesuffix(" (*)")):
            name, version, notes, listed = match.groups()
            if str(ROOT) not in notes:
                found[name, version].add(frozenset(feature for feature in listed.strip().split(",") if feature))
    return found


def members():
    """The manifests of the workspace's packages, by name."""
    paths = [*sorted(ROOT.glob("crates/*/Cargo.toml")), ROOT / "apps/api/Cargo.toml", ROOT / "benches/Cargo.toml"]
    manifests = [tomllib.loads(path.read_text(encoding="utf-8")) for path in paths]
    return {manifest["package"]["name"]: manifest for manifest in manifests}


def unshared(manifests):
    """External crates that two members ask for with features or versions of their own."""
    users = defaultdict(set)
    for member, manifest in manifests.items():
        for kind in ("dependencies", "dev-dependencies", "build-dependencies"):
            for name, wanted in manifest.get(kind, {}).items():
                local = isinstance(wanted, str) or not (wanted.get("workspace") or "path" in wanted)
                extra = isinstance(wanted, dict) and wanted.get("workspace") and "features" in wanted
                if local or (extra and name not in manifests):
                    users[name].add(member)
                else:
                    users[name].add(f"{member} (workspace)")
    for name, who in sorted(users.items()):
        if len(who) > 1 and any(not user.endswith("(workspace)") for user in who):
            yield f"{name} is asked for apart from [workspace.dependencies] by {', '.join(sorted(who))}"


def main():
    manifests = members()
    faults = list(unshared(manifests))
    workspace = features("--workspace", kinds="normal,build,dev")
    selections = {"--workspace without tests": ["--workspace"]}
    for name, manifest in manifests.items():
        selections[name] = ["-p", name, "-p", "one-build"]
        if "openapi" in manifest.get("features", {}):
            selections[f"{name} with openapi"] = [*selections[name], "--features", f"{name}/openapi"]
    if not workspace:
        faults.append("cargo tree lists no external crate: its output cannot be read")
    missing = defaultdict(set)
    for label, selection in selections.items():
        for crate, sets in features(*selection).items():
            for own in sets - workspace[crate]:
                nearest = min(workspace[crate], key=lambda whole: len(whole ^ own), default=frozenset())
                missing[crate].add((label, nearest - own))
    for (name, version), where in sorted(missing.items()):
        lacking = ", ".join(sorted({feature for _, features in where for feature in features})) or "no feature; see cargo tree"
        labels = sorted({label for label, _ in where})
        faults.append(f"{name} {version} is compiled again, one-build lacks {lacking}: for {', '.join(labels)}")
    for fault in faults:
        print(fault)
    print(f"one build: {len(selections)} selections, {len(workspace)} external crates, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
