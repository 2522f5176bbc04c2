import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { gunzipSync } from "node:zlib";
import type { BacktestRequest, BacktestResult } from "../src/api/types";
import { backtestCsv } from "../src/backtest/csv";
import { bookOn, planOfDay, weightsOf } from "../src/backtest/day";
import { decidedOn } from "../src/backtest/decided";
import { returnsOf, SHIPPED } from "../src/backtest/histories";
import { studyOf } from "../src/backtest/study";
import { studyNameOf } from "../src/backtest/study-name";
import { warningsInWords } from "../src/backtest/warnings";
import { emptyAsset, emptyDraft } from "../src/portfolio/draft";

const history = (value: number, count = 70): number[] => Array.from({ length: count }, () => value);

function draft() {
  return {
    ...emptyDraft(),
    entry: "weights" as const,
    value: "100000",
    threshold: "3",
    assets: [
      emptyAsset({ asset: "A", target: "60", history: history(0.01, 71) }),
      emptyAsset({ asset: "B", target: "40", history: history(0) }),
    ],
  };
}

test("a study takes weights, histories of one length, bands and costs from the book", () => {
  const study = studyOf(draft(), ["hold", "own", "optimal"], "12.5");
  assert.ok("request" in study);
  const { returns, policies, initial_value } = study.request;
  assert.deepEqual(
    Object.values(returns ?? {}).map((series) => series.length),
    [70, 70],
  );
  assert.equal(initial_value, 100_000);
  assert.deepEqual(
    policies.map(({ kind, band, weights, transaction_cost_bps }) => [kind, band, weights, transaction_cost_bps]),
    [
      ["buy_and_hold", undefined, [0.6, 0.4], 12.5],
      ["band", 0.03, [0.6, 0.4], 12.5],
      ["optimal", undefined, [0.6, 0.4], 12.5],
    ],
  );
});

test("the portfolio's own plan is sent with what decides it, and without what is about today", () => {
  const book = {
    ...draft(),
    model: "ensemble_v3",
    trackingError: "2",
    turnover: "40",
    intent: "buy_only" as const,
    bandWidening: "2",
  };
  book.assets[0] = { ...emptyAsset({ asset: "A", target: "60", history: history(0.01, 71) }), lot: "10", marketReturn: "1" };
  const study = studyOf(book, ["planned"], "12.5");
  assert.ok("request" in study);
  const [policy] = study.request.policies;
  assert.deepEqual([policy?.kind, policy?.rebalance, policy?.weights], ["plan", "monthly", undefined]);
  const plan = policy?.plan;
  assert.deepEqual(
    [plan?.forecast_model, plan?.tracking_error_budget, plan?.turnover_limit, plan?.drift_threshold, plan?.transaction_cost_bps],
    ["ensemble_v3", 0.02, 0.4, 0.03, 12.5],
  );
  for (const member of ["intent", "trigger", "regime_band_widening", "monte_carlo"]) assert.ok(!(member in (plan ?? {})), member);
  assert.deepEqual(
    plan?.assets.map((asset) => [
      asset.asset,
      asset.target_weight,
      "lot_size" in asset,
      "market_return" in asset,
      "historical_returns" in asset,
    ]),
    [
      ["A", 0.6, false, false, false],
      ["B", 0.4, false, false, false],
    ],
  );
});

test("weights and plans follow the series where their names are numbers", () => {
  const book = { ...draft() };
  book.assets = [
    emptyAsset({ asset: "B", target: "40", history: history(0) }),
    emptyAsset({ asset: "7203", target: "60", history: history(0.01) }),
  ];
  const study = studyOf(book, ["hold", "planned"], "");
  assert.ok("request" in study);
  assert.deepEqual(Object.keys(study.request.returns ?? {}), ["7203", "B"]);
  assert.deepEqual(study.request.policies[0]?.weights, [0.6, 0.4]);
  assert.deepEqual(
    study.request.policies[1]?.plan?.assets.map((asset) => asset.asset),
    ["7203", "B"],
  );
});

