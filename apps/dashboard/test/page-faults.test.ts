/** Faults of the page that need neither a browser nor a service; `tests/browser/README.md` lists where each of them is held. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { daysOf } from "../src/charts/days";
import type { Plan, PlanRequest } from "../src/api/types";
import { flagInWords, measureInWords } from "../src/decision/words";
import { datesOf } from "../src/display/statistics";
import { MAX_FILE_BYTES } from "../src/import/content";
import { remainingDrift } from "../src/decision/orders";
import { groupedWarnings } from "../src/decision/warnings";
import { emptyAsset, emptyDraft } from "../src/portfolio/draft";
import { SETTINGS } from "../src/portfolio/parameters";
import { limitsInWords } from "../src/portfolio/verdict-levels";
import { draftOf, requestOf } from "../src/portfolio/wire";
import { CONTROLS, controlInWords } from "../src/controls/catalogue";
import { Session } from "../src/session";

const fetchOfNode = globalThis.fetch;
afterEach(() => (globalThis.fetch = fetchOfNode));

/** A service that answers each route with the same document and keeps what it was asked. */
function serviceThat(answers: (path: string) => Response): { path: string; body: string }[] {
  const asked: { path: string; body: string }[] = [];
  globalThis.fetch = (path, init) => {
    asked.push({ path: String(path), body: String(init?.body) });
    return Promise.resolve(answers(String(path)));
  };
  return asked;
}

// Page fault 9
test("work is what is nowhere else, and a book that was changed is work", () => {
  const session = new Session();
  assert.equal(session.hasWork, false);
  session.load({ assets: [{ asset: "A", target_weight: 1, current_weight: 1 }] }, "example");
  assert.equal(session.hasWork, false, "an example can be loaded again");
  session.edit({ name: "Mine" });
  assert.equal(session.hasWork, true);
  session.markSafe(session.draft);
  assert.equal(session.hasWork, false, "it is saved");
});

// Page fault 10
test("a plan that nobody committed is a draft that nobody stores", async () => {
  const asked = serviceThat(() => new Response("{}", { status: 400 }));
  const session = new Session();
  session.load({ portfolio_value: 1000, assets: [{ asset: "A", target_weight: 1, current_weight: 1 }] }, "example");
  await session.plan();
  const [planned] = asked.filter(({ path }) => path === "/api/rebalance");
  assert.equal((JSON.parse(planned?.body ?? "{}") as { store?: boolean }).store, false);
});

// Page fault 14
test("what remains is against the target of the policy, whatever the optimizer aimed at", () => {
  const weight = { weight_after: 0.31, target_weight: 0.3, optimized_target_weight: 0.31 } as Plan["weights"][number];
  assert.ok(Math.abs(remainingDrift(weight) - 0.01) < 1e-12);
});

// Page fault 24
test("a link that leads to no plan is a failure, and nothing to wait for", async () => {
  const problem = { type: "/problems/not-found", title: "Not found", status: 404, detail: "there is no plan of this id" };
  serviceThat(() => Response.json(problem, { status: 404, headers: { "Content-Type": "application/problem+json" } }));
  const session = new Session();
  assert.equal(await session.open("7c9e6679-f5a3-4b2c-8d1e-0f3a4b5c6d7e"), false);
  assert.deepEqual([session.failure?.kind, session.failure?.title], ["failed", "The plan cannot be opened"]);
});

test("equal warnings are one, with all their places", () => {
  const missing = { code: "history_missing", detail: "no history was sent" };
  const plan = {
    weights: [{ asset: "A" }, { asset: "B" }],
    warnings: [0, 1].map((i) => ({ ...missing, pointer: `/assets/${i}/historical_returns` })),
    data_quality: { assets: [] },
  } as unknown as Plan;
  assert.deepEqual(
    groupedWarnings(plan).map(({ detail, places }) => [detail, places]),
    [["no history was sent", ["A, historical returns", "B, historical returns"]]],
  );
});

test("the dates of a request come back as they were read, while every history has one", () => {
  const assets = [
    { asset: "A", target_weight: 0.5, current_weight: 0.5, historical_returns: [0.01, 0.02] },
    { asset: "B", target_weight: 0.5, current_weight: 0.5, historical_returns: [0.01] },
  ];
  const draft = draftOf({ portfolio_value: 1, dates: ["2026-01-05", "2026-01-06"], assets });
  assert.deepEqual(requestOf(draft).dates, ["2026-01-05", "2026-01-06"]);
  assert.equal(requestOf({ ...draft, assets: [emptyAsset({ asset: "A", history: [0.01] })] }).dates, undefined);
});

