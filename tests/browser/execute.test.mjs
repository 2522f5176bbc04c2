// Execute in the API browser with exactly what the page shows: nothing is typed, no id is put in by hand. Pressed is what needs an id or an ETag
// and one plain computation; EXECUTE=all presses every operation of the contract, EXECUTE=get_plan,halt these two.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { launch, ownService } from "./harness.mjs";

let service, browser;

// A service of its own: a halt and a policy in force are for all who use it.
before(async () => {
  service = await ownService();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  service?.stop();
});

/** The order in which a reader would press them: what acts on a record comes after what makes one, and a decision on a plan that is open. */
const STORY = [
  ...["get_health", "get_ready", "preview_scenarios", "get_blueprint", "list_scenarios"],
  ...["create_insights", "create_report", "create_tandem_run", "compare_policies", "preview_import", "create_forecast", "create_risk_report"],
  ...["create_covariance", "create_monte_carlo", "create_scenarios", "create_sharpe_inference", "create_tca", "create_regimes", "explain_model"],
  ...["measure_footprint", "solve_rebalancing_problem", "solve_rebalancing_path", "create_allocation"],
  // A plan that is approved, leaves, is filled and finished.
  ...["create_rebalance_plan", "list_plans", "get_agent_run", "get_plan", "get_plan_request", "replay_plan", "verify_plan", "post_verify_plan"],
  ...["get_plan_proof", "get_plan_report", "get_plan_shadow", "get_plan_state", "approve_plan", "get_plan_orders", "record_plan_fills"],
  ...["get_plan_fills", "get_plan_execution", "get_execution_history", "finish_plan", "record_outcome", "get_calibration"],
  // Two that are not wanted.
  ...["create_plan", "reject_plan", "create_agent_run", "cancel_plan"],
  ...["create_portfolio", "list_portfolios", "get_portfolio", "replace_portfolio", "list_portfolio_versions", "get_portfolio_version", "close_portfolio"],
  ...["create_batch_run", "list_batch_runs", "watch_batch_run", "get_batch_run", "get_batch_run_results", "cancel_batch_run"],
  ...["create_backtest", "list_backtests", "watch_backtest", "get_backtest", "get_backtest_report", "get_backtest_days", "cancel_backtest"],
  ...["list_studies", "get_study"],
  ...["train_model", "list_models", "get_model", "get_model_monitoring", "get_model_shadow", "promote_model", "demote_model", "refit_cost_model"],
  ...["check_controls", "get_control_policy", "replace_control_policy", "withdraw_control_policy", "halt", "list_halts", "resume"],
  ...["create_webhook", "list_webhooks", "remove_webhook"],
  ...["list_audit_entries", "verify_audit", "get_audit_head", "export_audit"],
];

/** One of each kind that needs something of the service. */
const PART = [
  ...["create_tca", "create_rebalance_plan", "get_plan", "get_agent_run", "approve_plan", "get_plan_orders", "record_plan_fills", "finish_plan"],
  ...["create_portfolio", "replace_portfolio", "close_portfolio", "create_batch_run", "get_batch_run", "create_backtest", "get_backtest"],
  ...["promote_model", "replace_control_policy", "create_webhook", "remove_webhook"],
];