test("a shipped history is replayed in equal weights on its own days, and is no history of the portfolio's plan", () => {
  const table = "date,A,B,SP500_INDEX\n2020-01-02,10,4,1\n2020-01-03,11,4,2\n2020-01-06,5.5,5,3\n";
  const shipped = returnsOf(table);
  assert.deepEqual(shipped, { dates: ["2020-01-03", "2020-01-06"], returns: { A: [0.1, -0.5], B: [0, 0.25] } });
  const study = studyOf(draft(), ["hold", "own"], "10", shipped);
  assert.ok("request" in study);
  assert.deepEqual(study.request.returns, shipped.returns);
  assert.deepEqual(study.request.dates, shipped.dates);
  assert.deepEqual(
    study.request.policies.map(({ weights, band }) => [weights, band]),
    [
      [[0.5, 0.5], undefined],
      [[0.5, 0.5], 0.03],
    ],
  );
  const planned = studyOf(draft(), ["planned"], "10", shipped);
  assert.match("reason" in planned ? planned.reason : "", /one of its own assets/);
  assert.throws(() => returnsOf("date,A\n2020-01-02,10\n2020-01-03,\n"), /A has a day without a price/);
});

test("every shipped history is a file of the service, and says what flatters it", () => {
  for (const { id, caveat } of SHIPPED) {
    const { dates, returns } = returnsOf(
      gunzipSync(readFileSync(new URL(`../../../data/${id}.csv.gz`, import.meta.url))).toString(),
    );
    assert.ok(dates.length > 4_000 && Object.keys(returns).length >= 20, id);
    assert.match(caveat, /survived until 2022/);
    const sent = planOfDay(
      {
        returns: Object.fromEntries(Object.entries(returns).map(([name, series]) => [name, [...series]])),
        initial_value: 1e6,
        policies: [],
      },
      { name: "hold", kind: "buy_and_hold" },
      { decisions: [] } as unknown as BacktestResult,
      0,
      dates.length,
      "USD",
    );
    const lengths = (sent.assets ?? []).map((asset) => asset.historical_returns?.length ?? 0);
    assert.ok(lengths.reduce((sum, length) => sum + length, 0) <= 100_000, `${id}: ${lengths[0]}`);
  }
});

test("a day of a plan policy is planned with its own settings", () => {
  const plan = {
    method: "optimal" as const,
    transaction_cost_bps: 10,
    assets: [
      { asset: "A", target_weight: 3, asset_class: "equity" },
      { asset: "B", target_weight: 1 },
    ],
  };
  const policy = { name: "own", kind: "plan" as const, plan } as unknown as BacktestRequest["policies"][number];
  const replayed = { decisions: [] } as unknown as BacktestResult;
  const sent = planOfDay(
    { returns: { A: [1, 0], B: [0, 0] }, initial_value: 100, policies: [policy] },
    policy,
    replayed,
    0,
    1,
    "EUR",
  );
  assert.deepEqual([sent.method, sent.transaction_cost_bps, sent.portfolio_value, sent.currency], ["optimal", 10, 175, "EUR"]);
  assert.deepEqual(
    sent.assets?.map((asset) => [
      asset.asset,
      asset.asset_class,
      asset.target_weight,
      asset.current_weight,
      asset.historical_returns,
    ]),
    [
      ["A", "equity", 0.75, 150 / 175, [1]],
      ["B", undefined, 0.25, 25 / 175, [0]],
    ],
  );
});

test("the dates of the newest returns are sent, and only if they are dates in order", () => {
  const days = (count: number): string[] =>
    Array.from({ length: count }, (_, i) => new Date(Date.UTC(2024, 0, 1 + i)).toISOString().slice(0, 10));
  const sent = (dates: string[]): readonly string[] | null | undefined => {
    const study = studyOf({ ...draft(), dates }, ["hold"], "");
    return "request" in study ? study.request.dates : undefined;
  };
  assert.deepEqual(sent(days(71)), days(71).slice(1));
  assert.equal(sent(days(69)), undefined);
  assert.equal(sent(days(70).reverse()), undefined);
  assert.equal(sent(days(70).map((day) => `${day}T00:00`)), undefined);
});

