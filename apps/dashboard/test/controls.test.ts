import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { ControlCheck, ControlPolicy } from "../src/api/types";
import { CONTROLS, controlFigure, controlInWords, durationInWords } from "../src/controls/catalogue";
import { beyond, demandOf, subjectInWords } from "../src/controls/checks";
import { refusalInWords } from "../src/controls/decide";
import { haltInWords, scopeInWords } from "../src/controls/halts";
import { differences, policyDraftOf, policyOf } from "../src/controls/policy-draft";

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../openapi/examples/${name}.json`, import.meta.url), "utf8"));
const usual = read("get_control_policy.answer") as ControlPolicy;

const full: ControlPolicy = {
  ...usual,
  currency: "USD",
  price_collar: { hard: 0.055, unknown: "soft" },
  order_notional: { soft: 25_000, hard: 100_000, unknown: "hard" },
  duplicate_plan: { hard: 0, window_seconds: 3600, unknown: "hard" },
  restricted_list: { no_purchases: ["XYZ", "ABC"], no_sales: [] },
  overrides: [
    {
      control: "order_notional",
      subject: "VTI",
      who: "Kim Lee",
      why: "transition",
      starts_at: "2026-11-27T09:00:00Z",
      ends_at: "2026-11-27T17:00:00Z",
    },
  ],
  approval: { required: true, maker_checker: false, price_age_seconds_max: 86_400 },
};

test("every control of the contract has a field and words", () => {
  const document = JSON.parse(readFileSync(new URL("../../../openapi/openapi.json", import.meta.url), "utf8")) as {
    components: { schemas: { ControlPolicy: { properties: object } } };
  };
  const members = Object.keys(document.components.schemas.ControlPolicy.properties);
  const others = ["format", "currency", "overrides", "approval", "restricted_list"];
  assert.deepEqual(CONTROLS.map(({ name }) => name).sort(), members.filter((name) => !others.includes(name)).sort());
  const labels = [...CONTROLS.map(({ label }) => label), controlInWords("restricted_list")];
  assert.equal(new Set(labels).size, labels.length);
});

test("a policy that is read and sent back is the same policy", () => {
  for (const policy of [usual, full]) assert.deepEqual(policyOf(policyDraftOf(policy)), JSON.parse(JSON.stringify(policy)));
  assert.equal(policyDraftOf(full).levels.price_collar.hard, "5.5", "shares are typed in percent");
});

test("what is typed is sent as a limit, and an emptied control is not checked", () => {
  const draft = policyDraftOf(full);
  draft.levels.turnover = { soft: "", hard: "", unknown: "hard", window: "" };
  draft.levels.concentration_name = { soft: "14.5%", hard: "60", unknown: "soft", window: "" };
  draft.levels.plan_notional.hard = "1,250,000.50";
  draft.levels.leverage.hard = "41,244";
  draft.noPurchases = " XYZ\n\nXYZ\nQ ";
  const policy = policyOf(draft);
  assert.equal(policy.turnover, undefined);
  assert.deepEqual(policy.concentration_name, { soft: 0.145, hard: 0.6, unknown: "soft" });
  assert.equal(policy.plan_notional?.hard, 1_250_000.5);
  assert.equal(policy.leverage?.hard as unknown, "41,244", "what has two readings is sent as typed, for the service to refuse");
  assert.deepEqual(policy.restricted_list?.no_purchases, ["XYZ", "Q"]);
});

test("differences name the control and both limits", () => {
  const [before, after] = [policyDraftOf(usual), policyDraftOf(usual)];
  assert.deepEqual(differences(before, after), []);
  after.levels.turnover.soft = "40";
  after.levels.leverage.hard = "1";
  after.isRequired = true;
  assert.deepEqual(differences(before, after), [
    "Leverage, hard: none → 1",
    "Two-way turnover, soft: 36% → 40%",
    "Approval required: no → yes",
  ]);
});

test("a value is shown in the unit of its control", () => {
  assert.equal(controlFigure("turnover", 0.3612, "USD"), "36.12%");
  assert.equal(controlFigure("order_notional", 25_000, "USD"), "25,000.00 USD");
  assert.equal(controlFigure("stale_prices", 5400, "USD"), "1 h 30 min");
  assert.equal(controlFigure("duplicate_plan", 0, "USD"), "0");
  assert.equal(controlFigure("var_budget", null, "USD"), "—");
  assert.equal(durationInWords(90_061), "1 d 1 h");
  assert.equal(durationInWords(0), "0 s");
  assert.equal(controlInWords("a_new_one"), "a new one");
});

const check = (change: Partial<ControlCheck>): ControlCheck => ({
  control: "turnover",
  subject: "plan",
  subject_id: null,
  value: 0.4,
  limit: 0.36,
  outcome: "soft",
  ...change,
});

test("checks say what they are of, how far beyond, and what a person has to do", () => {
  assert.equal(beyond(check({}), "USD"), "4.00%");
  assert.equal(beyond(check({ value: 0.3, outcome: "pass" }), "USD"), "—");
  assert.equal(beyond(check({ value: null, outcome: "hard" }), "USD"), "—");
  assert.equal(subjectInWords(check({})), "The plan");
  assert.equal(subjectInWords(check({ subject: "order", subject_id: "B1", asset: "VTI" })), "Order of VTI");
  // In the answer of a plan an order is named by its asset alone.
  assert.equal(subjectInWords(check({ subject: "order", subject_id: null, asset: "VTI" })), "Order of VTI");
  assert.equal(subjectInWords(check({ subject: "group", subject_id: "core" })), "Group core");
  assert.equal(demandOf([]), "The policy has no limit for this plan.");
  assert.equal(demandOf([check({ outcome: "pass" })]), "Within every limit of the policy.");
  assert.match(demandOf([check({})]), /^Needs a comment to be approved: Two-way turnover/);
  assert.match(demandOf([check({}), check({ control: "leverage", outcome: "hard" })]), /^Cannot be approved: Leverage beyond/);
});

test("a refusal is told in words", () => {
  const refused = {
    kind: "refused",
    title: "The plan does not stand so",
    detail: "The plan stays as it was: it was rejected.",
  } as const;
  assert.equal(
    refusalInWords({ ...refused, faults: [{ pointer: "/comment", code: "required", detail: "is required" }] as never }),
    "A comment is required.",
  );
  assert.equal(
    refusalInWords({ ...refused, faults: [] }),
    "The plan does not stand so. The plan stays as it was: it was rejected.",
  );
  const hard = refusalInWords({ ...refused, faults: [], checks: [check({ outcome: "hard" })] });
  assert.equal(hard, "The plan stays as it was. Cannot be approved: Two-way turnover beyond a hard limit.");
});

test("a halt says what it stops, who ordered it, since when and why", () => {
  assert.deepEqual(["all", "actor:desk:lee", "reference:order 7"].map(scopeInWords), [
    "everything",
    "what desk:lee asks for",
    "plans of the reference order 7",
  ]);
  const entry = {
    scope: "all",
    actor: "api",
    halted_at: "2026-01-02T03:04:05.678901Z",
    reason: "prices are wrong.",
    sequence: 7,
  };
  assert.equal(haltInWords(entry), "everything, by api since 2026-01-02 03:04:05 UTC: prices are wrong.");
});
