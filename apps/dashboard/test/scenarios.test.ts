import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyDraft } from "../src/portfolio/draft";
import { storyOf } from "../src/portfolio/scenarios";

const example = { name: "Risk-Off Shock", description: "The sell-off of 2001." };
const draft = { ...emptyDraft(), ...example };

test("an example's story is told only while the book is as it came", () => {
  const told = (origin: "own" | "example" | "stored", isAsLoaded: boolean, change = {}): string =>
    storyOf({ origin, isAsLoaded, draft: { ...draft, ...change } }, [example]);
  assert.equal(told("example", true), example.description);
  assert.equal(told("example", false), "Changed from the example Risk-Off Shock.", "by a slider");
  assert.equal(told("own", false), "Changed from the example Risk-Off Shock.", "in the editor");
  assert.equal(told("own", true), "Changed from the example Risk-Off Shock.", "and kept so");
  assert.equal(told("own", true, { name: "Household", description: "" }), "Household");
  assert.equal(told("own", true, { name: "", description: "" }), "Own portfolio");
});