test("what cannot be replayed says why", () => {
  const reason = (change: object, choices: ("hold" | "optimal")[] = ["hold"], cost = "10"): string => {
    const study = studyOf({ ...draft(), ...change }, choices, cost);
    return "reason" in study ? study.reason : "";
  };
  assert.match(reason({ assets: [] }), /needs a book/);
  assert.match(reason({ assets: [emptyAsset({ asset: "A", target: "60" })] }), /A has no history/);
  assert.match(reason({}, []), /at least one policy/);
  assert.match(reason({}, ["hold"], "ten"), /ten is no number/);
  const short = [emptyAsset({ asset: "A", target: "100", history: history(0, 61) })];
  assert.match(reason({ assets: short }, ["optimal"]), /needs 62 returns of each asset; there are 61/);
  assert.match(reason({ assets: [emptyAsset({ asset: "A", history: history(0) })] }), /target weights/);
});

const request: BacktestRequest = {
  returns: { A: [1, 0, 0], B: [0, 0, 0] },
  initial_value: 100,
  policies: [{ name: "5/25", kind: "band", weights: [0.5, 0.5], band: 0.05, transaction_cost_bps: 10 }],
};
const result = {
  decisions: [
    {
      day: 1,
      value_before: 150,
      turnover_two_way: 1 / 3,
      trades: [
        { asset: "A", signed_trade_value: -25, cost: 0.5 },
        { asset: "B", signed_trade_value: 24, cost: 0.5 },
      ],
    },
  ],
} as unknown as BacktestResult;

test("the decision of a day has the book before and after, and says what was outside its band", () => {
  const [policy] = request.policies;
  const [decision] = result.decisions;
  assert.ok(policy && decision);
  const { lines, reason } = decidedOn(request, policy, result, 0, decision);
  // 100 and 50 before; 25 of A pay for 24 of B and the costs of 1: 75 and 74 of 149.
  assert.deepEqual(lines, [
    { name: "A", before: 100 / 150, target: 0.5, after: 75 / 149, traded: -25, cost: 0.5 },
    { name: "B", before: 50 / 150, target: 0.5, after: 74 / 149, traded: 24, cost: 0.5 },
    { name: "Cash", before: 0, target: 0, after: 0, traded: 0, cost: 0 },
  ]);
  assert.match(reason, /^It looks every day\. Outside its band: A, 66\.67% against 50\.00% ± 5\.00%; B, 33\.33% against/);
  const of = (change: object): string => decidedOn(request, { ...policy, ...change }, result, 0, decision).reason;
  assert.match(of({ band: "self", destination: 1 }), /traded to the edge of its band.* follow from the costs/);
  assert.match(of({ kind: "fixed_weights", rebalance: "quarterly" }), /on the first day of each quarter/);
  assert.match(of({ kind: "optimal" }), /plans on the first day of each month by the optimal method/);
  const held = decidedOn(request, { ...policy, kind: "plan" }, result, 0, { ...decision, trades: [] });
  assert.match(held.reason, /trades nothing/);
  assert.deepEqual(
    held.lines.map(({ before, after }) => before === after),
    [true, true, true],
  );
});

test("a plan's targets are found by name, in whatever order its assets are", () => {
  const plan = {
    assets: [
      { asset: "B", target_weight: 1 },
      { asset: "A", target_weight: 3 },
    ],
  };
  const policy = { name: "own", kind: "plan" as const, plan } as unknown as BacktestRequest["policies"][number];
  assert.deepEqual(weightsOf(policy, ["A", "B"]), [0.75, 0.25]);
  const sent = planOfDay(
    { returns: { A: [1, 0], B: [0, 0] }, initial_value: 100, policies: [policy] },
    policy,
    { decisions: [] } as unknown as BacktestResult,
    0,
    1,
    "EUR",
  );
  assert.deepEqual(
    sent.assets?.map((asset) => [asset.asset, asset.target_weight, asset.current_weight, asset.historical_returns]),
    [
      ["B", 0.25, 25 / 175, [0]],
      ["A", 0.75, 150 / 175, [1]],
    ],
  );
});

