// Starts the API browser. An operation on one record is shown with the id of a record that this service has: of the newest one when the page is
// opened, and of each that is made here from then on, so that Execute works with what the page shows.
// Opening an operation resolves its references. Swagger UI reads the whole document for each, which takes seconds; here it is given the part that
// the operation refers to.
"use strict";

/** Where the newest record of each kind is listed, and the parameter that takes its id. */
const LISTS = {
  plan_id: "/api/plans?limit=1",
  portfolio_id: "/api/portfolios?limit=1",
  run_id: "/api/runs?limit=1",
  backtest_id: "/api/backtests?limit=1",
  webhook_id: "/api/webhooks",
  study: "/api/studies?limit=1",
};
/** Whose example names orders of one plan. */
const FILLS = ["/api/plans/{plan_id}/fills", "post"];
const METHODS = ["get", "put", "post", "delete"];

/** The part of the contract at `path`, with all that it refers to; `path` leads to the same part as in the whole. */
function partOf(contract, path) {
  const part = { openapi: contract.openapi, info: contract.info, servers: contract.servers };
  const put = (steps, value) => {
    const holder = steps.slice(0, -1).reduce((inner, step) => (inner[step] ??= {}), part);
    holder[steps.at(-1)] = value;
    follow(value);
  };
  const at = (steps) => steps.reduce((inner, step) => inner?.[step], contract);
  const follow = (value) => {
    if (value === null || typeof value !== "object") return;
    if (typeof value.$ref === "string" && value.$ref.startsWith("#/components/")) {
      const steps = value.$ref.split("/").slice(1);
      if (steps.reduce((inner, step) => inner?.[step], part) === undefined) put(steps, at(steps));
    }
    Object.values(value).forEach(follow);
  };
  put(path, at(path));
  return part;
}

window.onload = async () => {
  const answer = await fetch("/openapi.json");
  const contract = await answer.json();
  const browser = SwaggerUIBundle({
    spec: contract,
    dom_id: "#swagger-ui",
    presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
    plugins: [SwaggerUIBundle.plugins.DownloadUrl, readsParts],
    // The list of all schemas is drawn when it is opened.
    defaultModelsExpandDepth: 0,
    validatorUrl: "none",
    // Colouring an example of some hundred kilobytes stops a browser for seconds.
    syntaxHighlight: false,
    responseInterceptor: (response) => {
      learn(response);
      return response;
    },
    onComplete: () => void newest(),
  });
  window.ui = browser;

  /** Resolves a part of the contract without the rest of it. */
  function readsParts() {
    return {
      afterLoad() {
        const resolve = this.fn.resolveSubtree;
        this.fn.resolveSubtree = (document, path, options) => resolve(partOf(contract, path), path, options);
      },
    };
  }

  /** Puts an id into every operation that takes it. */
  function fill(parameter, id) {
    for (const [path, operations] of Object.entries(contract.paths)) {
      if (!path.includes(`{${parameter}}`)) continue;
      for (const method of METHODS) {
        if (operations[method]) browser.specActions.changeParam([path, method], parameter, "path", id, false);
      }
    }
  }

  /** The newest records that there are; a service that asks for a key tells them after Authorize, with the first that is made. */
  async function newest() {
    for (const [parameter, list] of Object.entries(LISTS)) {
      const listed = await fetch(list).catch(() => undefined);
      const { items = [] } = listed?.ok ? await listed.json() : {};
      if (parameter === "study") {
        // Without one, the contract's example names the study that the example of a backtest begins.
        if (items[0]) fill(parameter, items[0].name);
        continue;
      }
      // An id of the contract's own example is of no record here.
      fill(parameter, items[0]?.[parameter] ?? "");
    }
  }

  /** Takes the ids of what was made. */
  function learn({ ok, url, body, obj }) {
    if (!ok || !body || typeof body !== "object") return;
    const told = obj ?? body;
    const ids = { ...told, plan_id: told.plan_id ?? told.metadata?.plan_id, study: told.study?.name };
    const made = !Array.isArray(told.items) || told.run_id !== undefined || told.backtest_id !== undefined;
    for (const parameter of Object.keys(LISTS)) {
      if (made && typeof ids[parameter] === "string") fill(parameter, ids[parameter]);
    }
    const order = new URL(url, location.href).pathname.endsWith("/orders") ? told.orders?.[0]?.client_order_id : undefined;
    if (order !== undefined) fillOrder(order);
  }

  /** The example of a report of fills, of an order that has left. */
  function fillOrder(order) {
    const { example } = contract.paths[FILLS[0]].post.requestBody.content["application/json"];
    const named = { fills: example.fills, benchmarks: example.benchmarks };
    for (const entry of [...named.fills, ...named.benchmarks]) entry.client_order_id = order;
    browser.oas3Actions.setRequestBodyValue({ value: JSON.stringify(named, null, 2), pathMethod: FILLS });
  }
};
