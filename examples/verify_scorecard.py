#!/usr/bin/env python3
"""Verify a calibration scorecard: that nobody changed a figure, left out an outcome or added one.

    curl -s http://127.0.0.1:5000/api/calibration > scorecard.json
    curl -s http://127.0.0.1:5000/api/audit/export > trail.jsonl
    python3 examples/verify_scorecard.py scorecard.json trail.jsonl [--public-key HEX]

What is checked, without any of the service's code: the SHA-256 of the scorecard's bytes; each outcome it names against its entry in the
trail, and the digest over all of them; the hash chain and the Merkle root (RFC 6962) of the trail up to the signed head; that no plan
with an outcome is left out; both Ed25519 signatures (RFC 8032). Python's standard library only.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path

PRODUCT = "smart-portfolio-rebalancer"


def digest_of(domain, fields):
    """SHA-256 of framed fields in a domain, as `docs/adr/0009-store-and-audit.md` describes."""
    sha = hashlib.sha256()
    for field in [f"{PRODUCT}/{domain}".encode(), *fields]:
        sha.update(len(field).to_bytes(8, "big") + field)
    return sha.digest()


def entry_hash(entry):
    """The hash of an audit entry, from its other members."""
    plan, digest, outcome = entry["plan_id"], entry["plan_digest"], entry.get("outcome_digest")
    fields = [
        entry["sequence"].to_bytes(8, "big"), entry["created_at"].encode(), entry["actor"].encode(), entry["request_id"].encode(),
        entry["kind"].encode(), bytes([plan is not None]), (plan or "").encode(), bytes([digest is not None]),
        bytes.fromhex(digest or ""), bytes.fromhex(entry["previous_hash"]),
    ]
    about_champion = "champion_of" in entry or "champion_digest" in entry
    about_control = "control_of" in entry or "control_digest" in entry
    if about_control or about_champion or "portfolio_id" in entry or "portfolio_digest" in entry:
        members = [(outcome, bytes.fromhex), (entry.get("portfolio_id"), str.encode), (entry.get("portfolio_digest"), bytes.fromhex)]
        about_book = [frame for member, read in members for frame in (bytes([member is not None]), read(member or ""))]
        if not about_champion and not about_control:
            return digest_of("audit-entry/3", [*fields, *about_book])
        members = [(entry.get("champion_of"), str.encode), (entry.get("champion_digest"), bytes.fromhex)]
        moved = [frame for member, read in members for frame in (bytes([member is not None]), read(member or ""))]
        if not about_control:
            return digest_of("audit-entry/4", [*fields, *about_book, *moved])
        members = [(entry.get("control_of"), str.encode), (entry.get("control_digest"), bytes.fromhex)]
        control = [frame for member, read in members for frame in (bytes([member is not None]), read(member or ""))]
        return digest_of("audit-entry/5", [*fields, *about_book, *moved, *control])
    if outcome is None:
        return digest_of("audit-entry/1", fields)
    return digest_of("audit-entry/2", [*fields, bytes.fromhex(outcome)])


def merkle_root(leaves):
    """Root of the tree over `leaves` (RFC 6962, section 2.1)."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    half = 1 << ((len(leaves) - 1).bit_length() - 1)
    return hashlib.sha256(b"\1" + merkle_root(leaves[:half]) + merkle_root(leaves[half:])).digest()


P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P


def recovered(y, sign):
    """The point of the curve with this `y` and sign of `x`, in extended coordinates; None when there is none."""
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return (x, y, 1, x * y % P)


BASE = recovered(4 * pow(5, -1, P) % P, 0)


def plus(a, b):
    """The sum of two points."""
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = f - e, h - g, h + g, f + e
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(scalar, point):
    total = (0, 1, 1, 0)
    while scalar:
        total = plus(total, point) if scalar & 1 else total
        point, scalar = plus(point, point), scalar >> 1
    return total


def decoded(text):
    number = int.from_bytes(text, "little")
    return recovered(number & ((1 << 255) - 1), number >> 255)


def is_signed(public_key, message, signature):
    """Whether an Ed25519 signature belongs to a message and a key (RFC 8032, section 5.1.7)."""
    key, commitment, scalar = decoded(public_key), decoded(signature[:32]), int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or scalar >= ORDER:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public_key + message).digest(), "little") % ORDER
    left, right = times(scalar, BASE), plus(commitment, times(challenge, key))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


