#!/usr/bin/env python3
"""No copyleft in the program: every crate that is linked has a licence we can ship under, and some crates exist once.

    python3 tests/licences.py

Reads `cargo metadata` of the lock files of the workspace and of the batch, with every feature on. A licence expression passes when one way
of reading it (OR) leaves only licences of the list (AND). Some crates are kept out, and all are from crates.io. Python's standard library only.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ALLOWED = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0",
    "CDLA-Permissive-2.0", "ISC", "MIT", "MIT-0", "Unicode-3.0", "Unlicense", "Zlib",
}
# Crates that are kept out: a second TLS and its C libraries beside rustls with ring, and what no longer has anybody who mends it.
BANNED = {"actix-governor", "aws-lc-rs", "aws-lc-sys", "native-tls", "openssl", "openssl-sys", "rsa", "serde_yaml", "yaml-rust", "ansi_term", "atty", "dotenv"}
REGISTRY = "registry+https://github.com/rust-lang/crates.io-index"
# Two versions of one of these compile side by side and then do not fit together: types or random streams differ silently.
ONE_VERSION = ["actix-web", "nalgebra", "rand", "rand_chacha", "serde", "serde_json", "statrs", "utoipa"]


def accepts(expression):
    """Whether an SPDX expression can be satisfied from ALLOWED; the old "MIT/Apache-2.0" counts as OR."""
    tokens = re.findall(r"\(|\)|[^\s()]+", expression.replace("/", " OR "))

    def alternatives():
        value = conjunction()
        while tokens and tokens[0] == "OR":
            tokens.pop(0)
            other = conjunction()
            value = value or other
        return value

    def conjunction():
        value = licence()
        while tokens and tokens[0] == "AND":
            tokens.pop(0)
            other = licence()
            value = value and other
        return value

    def licence():
        token = tokens.pop(0)
        if token == "(":
            value = alternatives()
            if not tokens or tokens.pop(0) != ")":
                raise ValueError(f"unbalanced licence expression {expression!r}")
            return value
        if tokens and tokens[0] == "WITH":
            tokens.pop(0)
            token = f"{token} WITH {tokens.pop(0)}"
        return token in ALLOWED

    value = alternatives()
    if tokens:
        raise ValueError(f"cannot read licence expression {expression!r}")
    return value


def check_reader():
    """Checks that the reader above rejects what it must reject."""
    assert accepts("MIT OR Apache-2.0") and accepts("MIT/Apache-2.0") and accepts("(MIT OR GPL-3.0-only) AND Unicode-3.0")
    assert accepts("Apache-2.0 WITH LLVM-exception OR GPL-2.0-only")
    assert not accepts("GPL-3.0-or-later") and not accepts("MIT AND MPL-2.0") and not accepts("LGPL-2.1-or-later")
    assert not accepts("(MIT AND AGPL-3.0-only) OR SSPL-1.0")


def main():
    check_reader()
    return max(check(ROOT), check(ROOT / "apps" / "batch"))


def check(workspace):
    command = ["cargo", "metadata", "--locked", "--all-features", "--format-version", "1"]
    metadata = json.loads(subprocess.run(command, cwd=workspace, check=True, capture_output=True, text=True).stdout)
    used = {node["id"] for node in metadata["resolve"]["nodes"]}
    packages = [package for package in metadata["packages"] if package["id"] in used]
    faults = []
    versions = {}
    for package in packages:
        versions.setdefault(package["name"], set()).add(package["version"])
        label = f"{package['name']} {package['version']}"
        if package["name"] in BANNED:
            faults.append(f"{label} is kept out")
        if package["source"] not in (None, REGISTRY):
            faults.append(f"{label} is from {package['source']}")
        if not package["license"]:
            faults.append(f"{label} states no licence")
        elif not accepts(package["license"]):
            faults.append(f"{label} is under {package['license']}")
    for name in ONE_VERSION:
        if len(versions.get(name, ())) > 1 and direct(metadata, name) > 1:
            faults.append(f"{name} is used in several versions by the workspace: {', '.join(sorted(versions[name]))}")
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"licences of {workspace.name}: {len(packages)} packages, {len(faults)} faults")
    return 1 if faults else 0


def direct(metadata, name):
    """How many versions of a crate the workspace's own packages depend on (what others use inside does not matter)."""
    members = set(metadata["workspace_members"])
    by_id = {package["id"]: package for package in metadata["packages"]}
    found = set()
    for node in metadata["resolve"]["nodes"]:
        # one-build lists what others use; it is built into nothing.
        if node["id"] in members and by_id[node["id"]]["name"] != "one-build":
            found |= {by_id[d["pkg"]]["version"] for d in node["deps"] if by_id[d["pkg"]]["name"] == name}
    return len(found)


if __name__ == "__main__":
    sys.exit(main())
