import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { requestOf } from "../src/portfolio/wire";
import { isJson, MEMBERS, readRequest } from "../src/portfolio/read";

const sentBack = (text: string): unknown => requestOf(readRequest(text).draft!);

interface Case {
  id: string;
  texts: string[];
  request_members?: object;
  request_any?: object[];
  remark?: string;
  remark_not?: string;
  or_refused?: boolean;
}

/** Requests people bring, beside the tables that the service reads. */
const CASES = (
  JSON.parse(readFileSync(new URL("../../../crates/import/testdata/import/cases/tables.json", import.meta.url), "utf8")) as Case[]
).filter(({ texts }) => texts.every(isJson));

/** What a request has of the members of another, lists position by position. */
function picked(from: unknown, like: unknown): unknown {
  if (Array.isArray(like)) return like.map((inner, i) => picked((from as unknown[])[i], inner));
  if (typeof like !== "object" || like === null) return from;
  return Object.fromEntries(Object.entries(like).map(([name, inner]) => [name, picked((from as never)[name], inner)]));
}

test("the cases that are requests are all here", () => {
  assert.deepEqual(
    CASES.map(({ id }) => id),
    ["DI-15", "JSON-1", "JSON-3", "JSON-5", "JSON-7", "JSON-9"],
  );
});

for (const { id, texts, request_members, request_any, remark, remark_not, or_refused } of CASES)
  test(`${id} is sent back as it was stated, or says what is left out`, () => {
    for (const text of texts) {
      let said = "";
      try {
        said = readRequest(text).remarks.join(" ");
      } catch (error) {
        assert.ok(or_refused, String(error));
        continue;
      }
      const sent = sentBack(text);
      if (request_members) assert.deepEqual(picked(sent, request_members), request_members);
      const any = request_any ?? [];
      assert.ok(any.length === 0 || any.some((wanted) => isDeepStrictEqual(picked(sent, wanted), wanted)), JSON.stringify(sent));
      if (remark) assert.match(said, new RegExp(remark));
      if (remark_not) assert.doesNotMatch(said, new RegExp(remark_not));
    }
  });

test("members that are not known are named in objects of any depth, and what is sent as it came is not", () => {
  const { remarks } = readRequest(
    JSON.stringify({
      intent: { kind: "raise_cash", amount: 1, until: "x" },
      groups: [{ asset_class: "equity", band: { relative: 0.2, width: 1 } }],
      trigger: { kind: "calendar", calendar: { exchange: "XNYS", zone: "x" } },
      verdict_limits: { turnover: { warning: 0.1 } },
      metadata: { desk: "A" },
      optimization: {
        covariance: "sample",
        groups: [{ name: "g", members: [0], lower: 0, upper: 1, weight: 1 }],
      },
      assets: [{ asset: "A", target_weight: 1, identifiers: { isin: "x" }, costs: { commission_min: 1 }, weight: 1 }],
    }),
  );
  assert.match(remarks[1] ?? "", /and more\.$/);
  const named = (request: object): string =>
    readRequest(JSON.stringify({ assets: [{ asset: "A" }], ...request }))
      .remarks.slice(1)
      .join(" ");
  assert.match(named({ intent: { kind: "raise_cash", until: 1 } }), /left out: \/intent\/until\.$/);
  assert.match(named({ groups: [{ band: { width: 1 } }] }), /left out: \/groups\/0\/band\/width\.$/);
  assert.match(named({ trigger: { kind: "calendar", calendar: { zone: 1 } } }), /left out: \/trigger\/calendar\/zone\.$/);
  assert.match(named({ verdict_limits: { turnover: { warning: 1 } } }), /left out: \/verdict_limits\/turnover\/warning\.$/);
  assert.match(named({ optimization: { groups: [{ members: [0], weight: 1 }] } }), /\/optimization\/groups\/0\/weight\.$/);
  assert.match(named({ optimization: { covariance: "sample" } }), /left out: \/optimization\/covariance\.$/);
  assert.equal(named({ metadata: { desk: "A" }, costs: { unheard: 1 }, assets: [{ asset: "A", costs: { unheard: 1 } }] }), "");
});

test("a list with too few or too many entries is left out whole, and said", () => {
  const reading = readRequest(
    JSON.stringify({
      method: "optimal",
      optimization: {
        lower: [0.1],
        upper: [0.9, 0.8],
        trade_max: [0.1, 0.2, 0.3],
        exposures: [
          { name: "a", loadings: [1], lower: 0, upper: 1 },
          { name: "b", loadings: [1, 2], lower: 0, upper: 1 },
        ],
      },
      assets: [
        { asset: "A", target_weight: 0.6 },
        { asset: "B", target_weight: 0.4 },
      ],
    }),
  );
  assert.match(
    reading.remarks[1] ?? "",
    /each asset: \/optimization\/lower has 1, \/optimization\/trade_max has 3, \/optimization\/exposures\/0\/loadings has 1\.$/,
  );
  const { optimization } = requestOf(reading.draft!);
  assert.deepEqual([optimization?.lower, optimization?.upper, optimization?.trade_max], [undefined, [0.9, 0.8], undefined]);
  assert.deepEqual(
    optimization?.exposures?.map(({ name }) => name),
    ["b"],
  );
});

