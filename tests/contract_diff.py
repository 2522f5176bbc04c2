#!/usr/bin/env python3
"""Compares the contract with that of the last release: whether a client that was written for the release still works.

openapi/released/<date>.json are the contracts as they were released, one for each version. docs/versioning.md says what counts as
breaking. A breaking difference fails, unless the contract has a newer version than the release; then it is printed for the changelog.
A version that is in the contract has its entry in docs/api-changelog.md.

tests/contract_compatible.json lists, with reasons, differences that look breaking to this check and break nobody.

    tests/contract_diff.py                # openapi/openapi.json against the last release
    tests/contract_diff.py OLD NEW        # two documents; prints every difference, compatible ones too
"""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONTRACT = ROOT / "openapi" / "openapi.json"
RELEASED = ROOT / "openapi" / "released"
COMPATIBLE = ROOT / "tests" / "contract_compatible.json"
CHANGELOG = ROOT / "docs" / "api-changelog.md"

METHODS = ("get", "head", "post", "put", "patch", "delete", "options")
REQUEST, ANSWER = "request", "answer"
LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
FORMS = ("pattern", "format", "multipleOf", "uniqueItems")
WIDER = {("int32", "int64"), ("float", "double")}


def version(document):
    """The date of the version that a document describes; empty for one that takes no version."""
    versions = document.get("components", {}).get("schemas", {}).get("ApiVersion", {})
    return next(iter(versions.get("enum", [])), "")


