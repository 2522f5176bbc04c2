#!/usr/bin/env python3
"""Holds tests/contract_diff.py: each kind of breaking difference beside its nearest compatible one, as docs/versioning.md lists them."""

import copy
import unittest

import contract_diff

ASKED = {
    "type": "object",
    "additionalProperties": False,
    "required": ["value"],
    "properties": {
        "value": {"type": "number", "minimum": 0, "maximum": 10},
        "name": {"type": "string", "maxLength": 8},
        "method": {"type": "string", "enum": ["a", "b"]},
        "days": {"type": "integer", "format": "int32", "default": 30},
        "tag": {"type": ["string", "null"]},
        "part": {"$ref": "#/components/schemas/Part"},
    },
}
ANSWERED = {
    "type": "object",
    "required": ["total", "state", "shape"],
    "properties": {
        "total": {"type": "integer", "minimum": 0},
        "note": {"type": "string"},
        "state": {"type": "string", "enum": ["open", "done"]},
        "shape": {
            "oneOf": [{"$ref": "#/components/schemas/Round"}, {"$ref": "#/components/schemas/Square"}],
            "discriminator": {"propertyName": "kind"},
        },
        "rows": {"type": "array", "maxItems": 9, "items": {"type": "number"}},
        "tree": {"$ref": "#/components/schemas/Tree"},
        "map": {"type": "object", "additionalProperties": {"type": "integer"}},
    },
}


def text(kind):
    return {"type": "object", "properties": {"kind": {"type": "string", "enum": [kind]}}}


DOCUMENT = {
    "openapi": "3.1.0",
    "paths": {
        "/plans": {
            "post": {
                "operationId": "create_plan",
                "parameters": [
                    {"$ref": "#/components/parameters/ApiVersion"},
                    {"name": "limit", "in": "query", "required": False, "schema": {"type": "integer", "maximum": 50}},
                ],
                "requestBody": {
                    "required": False,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Asked"}}},
                },
                "responses": {
                    "200": {
                        "headers": {"Location": {"schema": {"type": "string"}}},
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Answered"}},
                            "text/csv": {"schema": {"type": "string"}},
                        },
                    },
                    "400": {"content": {"application/problem+json": {"schema": {"type": "object"}, "examples": {"bad": {}}}}},
                },
            },
            "get": {"operationId": "list_plans", "responses": {"200": {}}},
        },
        "/health": {"get": {"operationId": "get_health", "responses": {"200": {}}}},
    },
    "components": {
        "parameters": {
            "ApiVersion": {"name": "API-Version", "in": "header", "schema": {"$ref": "#/components/schemas/ApiVersion"}}
        },
        "schemas": {
            "ApiVersion": {"type": "string", "enum": ["2026-11-28"]},
            "Asked": ASKED,
            "Answered": ANSWERED,
            "Part": {"allOf": [{"$ref": "#/components/schemas/Base"}, {"type": "object", "properties": {"b": {"type": "string"}}}]},
            "Base": {"type": "object", "properties": {"a": {"type": "string"}}},
            "Round": text("round"),
            "Square": text("square"),
            "Tree": {
                "type": "object",
                "properties": {"leaf": {"type": "boolean"}, "below": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}},
            },
            "Line": {"type": "object", "required": ["index"], "properties": {"index": {"type": "integer"}}},
        },
    },
}

PLAN = "paths/|plans/post"
ASK = "components/schemas/Asked"
ANSWER = "components/schemas/Answered"
GONE = object()


def changed(*changes):
    """The document with values replaced, added or, for GONE, taken away. `|` stands for a slash within a key."""
    document = copy.deepcopy(DOCUMENT)
    for place, value in changes:
        keys = [key.replace("|", "/") for key in place.split("/")]
        at = document
        for key in keys[:-1]:
            at = at[int(key)] if isinstance(at, list) else at.setdefault(key, {})
        if value is GONE:
            del at[keys[-1]]
        else:
            at[keys[-1]] = value
    return document


A, B = f"{ASK}/properties", f"{ANSWER}/properties"
OK_200, BAD_400 = f"{PLAN}/responses/200", f"{PLAN}/responses/400"
LIMIT = f"{PLAN}/parameters"
TAKEN = f"{PLAN}/requestBody/content"
PROBLEMS = f"{BAD_400}/content/application|problem+json/examples"
COUNTS = f"{B}/map/additionalProperties"
VERSION = {"$ref": "#/components/parameters/ApiVersion"}
TAGGED = {"propertyName": "kind"}
ROUND, SQUARE, TREE = ({"$ref": f"#/components/schemas/{name}"} for name in ("Round", "Square", "Tree"))