def bytes_of_member(text, member):
    """The bytes of a member of the outermost object, as they are in the text."""
    start = text.index(f'"{member}":') + len(member) + 3
    _, end = json.JSONDecoder().raw_decode(text, start)
    return text[start:end].encode()


def faults_of_trail(entries, head):
    """What is wrong with the trail up to a head."""
    faults, previous = [], "00" * 32
    covered = entries[: head["entries"]]
    if len(covered) < head["entries"]:
        faults.append(f"the head speaks of {head['entries']} entries, the trail has {len(covered)}")
    for place, entry in enumerate(covered, 1):
        if entry["sequence"] != place or entry["previous_hash"] != previous or entry_hash(entry).hex() != entry["hash"]:
            faults.append(f"entry {place} does not follow the one before it")
            break
        previous = entry["hash"]
    if previous != head["hash"]:
        faults.append("the trail does not end at the head")
    if merkle_root([bytes.fromhex(entry["hash"]) for entry in covered]).hex() != head["root"]:
        faults.append("the root of the head is not that of the trail")
    return faults


def faults_of_evidence(card, seal, entries):
    """What is wrong with the outcomes that a scorecard names."""
    faults = []
    by_sequence = {entry["sequence"]: entry for entry in entries[: seal["head"]["entries"]]}
    for outcome in card["evidence"]:
        entry = by_sequence.get(outcome["sequence"], {})
        if (entry.get("kind"), entry.get("outcome_digest"), entry.get("plan_id")) != ("outcome_recorded", outcome["outcome_digest"], outcome["plan_id"]):
            faults.append(f"no entry {outcome['sequence']} records the outcome of plan {outcome['plan_id']}")
    digests = [bytes.fromhex(outcome["outcome_digest"]) for outcome in card["evidence"]]
    if digest_of("evidence/1", digests).hex() != seal["evidence_digest"]:
        faults.append("the evidence is not what was sealed")
    if card["filter"] == {"since": None, "until": None, "client_reference": None}:
        erased = {entry["plan_id"] for entry in by_sequence.values() if entry["kind"] == "plan_erased"}
        recorded = {entry["plan_id"] for entry in by_sequence.values() if entry["kind"] == "outcome_recorded"} - erased
        if recorded != {outcome["plan_id"] for outcome in card["evidence"]}:
            faults.append("the trail records outcomes of other plans than the scorecard counts")
    return faults


def faults_of(answer, trail, public_key=None):
    """What is wrong with a scorecard, both as texts; nothing when it verifies."""
    document = json.loads(answer)
    card, seal = document["scorecard"], document["seal"]
    head = seal["head"]
    entries = [json.loads(line) for line in trail.splitlines()]
    faults = []
    if hashlib.sha256(bytes_of_member(answer, "scorecard")).hexdigest() != seal["document_digest"]:
        faults.append("the scorecard is not what was sealed")
    faults += faults_of_trail(entries, head) + faults_of_evidence(card, seal, entries)
    if public_key not in (None, head["public_key"]):
        faults.append("another key signed it")
    key = bytes.fromhex(head["public_key"])
    of_head = [head["entries"].to_bytes(8, "big"), bytes.fromhex(head["hash"]), bytes.fromhex(head["root"]), head["signed_at"].encode(), head["public_key"].encode()]
    of_seal = [bytes.fromhex(seal["document_digest"]), bytes.fromhex(seal["evidence_digest"]), head["signature"].encode()]
    for name, message, signature in (("head", digest_of("head/1", of_head), head["signature"]), ("seal", digest_of("seal/1", of_seal), seal["signature"])):
        if not is_signed(key, message, bytes.fromhex(signature)):
            faults.append(f"the signature of the {name} is not valid")
    return faults


def main():
    parser = argparse.ArgumentParser(description="Verify a calibration scorecard.")
    parser.add_argument("scorecard", type=Path, help="the answer of GET /api/calibration")
    parser.add_argument("trail", type=Path, help="the answer of GET /api/audit/export")
    parser.add_argument("--public-key", help="the key it must be signed with, 64 hexadecimal digits")
    arguments = parser.parse_args()
    faults = faults_of(arguments.scorecard.read_text(), arguments.trail.read_text(), arguments.public_key)
    print("\n".join(faults) or "the scorecard verifies")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