test("the book of a day follows from returns and trades", () => {
  assert.deepEqual(bookOn(request, result, [0.5, 0.5], 0, 1), { values: [100, 50], cash: 0 });
  assert.deepEqual(bookOn(request, result, [0.5, 0.5], 0, 3), { values: [75, 74], cash: 0 });
});

test("the plan of a day has the weights of that day and the returns up to it", () => {
  const [policy] = request.policies;
  assert.ok(policy);
  const plan = planOfDay(request, policy, result, 0, 1, "EUR");
  assert.deepEqual(
    [plan.portfolio_value, plan.currency, plan.drift_threshold, plan.transaction_cost_bps],
    [150, "EUR", 0.05, 10],
  );
  assert.deepEqual(
    plan.assets?.map(({ current_weight, historical_returns }) => [current_weight, historical_returns]),
    [
      [100 / 150, [1]],
      [50 / 150, [0]],
    ],
  );
});

test("the file has a line for each day", () => {
  const answer = { first_day: 1, policies: [{ name: "a,b", wealth: [1, 1.5], drawdown: [0, 0.25] }] };
  assert.equal(
    backtestCsv(answer as unknown as Parameters<typeof backtestCsv>[0]),
    'day,"a,b: wealth","a,b: drawdown"\r\n1,1,0\r\n2,1.5,0.25\r\n',
  );
  assert.equal(
    backtestCsv(answer as unknown as Parameters<typeof backtestCsv>[0], ["2026-01-05", "2026-01-06"]),
    'day,date,"a,b: wealth","a,b: drawdown"\r\n1,2026-01-05,1,0\r\n2,2026-01-06,1.5,0.25\r\n',
  );
});

test("a book has one study, whose name can stand in a path and tells books apart", () => {
  const named = (name: string, ...assets: string[]) =>
    studyNameOf({ name, assets: assets.map((asset) => emptyAsset({ asset })) });
  const legal = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
  assert.match(
    named("Household 60/40 – Größe"),
    /^book-household-60-40-gro-e-[0-9a-f]{8}$|^book-household-60-40-[a-z-]+-[0-9a-f]{8}$/,
  );
  for (const name of ["", "Fonds Ü", "ファンド", "x".repeat(300), "../.."]) assert.match(named(name, "A", "B"), legal, name);
  // FNV-1a of 32 bits: the published value of "foobar".
  assert.equal(named("foobar"), "book-foobar-bf9cf968");
  assert.equal(named("", "B", "A"), named("", "A", "B"));
  assert.notEqual(named("Fund 7"), named("fund_7"));
  assert.notEqual(named("ファンド"), named("基金"));
  assert.equal(studyNameOf({ name: "mine", assets: [] }, "stocks_20"), "shipped-stocks-20");
});

test("a reason is told once, with its figures and whose they are, and no pointer", () => {
  const policies = ["Hold", "Monthly"].map((name) => ({ name })) as unknown as BacktestResult[];
  const missing = (policy: number, metric: string) => ({
    code: "figure_unavailable" as const,
    pointer: `/policies/${policy}/metrics/${metric}`,
    detail: "the history is too short for this figure",
  });
  const start = { code: "figure_unavailable" as const, pointer: "/returns", detail: "every policy starts after 60 returns" };
  const survivors = { code: "survivors_only" as const, pointer: "/returns", detail: "these stocks survived." };
  const both = [missing(0, "volatility"), missing(0, "sharpe"), missing(1, "volatility"), missing(1, "sharpe")];
  assert.deepEqual(warningsInWords({ warnings: [survivors, start, ...both], policies }), [
    { text: "These stocks survived.", isGrave: true },
    { text: "Every policy starts after 60 returns.", isGrave: false },
    { text: "The history is too short for this figure: volatility, Sharpe ratio of every policy.", isGrave: false },
  ]);
  const one = warningsInWords({ warnings: [missing(1, "tracking_error")], policies });
  assert.equal(one[0]?.text, "The history is too short for this figure: tracking error of Monthly.");
});