class Difference:
    """Everything that differs between two documents: `breaking` and `compatible`, each a sorted list of sentences."""

    def __init__(self, old, new):
        self.old, self.new = old, new
        self.found = {True: set(), False: set()}
        self.compared = {}
        # What is compared elsewhere: the parts of an `allOf`, in the type they make up, and the version, in `judge`.
        self.elsewhere = {"ApiVersion"}
        self.paths()
        self.schemas()

    @property
    def breaking(self):
        return sorted(self.found[True])

    @property
    def compatible(self):
        return sorted(self.found[False])

    def add(self, is_breaking, place, what):
        self.found[is_breaking].add(f"{place}: {what}")

    def resolve(self, document, value):
        while "$ref" in value:
            found = document
            for part in value["$ref"].removeprefix("#/").split("/"):
                found = found[part.replace("~1", "/").replace("~0", "~")]
            value = found
        return value

    # Operations

    def paths(self):
        old, new = self.operations(self.old), self.operations(self.new)
        for name in old.keys() - new.keys():
            self.add(True, name, "is gone")
        for name in new.keys() - old.keys():
            self.add(False, name, "is new")
        for name in old.keys() & new.keys():
            self.operation(name, old[name], new[name])

    @staticmethod
    def operations(document):
        """The operations of a document by method and path, each with what it has from its path and from the document."""
        found = {}
        for path, item in document.get("paths", {}).items():
            from_above = {"shared": item.get("parameters", []), "security": document.get("security", [])}
            for method in METHODS:
                if method in item:
                    found[f"{method.upper()} {path}"] = {**from_above, **item[method]}
        return found

    def operation(self, name, old, new):
        if old.get("operationId") != new.get("operationId"):
            self.add(True, name, f"operationId {old.get('operationId')} is now {new.get('operationId')}")
        if old["security"] != new["security"]:
            is_open = not new["security"] or {} in new["security"]
            keeps_all = bool(old["security"]) and all(way in new["security"] for way in old["security"])
            self.add(not (is_open or keeps_all), name, "another authentication is asked for")
        if new.get("deprecated") and not old.get("deprecated"):
            self.add(False, name, "is deprecated")
        self.parameters(name, old, new)
        self.body(name, old.get("requestBody"), new.get("requestBody"))
        self.answers(name, old.get("responses", {}), new.get("responses", {}))

    def parameters(self, name, old, new):
        def by_name(document, operation):
            found = [self.resolve(document, parameter) for parameter in [*operation["shared"], *operation.get("parameters", [])]]
            return {(p["in"], p["name"].lower() if p["in"] == "header" else p["name"]): p for p in found}

        before, after = by_name(self.old, old), by_name(self.new, new)
        for key in before.keys() | after.keys():
            place = f"{name} {key[0]} parameter {key[1]}"
            if key not in after:
                self.add(True, place, "is gone")
            elif key not in before:
                self.addition(place, after[key])
            else:
                self.requirement(place, before[key], after[key])
                if key != ("header", "api-version"):  # a document names its own version alone
                    self.schema(place, before[key].get("schema", {}), after[key].get("schema", {}), REQUEST)

    def addition(self, place, new):
        is_required = new.get("required", False)
        self.add(is_required, place, "is new and required" if is_required else "is new and optional")

    def requirement(self, place, old, new):
        if old.get("required", False) != new.get("required", False):
            self.add(new.get("required", False), place, "is now required" if new.get("required") else "is now optional")

    def body(self, name, old, new):
        place = f"{name} body"
        if old is None or new is None:
            if old is not None:
                self.add(True, place, "is gone")
            elif new is not None:
                self.addition(place, self.resolve(self.new, new))
            return
        old, new = self.resolve(self.old, old), self.resolve(self.new, new)
        self.requirement(place, old, new)
        self.content(place, old, new, REQUEST)

    def answers(self, name, old, new):
        for status in old.keys() | new.keys():
            place = f"{name} {status}"
            is_refusal = status[0] in "45"
            if status not in new:
                self.add(not is_refusal, place, "is no longer answered")
            elif status not in old:
                self.add(True, place, "is a new status")
            else:
                self.answer(place, self.resolve(self.old, old[status]), self.resolve(self.new, new[status]))

    def answer(self, place, old, new):
        before, after = (
            {name.lower(): header for name, header in answer.get("headers", {}).items()} for answer in (old, new)
        )
        for name in before.keys() - after.keys():
            self.add(True, f"{place} header {name}", "is gone")
        for name in after.keys() - before.keys():
            self.add(False, f"{place} header {name}", "is new")
        for name in before.keys() & after.keys():
            one, other = self.resolve(self.old, before[name]), self.resolve(self.new, after[name])
            self.schema(f"{place} header {name}", one.get("schema", {}), other.get("schema", {}), ANSWER)
        self.content(place, old, new, ANSWER)
        before, after = (
            answer.get("content", {}).get("application/problem+json", {}).get("examples", {}) for answer in (old, new)
        )
        for kind in after.keys() - before.keys():
            self.add(True, place, f"has the new problem {kind}")

    def content(self, place, old, new, role):
        before, after = old.get("content", {}), new.get("content", {})
        for media_type in before.keys() - after.keys():
            self.add(True, f"{place} {media_type}", "is gone")
        for media_type in after.keys() - before.keys():
            # An answer that had a body of another type still has it for those who accept that.
            self.add(False, f"{place} {media_type}", "is new")
        for media_type in before.keys() & after.keys():
            for key in ("schema", "itemSchema"):
                if key in before[media_type] or key in after[media_type]:
                    one, other = before[media_type].get(key, {}), after[media_type].get(key, {})
                    self.schema(f"{place} {media_type}", one, other, role)

    # Schemas

    def schemas(self):
        old, new = (document.get("components", {}).get("schemas", {}) for document in (self.old, self.new))
        for name in old.keys() - new.keys():
            self.add(True, name, "the type is gone or has another name")
        for name in new.keys() - old.keys():
            self.add(False, name, "the type is new")
        linked = self.elsewhere | {name for names, _ in self.compared for name in names}
        for name in (old.keys() & new.keys()) - linked:
            # What no operation links stands in the text of an answer, such as a line of JSON.
            reference = {"$ref": f"#/components/schemas/{name}"}
            self.schema(name, reference, reference, ANSWER)

    def schema(self, place, old, new, role):
        """Compares what is allowed at one place of a request or an answer, once for each pair of named schemas."""
        for is_breaking, where, what in self.differences(place, old, new, role):
            self.add(is_breaking, where, what)

    def differences(self, place, old, new, role):
        """Yields whether it is breaking, where and what, for all that differs."""
        names = tuple(schema["$ref"].rsplit("/", 1)[-1] if "$ref" in schema else "" for schema in (old, new))
        if not all(names):
            return list(self.inside(place, old, new, role))
        key = (names, role)
        if key not in self.compared:
            self.compared[key] = []  # a type within itself: what is found is found once
            self.compared[key] = list(self.inside(f"{names[0]} ({role})", old, new, role))
        return self.compared[key]

    def inside(self, place, old, new, role):
        before, after = self.variants(self.old, old), self.variants(self.new, new)
        if len(before) == len(after) == 1:
            yield from self.plain(place, before[0][1], after[0][1], role)
            return
        pairs, lost, gained = self.paired(before, after)
        if tag(self.resolve(self.old, old)) != tag(self.resolve(self.new, new)):
            yield True, place, "another member tells the variants apart"
        for name in lost:
            yield role == REQUEST, place, f"{name} is no longer {'accepted' if role == REQUEST else 'answered'}"
        for name in gained:
            yield role == ANSWER, place, f"{name} is newly {'accepted' if role == REQUEST else 'answered'}"
        for name, one, other in pairs:
            yield from self.differences(f"{place} as {name}", one, other, role)

    def variants(self, document, schema):
        """What a schema is one of: pairs of a name and a schema. A plain schema is its only variant."""
        whole = self.merged(document, schema)
        parts = whole.get("oneOf", whole.get("anyOf"))
        if parts is not None:
            return [variant for part in parts for variant in self.variants_of_part(document, part)]
        kinds = whole.get("type")
        if isinstance(kinds, list):
            found = []
            for kind in kinds:
                rest = {"type": "null"} if kind == "null" else {**whole, "type": kind}
                found.append((kind, rest))
            return found
        return [(self.name_of(document, schema), schema if "$ref" in schema else whole)]

    def variants_of_part(self, document, part):
        found = self.variants(document, part)
        return [(self.name_of(document, part), part)] if len(found) == 1 else found

    def name_of(self, document, schema):
        if "$ref" in schema:
            return schema["$ref"].rsplit("/", 1)[-1]
        kind = schema.get("type")
        return schema.get("title") or (kind if isinstance(kind, str) else "a variant")

    @staticmethod
    def paired(before, after):
        """Variants of the same name, in order where a name comes twice; then those that only one side has."""
        pairs, gained, rest = [], [], list(before)
        for name, schema in after:
            match = next((one for one in rest if one[0] == name), None)
            if match is None:
                gained.append(name)
            else:
                rest.remove(match)
                pairs.append((name, match[1], schema))
        return pairs, [name for name, _ in rest], gained

    def merged(self, document, schema):
        """A schema with its references followed and its `allOf` put together."""
        schema = self.resolve(document, schema)
        if "allOf" not in schema:
            return schema
        whole = {key: value for key, value in schema.items() if key != "allOf"}
        for part in schema["allOf"]:
            self.elsewhere.add(part.get("$ref", "").rsplit("/", 1)[-1])
            part = self.merged(document, part)
            for key, value in part.items():
                if key == "properties":
                    whole[key] = {**whole.get(key, {}), **value}
                elif key == "required":
                    whole[key] = [*whole.get(key, []), *value]
                else:
                    whole.setdefault(key, value)
        return whole

    def plain(self, place, old, new, role):
        """Compares two schemas that are no unions."""
        old, new = self.merged(self.old, old), self.merged(self.new, new)
        yield from self.values(place, old, new, role)
        if role == REQUEST and old.get("default") != new.get("default"):
            yield True, place, f"the default {old.get('default')} is now {new.get('default')}"
        if new.get("deprecated") and not old.get("deprecated"):
            yield False, place, "is deprecated"
        yield from self.members(place, old, new, role)
        for key in ("items", "additionalProperties", "propertyNames"):
            one, other = old.get(key, True), new.get(key, True)
            if isinstance(one, dict) and isinstance(other, dict):
                yield from self.differences(f"{place}[]", one, other, role)
            elif one != other:
                # Members beyond those that are named are ignored by clients, so only maps and requests can break.
                opens = other is True or (one is False and other is not False)
                is_map = not (old.get("properties") or new.get("properties")) or key != "additionalProperties"
                yield (is_map if role == ANSWER and opens else role == REQUEST and not opens), place, f"{key} changed"
        one, other = old.get("prefixItems", []), new.get("prefixItems", [])
        if len(one) != len(other):
            yield True, place, "has another number of entries"
        for i, (first, second) in enumerate(zip(one, other)):
            yield from self.differences(f"{place}[{i}]", first, second, role)

    def values(self, place, old, new, role):
        """Compares type, enum, bounds and form: a request breaks when they narrow, an answer when they widen."""
        kinds = (old.get("type"), new.get("type"))
        if kinds[0] != kinds[1]:
            widens = kinds == ("integer", "number") or kinds[1] is None
            narrows = kinds == ("number", "integer") or kinds[0] is None
            yield self.breaks(role, widens, narrows), place, f"the type {kinds[0]} is now {kinds[1]}"
        one, other = choices(old), choices(new)
        if (one is None) != (other is None):
            what = "is a closed list" if one is None else "is no closed list"
            yield self.breaks(role, other is None, one is None), place, what
        elif one is not None:
            for value in sorted(one - other):
                yield role == REQUEST, place, f"the value {value} is gone"
            for value in sorted(other - one):
                yield role == ANSWER, place, f"the value {value} is new"
        for keys, is_lower in ((LOWER, True), (UPPER, False)):
            for key in keys:
                first, second = old.get(key), new.get(key)
                if first == second:
                    continue
                widens = second is None or (first is not None and (second < first) == is_lower)
                yield self.breaks(role, widens, not widens), place, f"{key} {first} is now {second}"
        for key in FORMS:
            first, second = old.get(key), new.get(key)
            if first != second:
                widens = second is None or (first, second) in WIDER
                narrows = first is None or (second, first) in WIDER
                yield self.breaks(role, widens, narrows), place, f"{key} {first} is now {second}"

    @staticmethod
    def breaks(role, widens, narrows):
        """Whether a change breaks clients; one that neither only widens nor only narrows breaks both ways."""
        return not (widens if role == REQUEST else narrows)

    def members(self, place, old, new, role):
        before, after = old.get("properties", {}), new.get("properties", {})
        asked, now_asked = set(old.get("required", [])), set(new.get("required", []))
        for name in sorted(before.keys() | after.keys()):
            where = f"{place}.{name}"
            if name not in after:
                yield True, where, "is gone"
                continue
            if name not in before:
                is_breaking = role == REQUEST and name in now_asked
                yield is_breaking, where, "is new and required" if name in now_asked else "is new and optional"
                continue
            if (name in asked) != (name in now_asked):
                is_required = name in now_asked
                yield is_required == (role == REQUEST), where, "is now required" if is_required else "is now optional"
            yield from self.differences(where, before[name], after[name], role)