def limit(maximum=50, **members):
    return [VERSION, {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": maximum}, **members}]


def with_another(**members):
    return [*limit(), {"name": "after", "in": "query", **members}]


# What it is; what breaks, and what its nearest neighbour is that does not.
PAIRS = [
    ("a path", [("paths/|health", GONE)], [("paths/|new", {"get": {"operationId": "get_new", "responses": {}}})]),
    ("an operation", [("paths/|plans/get", GONE)], [("paths/|plans/delete", {"operationId": "delete", "responses": {}})]),
    ("its id", [(f"{PLAN}/operationId", "make_plan")], [(f"{PLAN}/summary", "Makes a plan")]),
    ("its mark", [("paths/|plans/get", GONE)], [("paths/|plans/get/deprecated", True)]),
    ("authentication", [(f"{PLAN}/security", [{"key": []}])], [(f"{PLAN}/security", [{}, {"key": []}])]),
    ("a parameter", [(LIMIT, [VERSION])], [(LIMIT, with_another(schema={"type": "string"}))]),
    ("a new parameter", [(LIMIT, with_another(required=True))], [(LIMIT, with_another(required=False))]),
    ("a required parameter", [(LIMIT, limit(required=True))], [(LIMIT, limit(required=False))]),
    ("a parameter's range", [(LIMIT, limit(40))], [(LIMIT, limit(60))]),
    ("a body", [(f"{PLAN}/requestBody", GONE)], [("paths/|plans/get/requestBody", {"content": {}})]),
    ("a required body", [(f"{PLAN}/requestBody/required", True)], [(f"{PLAN}/requestBody/required", False)]),
    ("a media type of a body", [(f"{TAKEN}/application|json", GONE)], [(f"{TAKEN}/application|cbor", {})]),
    ("a member of a request", [(f"{A}/name", GONE)], [(f"{A}/title", {"type": "string"})]),
    ("a new member of a request", [(f"{A}/title", {"type": "string"}), (f"{ASK}/required", ["value", "title"])], [(f"{A}/title", {})]),
    ("a required member", [(f"{ASK}/required", ["value", "name"])], [(f"{ASK}/required", [])]),
    ("a request's type", [(f"{A}/value/type", "integer")], [(f"{A}/days/type", "number")]),
    ("null in a request", [(f"{A}/tag/type", "string")], [(f"{A}/name/type", ["string", "null"])]),
    ("an enum of a request", [(f"{A}/method/enum", ["a"])], [(f"{A}/method/enum", ["a", "b", "c"])]),
    ("a closed list of a request", [(f"{A}/name/enum", ["x"])], [(f"{A}/method/enum", GONE)]),
    ("a maximum", [(f"{A}/value/maximum", 9)], [(f"{A}/value/maximum", 11)]),
    ("a minimum", [(f"{A}/value/minimum", 1)], [(f"{A}/value/minimum", -1)]),
    ("a new bound", [(f"{A}/days/minimum", 1)], [(f"{A}/value/minimum", GONE)]),
    ("a length", [(f"{A}/name/maxLength", 7)], [(f"{A}/name/maxLength", 9)]),
    ("a pattern", [(f"{A}/name/pattern", "^a")], [(f"{A}/days/format", "int64")]),
    ("a default", [(f"{A}/days/default", 20)], [(f"{A}/days/description", "Default 30.")]),
    ("members that are not named", [("components/schemas/Base/additionalProperties", False)], [(f"{ASK}/additionalProperties", True)]),
    ("within a part", [("components/schemas/Base/properties/a/maxLength", 3)], [("components/schemas/Base/properties/c", {})]),
    ("a success", [(OK_200, GONE)], [(BAD_400, GONE)]),
    ("a new status", [(f"{PLAN}/responses/201", {})], [(f"{OK_200}/description", "A plan")]),
    ("a new refusal", [(f"{PLAN}/responses/409", {})], [(f"{BAD_400}/description", "A problem")]),
    ("a new problem", [(f"{PROBLEMS}/worse", {})], [(f"{PROBLEMS}/bad", {"value": 1})]),
    ("a header", [(f"{OK_200}/headers/Location", GONE)], [(f"{OK_200}/headers/ETag", {"schema": {"type": "string"}})]),
    ("a header's type", [(f"{OK_200}/headers/Location/schema/type", "integer")], [(f"{OK_200}/headers/Location/schema/maxLength", 99)]),
    ("a form of an answer", [(f"{OK_200}/content/text|csv", GONE)], [(f"{OK_200}/content/text|html", {})]),
    ("a member of an answer", [(f"{B}/note", GONE)], [(f"{B}/remark", {"type": "string"})]),
    ("a member always there", [(f"{ANSWER}/required", ["state", "shape"])], [(f"{ANSWER}/required", ["total", "state", "shape", "note"])]),
    ("an answer's type", [(f"{B}/total/type", "number")], [(f"{B}/rows/items/type", "integer")]),
    ("null in an answer", [(f"{B}/note/type", ["string", "null"])], [(f"{B}/note/maxLength", 9)]),
    ("an enum of an answer", [(f"{B}/state/enum", ["open", "done", "lost"])], [(f"{B}/state/enum", ["open"])]),
    ("a range of an answer", [(f"{B}/total/minimum", -1)], [(f"{B}/total/minimum", 1)]),
    ("a length of an answer", [(f"{B}/rows/maxItems", 10)], [(f"{B}/rows/maxItems", 8)]),
    ("values of a map", [(f"{COUNTS}/type", "string")], [(f"{COUNTS}/minimum", 0)]),
    ("a variant", [(f"{B}/shape/oneOf", [ROUND, SQUARE, TREE])], [(f"{B}/shape", {"oneOf": [ROUND], "discriminator": TAGGED})]),
    ("what tells variants apart", [(f"{B}/shape/discriminator", {"propertyName": "form"})], [(f"{B}/shape/oneOf", [SQUARE, ROUND])]),
    ("a type within itself", [("components/schemas/Tree/properties/leaf/type", "string")], [("components/schemas/Tree/properties/x", {})]),
    ("the name of a type", [("components/schemas/Line", GONE)], [("components/schemas/Row", {})]),
    ("a type without a link", [("components/schemas/Line/required", [])], [("components/schemas/Line/properties/x", {})]),
]
LATER = ("components/schemas/ApiVersion/enum", ["2027-06-01"])
EARLIER = ("components/schemas/ApiVersion/enum", ["2025-06-01"])


class Differences(unittest.TestCase):
    def test_each_kind_is_told_from_its_compatible_neighbour(self):
        for name, breaking, compatible in PAIRS:
            with self.subTest(name):
                found = contract_diff.Difference(DOCUMENT, changed(*breaking)).breaking
                self.assertTrue(found, "not seen")
                found = contract_diff.Difference(DOCUMENT, changed(*compatible)).breaking
                self.assertEqual(found, [])

    def test_a_document_does_not_differ_from_itself(self):
        difference = contract_diff.Difference(DOCUMENT, copy.deepcopy(DOCUMENT))
        self.assertEqual((difference.breaking, difference.compatible), ([], []))

    def test_a_shared_type_breaks_by_the_side_it_stands_on(self):
        both = changed((f"{B}/part", {"$ref": "#/components/schemas/Part"}))
        for change, role in (({"maxLength": 3}, "request"), ({"type": ["string", "null"]}, "answer")):
            new = copy.deepcopy(both)
            new["components"]["schemas"]["Base"]["properties"]["a"].update(change)
            found = contract_diff.Difference(both, new).breaking
            self.assertEqual(len(found), 1, found)
            self.assertIn(f"({role})", found[0])


class Verdicts(unittest.TestCase):
    BREAKING = (f"{B}/note", GONE)
    SENTENCE = "Answered (answer).note: is gone"

    def test_what_breaks_needs_a_newer_version(self):
        self.assertEqual(contract_diff.judge(DOCUMENT, changed(self.BREAKING), {}), [self.SENTENCE])
        self.assertEqual(contract_diff.judge(DOCUMENT, changed(self.BREAKING, LATER), {}), [])
        self.assertEqual(contract_diff.judge(DOCUMENT, changed((f"{B}/remark", {})), {}), [])

    def test_the_version_itself_is_no_difference(self):
        self.assertEqual(contract_diff.Difference(DOCUMENT, changed(LATER)).breaking, [])

    def test_a_version_does_not_go_back(self):
        self.assertEqual(len(contract_diff.judge(DOCUMENT, changed(EARLIER), {})), 1)

    def test_a_listed_difference_is_let_through_and_is_really_there(self):
        listed = {"nobody reads it": [self.SENTENCE]}
        self.assertEqual(contract_diff.judge(DOCUMENT, changed(self.BREAKING), listed), [])
        self.assertEqual(len(contract_diff.judge(DOCUMENT, DOCUMENT, listed)), 1)


if __name__ == "__main__":
    unittest.main()
