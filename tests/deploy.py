#!/usr/bin/env python3
"""The files in deploy/ without a container engine: linters, schemas, and that they agree with each other.

Needs the tools of tests/requirements.txt: .venv/bin/python tests/deploy.py
"""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import compose_spec
import kubernetes_validate
import yaml

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
KUBERNETES_VERSIONS = ["1.33", "1.37"]

faults = []


def require(what, holds):
    if not holds:
        faults.append(what)


dockerfile = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
lint = subprocess.run([Path(sys.executable).parent / "hadolint", "--failure-threshold", "style", DEPLOY / "Dockerfile"], capture_output=True, text=True)
require(f"hadolint: {lint.stdout}{lint.stderr}", lint.returncode == 0)
require("the image names a non-root user", "\nUSER 10001:10001\n" in dockerfile)
require("the image has a health check", 'CMD ["rebalancer", "health"]' in dockerfile)
require("the image listens on 8000", "PORT=8000" in dockerfile and "EXPOSE 8000" in dockerfile)
toolchain = (ROOT / "Cargo.toml").read_text(encoding="utf-8").split('rust-version = "', 1)[1].split('"', 1)[0]
require(f"the image builds with Rust {toolchain}", f"FROM rust:{toolchain}-" in dockerfile)
profiles = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))["profile"]
require("the profile dist has thin LTO and one codegen unit", profiles["dist"].items() >= {"lto": "thin", "codegen-units": 1}.items())
require("benches are built as the image is", profiles["bench"] == {"inherits": "dist"})
require("the image holds the dist binary", "--profile dist " in dockerfile and "target/dist/rebalancer " in dockerfile)
by_hand = (DEPLOY / "README.md").read_text(encoding="utf-8")
require("without a container the same binary is built", "--profile dist " in by_hand and " target/dist/rebalancer\n" in by_hand)

compose_text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
compose = yaml.safe_load(compose_text)
try:
    compose_spec.ComposeSpecification.model_validate(compose)
except Exception as error:
    require(f"compose.yaml: {error}", False)
service = compose["services"]["rebalancer"]
# The model ignores members it does not know; a misspelt one must not pass.
for where, members, model in (("compose", compose, compose_spec.ComposeSpecification), ("service", service, compose_spec.Service)):
    unknown = members.keys() - model.model_fields.keys()
    require(f"compose.yaml: unknown {where} members {sorted(unknown)}", not unknown)
require("compose publishes 8000 on loopback", service["ports"] == ["127.0.0.1:8000:8000"] and service["environment"]["PORT"] == "8000")
require("the demonstration waives keys by name, on loopback", service["environment"].get("REBALANCER_ALLOW_ANONYMOUS") == "1")
require("compose builds the Dockerfile", (DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]).resolve() == DEPLOY / "Dockerfile")

kinds = {}
for path in sorted((DEPLOY / "k8s").glob("*.yaml")):
    for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
        kinds[document["kind"]] = document
        for version in KUBERNETES_VERSIONS:
            try:
                kubernetes_validate.validate(document, version, strict=True)
            except Exception as error:
                require(f"{path.name}, Kubernetes {version}: {str(error).splitlines()[0]}", False)
require(f"deployment, service and network policy, found {sorted(kinds)}", {"Deployment", "Service", "NetworkPolicy"} <= kinds.keys())
jobs = {}
for path in sorted((DEPLOY / "k8s" / "batch").glob("*.yaml")):
    job = yaml.safe_load(path.read_text(encoding="utf-8"))
    jobs[path.stem] = job
    for version in KUBERNETES_VERSIONS:
        try:
            kubernetes_validate.validate(job, version, strict=True)
        except Exception as error:
            require(f"batch/{path.name}, Kubernetes {version}: {str(error).splitlines()[0]}", False)