test("a JSON request comes back as it was sent", () => {
  const request = {
    name: "n",
    description: "My words",
    portfolio_value: 123456.78,
    currency: "EUR",
    drift_threshold: 0.035,
    turnover_limit: 0.07,
    transaction_cost_bps: 12.5,
    risk_aversion: 3,
    horizon_years: 0.25,
    risk_free_rate: 0.011,
    weight_policy: "cash_remainder",
    forecast_model: "ensemble_v2",
    tracking_error_budget: 0.005,
    monte_carlo: { paths: 500, horizon_days: 21, seed: 7, drift: "sample" },
    assets: [
      {
        asset: "A",
        target_weight: 0.29,
        current_weight: 0.3,
        price: 1e-7,
        market_return: -0.012345,
        historical_returns: [0.01, -0.02],
        transaction_cost_bps: 0,
        holdings: [{ holding: "h", holding_weight: 1 }],
      },
    ],
  };
  const reading = readRequest(`\ufeff${JSON.stringify(request)}`);
  assert.deepEqual(requestOf(reading.draft!), request);
});

test("positions, intent, bands and lots come back as they were sent", () => {
  const usual = requestOf(readRequest('{"assets":[]}').draft!);
  const { drift_threshold: _, ...rest } = usual;
  const request = {
    ...rest,
    cash: 8431.22,
    cash_target_weight: 0.02,
    cash_band: 0.005,
    intent: { kind: "raise_cash", amount: 10000, by: "2026-12-01" },
    costs: { commission_min: 4.95 },
    turnover_limit: 1.5,
    band: { relative: 0.2, floor: 0.01, cap: 0.04 },
    destination: 0.5,
    scope: "whole",
    min_notional: 100,
    max_tickets: 8,
    limit_collar_bps: 25,
    trade_date: "2026-11-30",
    posture: "worksheet",
    groups: [{ asset_class: "equity", band: "self" }],
    trigger: { kind: "calendar", days: ["2026-12-31"] },
    assets: [
      {
        asset: "VTI",
        sleeve: "core",
        name: "Total market",
        asset_class: "equity",
        account: "joint",
        market: "US",
        target_weight: 0.6,
        quantity: 212,
        price: 287.31,
        lot_size: 1,
        min_quantity: 5,
        costs: { duty_buy_bps: 50 },
        no_sell: true,
        selected: true,
        average_daily_volume: 3000000,
      },
      { asset: "BTC", target_weight: 0.38, quantity: 0.15, price: 67500, role: "frozen" },
    ],
  };
  assert.deepEqual(requestOf(readRequest(JSON.stringify(request)).draft!), request);
  for (const band of ["self", { relative: 0.25, cap: 0.05 }])
    assert.deepEqual(requestOf(readRequest(JSON.stringify({ ...request, band })).draft!).band, band);
});

test("every member of the contract is taken over, but those of a run and the estimator of the optimal method", () => {
  const contract = readFileSync(new URL("../../../openapi/openapi.json", import.meta.url), "utf8");
  const { schemas } = JSON.parse(contract).components;
  const missing = (schema: string, place: string): string[] =>
    Object.keys(schemas[schema].properties).filter((member) => !MEMBERS[place]?.includes(member));
  const unknown = (schema: string, place: string): string[] =>
    (MEMBERS[place] ?? []).filter((member) => !(member in schemas[schema].properties));
  const places: [schema: string, place: string, missing?: string[]][] = [
    ["RebalanceRequest", "", ["benchmark_history"]],
    ["AssetRequest", "/assets/*", ["history"]],
    ["IntentRequest", "/intent"],
    ["BandRuleRequest", "/band"],
    ["BandGroupRequest", "/groups/*"],
    ["BandRuleRequest", "/groups/*/band"],
    ["TriggerRequest", "/trigger"],
    ["TradingCalendarRequest", "/trigger/calendar"],
    ["StaggeringRequest", "/trigger/staggering"],
    ["VerdictLimitsRequest", "/verdict_limits"],
    ["LevelsRequest", "/verdict_limits/risk_budget"],
    ["LevelsRequest", "/verdict_limits/concentration"],
    ["LevelsRequest", "/verdict_limits/turnover"],
    ["ShortfallLevelsRequest", "/verdict_limits/data_shortfall"],
    ["MonteCarloRequest", "/monte_carlo"],
    ["OptimizationRequest", "/optimization", ["covariance"]],
    ["PlanPathRequest", "/optimization/path"],
    ["GroupLimitRequest", "/optimization/groups/*"],
    ["ExposureLimitRequest", "/optimization/exposures/*"],
    ["TradeRestrictionRequest", "/optimization/restrictions/*"],
  ];
  assert.deepEqual(places.map(([, place]) => place).sort(), Object.keys(MEMBERS).sort());
  for (const [schema, place, expected = []] of places) {
    assert.deepEqual(missing(schema, place), expected, place);
    assert.deepEqual(unknown(schema, place), [], place);
  }
});

test("numbers in quotes are refused by their place", () => {
  assert.throws(
    () => readRequest('{"portfolio_value":"1e6","assets":[{"asset":"A","target_weight":"0.29","current_weight":1}]}'),
    /in quotes.*\/portfolio_value, \/assets\/0\/target_weight/,
  );
});

test("what is not known is named, what is not readable is refused in words", () => {
  assert.match(
    readRequest('{"drift_treshold":1,"assets":[{"asset":"A","weight":1}]}').remarks.join(" "),
    /\/drift_treshold, \/assets\/0\/weight/,
  );
  assert.throws(() => readRequest("{"), /not JSON/);
  assert.throws(() => readRequest('{"assets":[1]}'), /list `assets` of objects/);
  assert.throws(() => readRequest("target,current\nx,y"), /not JSON/);
  assert.deepEqual(['\ufeff {"a":1}', "\n[]", "asset,target", ""].map(isJson), [true, true, false, false]);
});