// Page fault 8
test("a limit has one name, and no two limits share one", () => {
  for (const code of ["var_95", "turnover", "implausible_inputs"]) assert.equal(flagInWords(code), measureInWords(code));
  const measures = [
    "volatility",
    "var_95",
    "cvar_95",
    "tracking_error",
    "stress_loss",
    "concentration",
    "turnover",
    "net_cost",
    "data_shortfall",
  ].map(measureInWords);
  const labels = SETTINGS.flatMap((group) => group.parameters.map((parameter) => parameter.label));
  assert.equal(new Set([...measures, ...labels]).size, measures.length + labels.length);
});

// Page fault 8
test("a limit of the control policy has the name of the verdict's limit on the same figure", () => {
  const same = {
    concentration_name: "concentration",
    turnover: "turnover",
    tracking_error: "tracking_error",
    var_budget: "var_95",
  };
  for (const [control, measure] of Object.entries(same)) assert.equal(controlInWords(control), measureInWords(measure));
  assert.equal(controlInWords("drawdown_stop"), flagInWords("live_drawdown"));
  assert.equal(new Set(CONTROLS.map(({ label }) => label)).size, CONTROLS.length);
});

// Page fault 8
test("the limits of the verdict are shown before a plan, and are sent where they are changed", () => {
  const draft = emptyDraft();
  assert.match(limitsInWords(draft), /two-way turnover 18% \/ 36%; largest weight 40% \/ 60%/);
  assert.equal(requestOf(draft).verdict_limits, undefined, "the service's own");
  const changed = { ...draft, turnoverCritical: "90", riskWarning: "30%", relaxations: "1", weightWarning: "" };
  const limits = { turnover: { critical_above: 0.9 }, risk_budget: { warning_above: 0.3 }, relaxations_max: 1 };
  assert.deepEqual(requestOf(changed).verdict_limits, limits);
  assert.match(limitsInWords(changed), /two-way turnover 18% \/ 90%; largest weight 40% \/ 60%/);
  const back = draftOf({ verdict_limits: limits } as Partial<PlanRequest>);
  assert.deepEqual([back.turnoverWarning, back.turnoverCritical, back.riskWarning, back.relaxations], ["18", "90", "30", "1"]);
});

// Page fault 19
test("a file may be as large as the service takes", () => {
  const base64 = 4 * Math.ceil(MAX_FILE_BYTES / 3);
  const most = 8 * 1024 * 1024;
  assert.ok(MAX_FILE_BYTES > 4 * 1024 * 1024 && base64 < most && base64 > 0.95 * most, String(base64));
});

// Page fault 23
test("limits that belong together stand in one row of the two columns", () => {
  const group = SETTINGS.find(({ columns }) => columns === "two");
  const members = group?.parameters.map(({ member }) => member) ?? [];
  for (const [smallest, largest] of [
    ["lower", "upper"],
    ["cashMin", "cashMax"],
  ] as const) {
    const at = members.indexOf(smallest);
    assert.ok(at >= 0 && at % 2 === 0 && members[at + 1] === largest, `${smallest} begins a row`);
  }
  assert.ok(
    group?.parameters.every(({ when }) => when === undefined),
    "a field that hides would move the others",
  );
});

test("a chart carries the dates that were sent, and counts days where none were", () => {
  const dates = ["2026-01-02", "2026-01-05", "2026-01-06", "2026-01-07"];
  const dated = daysOf(datesOf(dates, 3), 4);
  assert.deepEqual(
    [dated.period, dated.day(0), dated.day(3)],
    ["from 2026-01-05 to 2026-01-07", "before 2026-01-05", "2026-01-07"],
  );
  const counted = daysOf(datesOf([], 3), 4);
  assert.deepEqual([counted.period, counted.day(3)], ["over 3 trading days", "day 3"]);
  assert.deepEqual(datesOf(dates, 5), []);
});

test("a plan names its benchmark", async () => {
  const { benchmarkInWords, lossInMoney, METRICS } = await import("../src/decision/risk");
  const of = (benchmark: object): Plan =>
    ({ currency: "USD", portfolio_value: 1000, value_after: 990, benchmark }) as unknown as Plan;
  assert.equal(benchmarkInWords(of({ kind: "returns", name: "S&P 500 TR" })), "Benchmark: S&P 500 TR.");
  assert.equal(benchmarkInWords(of({ kind: "policy", name: null })), "Benchmark: the targets, rebalanced daily.");
  const metric = METRICS.find(({ key }) => key === "var_95");
  assert.ok(metric);
  assert.deepEqual(
    [lossInMoney(metric, 0.02, of({}), "before"), lossInMoney(metric, 0.02, of({}), "after")],
    ["20.00 USD", "19.80 USD"],
  );
});