def tag(schema):
    return schema.get("discriminator", {}).get("propertyName")


def choices(schema):
    """The values of a closed list as text, or None where any value of the type is allowed."""
    values = [schema["const"]] if "const" in schema else schema.get("enum")
    return None if values is None else {json.dumps(value) for value in values}


def judge(old, new, accepted):
    """The faults of a contract against the last release: what fails the gate, in sentences."""
    breaking = Difference(old, new).breaking
    listed = {difference for differences in accepted.values() for difference in differences}
    faults = [f"{difference}: is listed and not found" for difference in sorted(listed - set(breaking))]
    if version(new) < version(old):
        faults.append(f"the version {version(new)} is older than the released {version(old)}")
    if version(new) > version(old):
        return faults
    return [difference for difference in breaking if difference not in listed] + faults


def load(path):
    return json.loads(Path(path).read_text())


def compare(old, new):
    """Prints every difference between two documents."""
    difference = Difference(old, new)
    for title, found in (("breaking", difference.breaking), ("compatible", difference.compatible)):
        print(f"{title}: {len(found)}")
        for sentence in found:
            print(f"    {sentence}")
    return 1 if difference.breaking else 0


def gate():
    contract = load(CONTRACT)
    date = version(contract)
    if f"\n## {date}" not in CHANGELOG.read_text():
        print(f"docs/api-changelog.md has no entry for the version {date}", file=sys.stderr)
        return 1
    released = sorted(RELEASED.glob("*.json"))
    if not released:
        print(f"nothing is released: the contract of {date} has nothing to be compared with")
        return 0
    last = load(released[-1])
    if version(last) != released[-1].stem:
        print(f"{released[-1].name} is the contract of {version(last)}", file=sys.stderr)
        return 1
    faults = judge(last, contract, load(COMPATIBLE))
    if date > version(last):
        print(f"{date} is newer than the release {version(last)}; against that:")
        compare(last, contract)
    for fault in faults:
        print(f"    {fault}")
    if faults:
        print(f"{len(faults)} differences break clients of {version(last)}: see docs/versioning.md", file=sys.stderr)
    else:
        print(f"clients of {version(last)} are kept")
    return 1 if faults else 0


def main(arguments):
    if len(arguments) == 2:
        return compare(load(arguments[0]), load(arguments[1]))
    return gate()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
