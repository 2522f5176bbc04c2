import assert from "node:assert/strict";
import { test } from "node:test";
import { requestOf } from "../src/portfolio/draft";
import { readPortfolio } from "../src/portfolio/read";

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
