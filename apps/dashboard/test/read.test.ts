import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { requestOf } from "../src/portfolio/wire";
import { ASSET_MEMBERS, readPortfolio, REQUEST_MEMBERS } from "../src/portfolio/read";

const rows = (text: string): string[][] => readPortfolio(text).assets.map((a) => [a.asset, a.target, a.current, a.price]);

test("headings may come in any order and any separator", () => {
  const table = [
    ["AAA", "60", "55", "1234.5"],
    ["BBB", "40", "45", "2.5"],
  ];
  assert.deepEqual(rows("Ticker\tLast price\tTarget\tWeight now\nAAA\t1,234.50\t60%\t55%\nBBB\t$2.5\t40%\t45%\n"), table);
  assert.deepEqual(rows("asset;target;current;price\nAAA;60 %;55 %;1.234,50\nBBB;40 %;45 %;2,5"), table);
  assert.deepEqual(rows("asset,target_weight,current_weight,price\r\nAAA,0.6,0.55,1234.5\r\nBBB,0.4,0.45,2.5\r\n"), table);
});

test("without headings the usual order is taken, and said", () => {
  const reading = readPortfolio("AAA\t60\t55\nBBB\t40\t45");
  assert.deepEqual(
    reading.assets.map((a) => [a.asset, a.target, a.current]),
    [
      ["AAA", "60", "55"],
      ["BBB", "40", "45"],
    ],
  );
  assert.match(reading.remarks.join(" "), /No headings/);
  assert.match(reading.remarks.join(" "), /Target weights read as percent/);
});

test("quoted cells may hold separators, quotes and line breaks", () => {
  assert.deepEqual(
    rows('asset,target,current,price\n"Fund, ""A""\nsecond line",0.5,0.5,1\nB,0.5,0.5,1').map((r) => r[0]),
    ['Fund, "A"\nsecond line', "B"],
  );
});

test("a cell that is no number reaches the request as text, for the service to refuse", () => {
  const { assets } = readPortfolio("asset,target,current\nA,lots,0.5\nB,0.5,0.5");
  const request = requestOf({ ...readPortfolio('{"assets":[]}').draft!, assets });
  assert.equal(request.assets[0]?.target_weight as unknown, "lots");
  assert.equal(request.assets[1]?.target_weight, 0.5);
});

test("a JSON request comes back as it was sent", () => {
  const request = {
    name: "n",
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
  const reading = readPortfolio(`\ufeff${JSON.stringify(request)}`);
  assert.deepEqual(requestOf(reading.draft!), request);
});

test("positions, intent, bands and lots come back as they were sent", () => {
  const usual = requestOf(readPortfolio('{"assets":[]}').draft!);
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
  assert.deepEqual(requestOf(readPortfolio(JSON.stringify(request)).draft!), request);
  for (const band of ["self", { relative: 0.25, cap: 0.05 }])
    assert.deepEqual(requestOf(readPortfolio(JSON.stringify({ ...request, band })).draft!).band, band);
});

test("every member of the contract is taken over, but those of a run", () => {
  const contract = readFileSync(new URL("../../../openapi/openapi.json", import.meta.url), "utf8");
  const { RebalanceRequest, AssetRequest } = JSON.parse(contract).components.schemas;
  const missing = (schema: { properties: object }, known: readonly string[]): string[] =>
    Object.keys(schema.properties).filter((member) => !known.includes(member));
  assert.deepEqual(missing(RebalanceRequest, REQUEST_MEMBERS), ["benchmark_history"]);
  assert.deepEqual(missing(AssetRequest, ASSET_MEMBERS), ["history"]);
});

test("a column that can be read in two ways is left for the reader to choose, one with proof is read", () => {
  const open = readPortfolio('asset,quantity,price,target\nA,10,"41,244",60\nB,20,"67,500",40');
  assert.equal(open.entry, "units");
  assert.deepEqual(
    open.assets.map((row) => [row.quantity, row.price, row.lot]),
    [
      ["10", "41,244", "1"],
      ["20", "67,500", "1"],
    ],
  );
  assert.match(open.remarks.join(" "), /price can be read in two ways/);
  const proven = readPortfolio("asset;quantity;price;target\nA;10;41,244;60\nB;20;67,5;40");
  assert.deepEqual(
    proven.assets.map((row) => row.price),
    ["41.244", "67.5"],
  );
});

test("the weight of a benchmark is not the book's, and what is left out is said", () => {
  const reading = readPortfolio("Ticker,Name,Benchmark weight,Current weight,Target\nA,Fund,10,60,50\nB,Bond,90,40,50");
  assert.deepEqual(
    reading.assets.map((row) => [row.asset, row.title, row.current]),
    [
      ["A", "Fund", "60"],
      ["B", "Bond", "40"],
    ],
  );
  assert.match(reading.remarks.join(" "), /Left out: Benchmark weight\./);
});

test("numbers in quotes are refused by their place", () => {
  assert.throws(
    () => readPortfolio('{"portfolio_value":"1e6","assets":[{"asset":"A","target_weight":"0.29","current_weight":1}]}'),
    /in quotes.*\/portfolio_value, \/assets\/0\/target_weight/,
  );
});

test("what is not known is named, what is not readable is refused in words", () => {
  assert.match(
    readPortfolio('{"drift_treshold":1,"assets":[{"asset":"A","weight":1}]}').remarks.join(" "),
    /\/drift_treshold, \/assets\/0\/weight/,
  );
  assert.throws(() => readPortfolio("{"), /not JSON/);
  assert.throws(() => readPortfolio('{"assets":[1]}'), /list `assets` of objects/);
  assert.throws(() => readPortfolio("  \n "), /nothing to read/);
  assert.throws(() => readPortfolio("target,current\nx,y"), /No column holds the names/);
});
