import assert from "node:assert/strict";
import test from "node:test";
import type { BacktestRequest, BacktestResult } from "../src/api/types";
import { backtestCsv } from "../src/backtest/csv";
import { bookOn, planOfDay } from "../src/backtest/day";
import { studyOf } from "../src/backtest/study";
import { Tries } from "../src/backtest/tries";
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

test("what was tried before on the same histories counts once, whatever it was called", () => {
  const tries = new Tries();
  const [policy] = request.policies;
  assert.ok(policy);
  const at = (cost: number, name = "a") => ({ ...request, policies: [{ ...policy, name, transaction_cost_bps: cost }] });
  assert.equal(tries.counted(at(10)).earlier_trials, undefined);
  tries.remember(at(10));
  assert.equal(tries.counted(at(10, "b")).earlier_trials, undefined);
  assert.equal(tries.counted(at(20)).earlier_trials, 1);
  tries.remember(tries.counted(at(20)));
  tries.remember(at(20));
  assert.equal(tries.counted(at(30)).earlier_trials, 2);
  assert.equal(tries.counted({ ...at(30), returns: { A: [0, 0, 0], B: [0, 0, 0] } }).earlier_trials, undefined);
});