require(f"the batch is planned, run and finished, found {sorted(jobs)}", jobs.keys() == {"plan", "run", "finish"})
steps = {name: job["spec"]["template"]["spec"]["containers"][0] for name, job in jobs.items()}
require("each job of the batch takes its own step", all(step["args"][0] == name == step["name"] for name, step in steps.items()))
require("the jobs of the batch are of one run", len({step["args"][step["args"].index("--run") + 1] for step in steps.values()}) == 1)
require("the jobs of the batch have one image and a GiB", {(step["image"], step["resources"]["limits"]["memory"]) for step in steps.values()} == {("smart-portfolio-rebalancer-batch:0.1.0", "1Gi")})
require("a shard is an index of its own", jobs["run"]["spec"]["completionMode"] == "Indexed" and jobs["run"]["spec"]["backoffLimitPerIndex"] > 0)
batch_image = (DEPLOY / "batch.Dockerfile").read_text(encoding="utf-8")
lint = subprocess.run([Path(sys.executable).parent / "hadolint", "--failure-threshold", "style", DEPLOY / "batch.Dockerfile"], capture_output=True, text=True)
require(f"hadolint: {lint.stdout}{lint.stderr}", lint.returncode == 0)
require("the batch's image names a non-root user and builds with the same Rust", "\nUSER 10001:10001\n" in batch_image and f"FROM rust:{toolchain}-" in batch_image)
template = kinds["Deployment"]["spec"]["template"]
container = template["spec"]["containers"][0]
labels = template["metadata"]["labels"]
for kind, selector in {
    "Deployment": kinds["Deployment"]["spec"]["selector"]["matchLabels"],
    "Service": kinds["Service"]["spec"]["selector"],
    "NetworkPolicy": kinds["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"],
}.items():
    require(f"{kind} selects the pods", selector.items() <= labels.items())
require("the pod listens on 8000", container["ports"][0]["containerPort"] == 8000 and {"name": "PORT", "value": "8000"} in container["env"])
require("the service targets the pod's port", kinds["Service"]["spec"]["ports"][0]["targetPort"] == container["ports"][0]["name"])
require("the image is the same as in compose", container["image"] == service["image"])
paths = json.loads((ROOT / "openapi" / "openapi.json").read_text(encoding="utf-8"))["paths"]
hosts = next((entry["value"] for entry in container["env"] if entry["name"] == "REBALANCER_HOSTS"), "")
require("the pod answers to the name of its service", kinds["Service"]["metadata"]["name"] in hosts.split(","))
require("the pod asks for keys", not any(entry["name"] == "REBALANCER_ALLOW_ANONYMOUS" for entry in container["env"]))
for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
    require(f"{probe} asks a served route", container[probe]["httpGet"]["path"] in paths)
    require(f"{probe} asks what needs neither key nor name", container[probe]["httpGet"]["path"] in ("/api/health", "/api/ready"))



def patched(base, patch, key="name"):
    """A document with a patch in it, as `kubectl patch` merges them: maps member by member, lists of named entries by their name."""
    if isinstance(base, dict) and isinstance(patch, dict):
        return {name: patched(base.get(name), patch[name], "mountPath" if name == "volumeMounts" else "name") if name in patch else base[name] for name in {**base, **patch}}
    if isinstance(base, list) and isinstance(patch, list):
        named = {entry[key]: entry for entry in base}
        return list({**named, **{entry[key]: patched(named.get(entry[key]), entry) for entry in patch}}.values())
    return patch


through_tls = patched(kinds["Deployment"], yaml.safe_load((DEPLOY / "k8s" / "tls" / "patch.yaml").read_text(encoding="utf-8")))
for version in KUBERNETES_VERSIONS:
    try:
        kubernetes_validate.validate(through_tls, version, strict=True)
    except Exception as error:
        require(f"tls/patch.yaml, Kubernetes {version}: {str(error).splitlines()[0]}", False)
secure_pod = through_tls["spec"]["template"]["spec"]
(secure,) = secure_pod["containers"]
given = {entry["name"]: entry["value"] for entry in secure["env"]}
require("the patch changes no other variable", all(given[entry["name"]] == entry["value"] for entry in container["env"]) and len(given) == len(container["env"]) + 2)
for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
    require(f"with TLS {probe} asks the same by HTTPS, and without it in the clear", secure[probe] == {**container[probe], "httpGet": {**container[probe]["httpGet"], "scheme": "HTTPS"}} and "scheme" not in container[probe]["httpGet"])
certificate, its_key = (Path(given.get(name, "")) for name in ("REBALANCER_TLS_CERT_FILE", "REBALANCER_TLS_KEY_FILE"))
require("certificate and key are those of a TLS secret", (certificate.name, its_key.name) == ("tls.crt", "tls.key") and certificate.parent == its_key.parent)
secret = {volume["name"]: volume.get("secret") for volume in secure_pod["volumes"]}.get({mount["mountPath"]: mount["name"] for mount in secure["volumeMounts"]}.get(str(certificate.parent)))
require("which the pod has, and the README makes", secret and secret["defaultMode"] == 0o400 and f"create secret tls {secret['secretName']} " in by_hand and "kubectl patch deployment rebalancer --patch-file deploy/k8s/tls/patch.yaml" in by_hand)

