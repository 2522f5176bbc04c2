#!/usr/bin/env python3
"""The bill of materials of the service: every crate that its binary links, as CycloneDX 1.5 in JSON.

    python3 deploy/sbom.py > sbom.json      # make sbom
    python3 deploy/sbom.py --check          # that it is whole: a gate

Read off `cargo metadata` of the lock file for the platform of the container, without crates that only build or test: name, version, licence,
SHA-256 of the package as the registry has it, and which crate requires which. The same lock file gives the same bytes: it has no time and no
random number, which the format asks of nobody. The C library that SQLite's crate brings is named by itself. Python's standard library only.
"""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLATFORM = "x86_64-unknown-linux-gnu"
SERVICE = "rebalancer"


def metadata():
    command = ["cargo", "metadata", "--locked", "--offline", "--filter-platform", PLATFORM, "--format-version", "1"]
    return json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)


def built():
    """The packages that cargo links for the service alone, as the container builds it. Metadata are of the whole workspace, whose other members ask for more features."""
    tree = ["cargo", "tree", "--locked", "--offline", "--package", SERVICE, "--features", "transformer", "--edges", "normal,no-proc-macro", "--target", PLATFORM]
    lines = subprocess.run([*tree, "--prefix", "none", "--format", "{p}"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    return {re.match(r"(\S+) v(\S+)", line).groups() for line in lines if line}


def linked(found):
    """The packages that the service links, by id, and which of them each requires."""
    own = built()
    nodes = {node["id"]: node for node in found["resolve"]["nodes"]}
    names = {package["id"]: package for package in found["packages"]}
    macros = {package["id"] for package in found["packages"] if any("proc-macro" in target["kind"] for target in package["targets"])}
    root = next(package["id"] for package in found["packages"] if package["name"] == SERVICE)
    requires, waiting = {}, [root]
    while waiting:
        at = waiting.pop()
        if at in requires:
            continue
        normal = [d["pkg"] for d in nodes[at]["deps"] if any(kind["kind"] is None for kind in d["dep_kinds"])]
        # A macro runs in the compiler, and what it requires does too.
        is_linked = lambda id: id not in macros and (names[id]["name"], names[id]["version"]) in own
        requires[at] = [package for package in normal if is_linked(package)]
        waiting += requires[at]
    return root, names, requires


def reference(package):
    return f"pkg:cargo/{package['name']}@{package['version']}"


def component(package, checksums):
    told = {"type": "library", "bom-ref": reference(package), "name": package["name"], "version": package["version"], "purl": reference(package)}
    if package["description"]:
        told["description"] = " ".join(package["description"].split())
    if package["license"]:
        told["licenses"] = [{"expression": package["license"].replace("/", " OR ")}]
    checksum = checksums.get((package["name"], package["version"]))
    if checksum:
        told["hashes"] = [{"alg": "SHA-256", "content": checksum}]
    return told


def sqlite():
    """The version of SQLite that libsqlite3-sys compiles in, as its own header says; nothing where the header is not at hand."""
    found = metadata()
    package = next(p for p in found["packages"] if p["name"] == "libsqlite3-sys")
    header = Path(package["manifest_path"]).parent / "sqlite3" / "sqlite3.h"
    version = re.search(r'#define SQLITE_VERSION\s+"([0-9.]+)"', header.read_text(errors="replace")) if header.is_file() else None
    return [] if version is None else [
        {"type": "library", "bom-ref": f"sqlite@{version[1]}", "name": "sqlite", "version": version[1], "licenses": [{"license": {"id": "blessing"}}],
         "cpe": f"cpe:2.3:a:sqlite:sqlite:{version[1]}:*:*:*:*:*:*:*"}
    ]


def bill():
    root, names, requires = linked(metadata())
    lock = tomllib.loads((ROOT / "Cargo.lock").read_text(encoding="utf-8"))
    checksums = {(p["name"], p["version"]): p["checksum"] for p in lock["package"] if "checksum" in p}
    ordered = sorted((id for id in requires if id != root), key=lambda id: (names[id]["name"], names[id]["version"]))
    by_reference = lambda ids: sorted({reference(names[id]) for id in ids})
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {**component(names[root], checksums), "type": "application"}},
        "components": [component(names[id], checksums) for id in ordered] + sqlite(),
        "dependencies": [{"ref": reference(names[id]), "dependsOn": by_reference(requires[id])} for id in sorted(requires, key=lambda id: reference(names[id]))],
    }


def check():
    told = bill()
    faults = []
    known = [part["bom-ref"] for part in told["components"]] + [told["metadata"]["component"]["bom-ref"]]
    faults += [f"{ref} is listed twice" for ref in known if known.count(ref) > 1]
    for part in told["components"]:
        own = part["version"] == told["metadata"]["component"]["version"] and "hashes" not in part
        if not own and part["name"] != "sqlite" and not re.fullmatch("[0-9a-f]{64}", part.get("hashes", [{}])[0].get("content", "")):
            faults.append(f"{part['bom-ref']} has no checksum")
        if "licenses" not in part:
            faults.append(f"{part['bom-ref']} has no licence")
    for row in told["dependencies"]:
        faults += [f"{row['ref']} requires {ref}, which is not listed" for ref in row["dependsOn"] if ref not in known]
    here = {ref for ref in known if ref.startswith("pkg:cargo/")}
    by_cargo = {f"pkg:cargo/{name}@{version}" for name, version in built()}
    faults += [f"{ref} is not listed" for ref in sorted(by_cargo - here)] + [f"{ref} is not linked" for ref in sorted(here - by_cargo)]
    faults += [] if json.dumps(told) == json.dumps(bill()) else ["two bills of one lock file differ"]
    for fault in faults:
        print(f"FAULT {fault}")
    print(f"bill of materials: {len(told['components'])} components, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        sys.exit(check())
    print(json.dumps(bill(), indent=1, ensure_ascii=False))