/** Makes the challenger `fitted_costs_1`, which the examples promote and demote: what runs in shadow is promoted by its record, which takes months. */
async function fitCosts(address) {
  const send = async (method, path, body) => {
    const answer = await fetch(`${address}${path}`, { method, headers: { "Content-Type": "application/json" }, body: body && JSON.stringify(body) });
    assert.ok(answer.ok, `${path}: ${answer.status}`);
    return answer.json();
  };
  const count = 40;
  const width = (i) => 0.03 + 0.001 * i;
  const volume = (i) => Math.round(30 * 1.16 ** i);
  const returns = (i) => Array.from({ length: 60 }, (_, t) => width(i) * ((((t + 1) * (7 * i + 11)) % 101) / 50 - 1));
  const deviation = (list) => {
    const mean = list.reduce((sum, r) => sum + r, 0) / list.length;
    return Math.sqrt(list.reduce((sum, r) => sum + (r - mean) ** 2, 0) / (list.length - 1));
  };
  const assets = Array.from({ length: count }, (_, i) => {
    const off = i % 2 === 0 ? 0.004 : -0.004;
    return { asset: `A${i}`, price: 50, target_weight: 1 / count, current_weight: 1 / count + off, average_daily_volume: volume(i), historical_returns: returns(i) };
  });
  const book = { portfolio_value: 100000, drift_threshold: 0.001, turnover_limit: 2, assets, worth_min_bps: -10000, monte_carlo: { paths: 0 } };
  const plan = (await send("POST", "/api/rebalance", book)).metadata.plan_id;
  const { orders } = await send("GET", `/api/plans/${plan}/orders`);
  const fills = orders.map((order, number) => {
    const [i, units] = [Number(order.asset.slice(1)), Number(order.quantity)];
    const cost = 0.0004 + 0.8 * deviation(returns(i)) * (units / volume(i)) ** 0.6;
    const price = Math.round(50 * (1 + (order.side === "Buy" ? cost : -cost)) * 1e6) / 1e6;
    return { fill_id: `C${number}`, client_order_id: order.client_order_id, executed_at: "2026-01-02T14:31:07Z", quantity: units, price };
  });
  const benchmarks = orders.map((order) => ({ client_order_id: order.client_order_id, arrival_price: 50 }));
  await send("POST", `/api/plans/${plan}/fills`, { fills, benchmarks });
  const { model } = await send("POST", "/api/models/cost/refit", {});
  assert.equal(model.id, "fitted_costs_1");
}

const named = process.env.EXECUTE?.split(",") ?? PART;
const pressed = named.includes("all") ? STORY : STORY.filter((id) => named.includes(id));

describe("page fault 12: examples of the contract were refused under Execute", () => {
  it("Execute answers 2xx with exactly what the page shows", async () => {
    const contract = await (await fetch(`${service.address}/openapi.json`)).json();
    if (pressed.includes("promote_model")) await fitCosts(service.address);
    const operations = new Map();
    for (const [path, methods] of Object.entries(contract.paths)) {
      for (const [method, operation] of Object.entries(methods)) if (operation.operationId) operations.set(operation.operationId, { path, method, tag: operation.tags[0] });
    }
    assert.deepEqual([...STORY].sort(), [...operations.keys()].sort(), "every operation is in the story");

    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    const complaints = [];
    page.on("pageerror", (error) => complaints.push(error.message));
    // The API browser draws the whole schema of a request, which takes it seconds.
    page.setDefaultTimeout(120_000);
    await page.goto(`${service.address}/docs/`);
    const refused = [];
    for (const id of pressed) {
      const { path, method, tag } = operations.get(id);
      const began = performance.now();
      const block = page.locator(`[id="operations-${tag}-${id}"]`);
      await block.locator(".opblock-summary-control").click();
      await block.getByRole("button", { name: "Try it out" }).click();
      const route = new RegExp(`${path.replace(/\{\w+\}/g, "[^/?]+")}([?]|$)`);
      const asked = (response) => response.request().method() === method.toUpperCase() && route.test(response.url());
      const answer = page.waitForResponse(asked, { timeout: 30_000 }).catch(() => undefined);
      await block.getByRole("button", { name: "Execute", exact: true }).click();
      const response = await answer;
      if (process.env.EXECUTE) console.log(`${id}: ${response?.status() ?? "not sent"}, ${Math.round(performance.now() - began)} ms`);
      if (!response?.ok()) refused.push(`${id}: ${response ? `${response.status()} ${response.url()} ${await response.text()}` : "not sent"}`.slice(0, 600));
      // What it made is known to the page once the answer is shown.
      if (response) await block.locator(".live-responses-table .response-col_status").first().waitFor();
      await block.locator(".opblock-summary-control").click();
    }
    assert.deepEqual(refused, []);
    assert.deepEqual(complaints, []);
    await context.close();
  });
});