mounts = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
folder = "/var/lib/rebalancer"
require("records are on a volume everywhere", mounts.get(folder) == "records" and f"records:{folder}" in service["volumes"] and f"VOLUME {folder}\n" in dockerfile)
require("the folder of the records is the volume", {"name": "REBALANCER_DATA_DIR", "value": folder} in container["env"] and f"REBALANCER_DATA_DIR={folder}\n" in dockerfile)
# The key is apart from the database that it signs.
key_folder = f"{folder}-key"
require("compose keeps the key on a volume of its own", f"key:{key_folder}" in service["volumes"] and service["environment"].get("REBALANCER_AUDIT_KEY_FILE") == f"{key_folder}/audit.key")
require("the image has the key's folder", f"-m 0700 {folder} {key_folder}\n" in dockerfile)
secrets = {volume["name"]: volume["secret"] for volume in template["spec"]["volumes"] if "secret" in volume}
key_file = next((entry["value"] for entry in container["env"] if entry["name"] == "REBALANCER_AUDIT_KEY_FILE"), "")
key_mount = mounts.get(str(Path(key_file).parent))
require("the pod's key is a secret that only its owner reads", key_mount in secrets and secrets[key_mount].get("defaultMode") == 0o400)
require("the README makes that secret", f'create secret generic {secrets[key_mount]["secretName"]} ' in by_hand and f"--from-file={Path(key_file).name}=" in by_hand)
require("processors are bounded", container["resources"]["limits"].get("cpu") == "2" and service.get("cpus") == 2)
ingress = kinds["NetworkPolicy"]["spec"]["ingress"]
require("only named senders reach the pod", ingress and all(rule.get("from") and all(peer != {} for peer in rule["from"]) for rule in ingress))
procfile = (DEPLOY / "Procfile").read_text(encoding="utf-8")
require("Procfile starts the release binary on every interface", procfile == "web: HOST=0.0.0.0 ./target/release/rebalancer\n")

# What the rules and the dashboard ask for is what the service tells.
source = (ROOT / "apps" / "api" / "src" / "metrics.rs").read_text(encoding="utf-8")
told = set(re.findall(r'"(rebalancer_[a-z_]+)"', source))
told |= {f"{name}_{part}" for name in told if name.endswith("_seconds") for part in ("bucket", "sum", "count")}
monitoring = DEPLOY / "monitoring"
rules = [rule for group in yaml.safe_load((monitoring / "alerts.yaml").read_text(encoding="utf-8"))["groups"] for rule in group["rules"]]
dashboard = json.loads((monitoring / "dashboard.json").read_text(encoding="utf-8"))
asked = {f"alert {rule['alert']}": rule["expr"] for rule in rules}
asked |= {f"panel {panel['title']}, {target['refId']}": target["expr"] for panel in dashboard["panels"] for target in panel["targets"]}
for where, expression in asked.items():
    unknown = set(re.findall(r"\brebalancer_[a-z_]+", expression)) - told
    require(f"{where} asks for {sorted(unknown)}, which is not told", not unknown)
    require(f"{where}: brackets", all(expression.count(a) == expression.count(b) for a, b in ("()", "[]", "{}")))
for rule in rules:
    require(f"alert {rule['alert']} says how bad and what", rule["labels"].get("severity") in ("page", "ticket") and rule["annotations"].get("summary") and "for" in rule)
names = [rule["alert"] for rule in rules]
require("each alert has a name of its own", len(names) == len(set(names)))
places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in dashboard["panels"]]
require("panels do not cover each other", len(places) == len(set(places)))
untold = {name for name in told if not re.search("_(bucket|sum|count)$", name)} - {name.removesuffix("_bucket") for text in asked.values() for name in re.findall(r"rebalancer_[a-z_]+", text)}
require(f"no panel and no alert asks for {sorted(untold)}", not untold)

for fault in faults:
    print(fault, file=sys.stderr)
print(f"deploy: {len(faults)} faults")
sys.exit(1 if faults else 0)
