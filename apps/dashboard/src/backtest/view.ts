/** Policies on trial: which ones, at what cost, and what came of them on the histories of the book in the editor. */

import { api, failureOf, wasAborted } from "../api/client";
import type { BacktestDecision, BacktestRequest, BacktestResponse, PlanRequest } from "../api/types";
import { ChartFrame } from "../charts/frame";
import { failureLine, fold, section, waiting } from "../decision/panel";
import { fill, h, uniqueId } from "../dom/element";
import { download } from "../exports/files";
import { count } from "../format";
import type { Session } from "../session";
import { backtestCsv } from "./csv";
import { fallDrawing, keyOf, wealthDrawing } from "./curves";
import { warningsInWords } from "./warnings";
import { planOfDay } from "./day";
import { decidedOn, decidedPanel } from "./decided";
import { SHIPPED, shippedHistory, type DatedReturns } from "./histories";
import { CHOICES, studyOf, type Choice } from "./study";
import { studyNameOf } from "./study-name";
import { comparisonsTable, daysTable, figuresTable } from "./tables";

const AT_FIRST: readonly Choice[] = ["hold", "monthly", "five", "own"];

export function backtestView(
  session: Session,
  actions: { planDay: (request: Partial<PlanRequest>) => void },
): { element: HTMLElement; load: () => void } {
  const boxes = new Map(
    CHOICES.map(([choice]) => [
      choice,
      h("input", { type: "checkbox", id: uniqueId("policy"), checked: AT_FIRST.includes(choice) }),
    ]),
  );
  const costId = uniqueId("cost");
  const cost = h("input", { type: "text", id: costId, inputmode: "decimal", autocomplete: "off", value: session.draft.costBps });
  let isCostTyped = false;
  cost.addEventListener("input", () => (isCostTyped = true));
  const historyId = uniqueId("history");
  const caveat = h("p", { class: "assumed", hidden: true });
  const histories = h(
    "select",
    { id: historyId, onchange: () => tellCaveat() },
    h("option", { value: "" }, "Those of this portfolio"),
    ...SHIPPED.map(({ id, label }) => h("option", { value: id }, `${label}, equal weights`)),
  );
  const run = h("button", { type: "submit", class: "primary" }, "Run the backtest");
  const keep = h("button", { type: "button", disabled: true, onclick: () => save() }, "Download CSV");
  const report = h("button", { type: "button", disabled: true, onclick: () => void saveReport() }, "Download report");
  const print = h("button", { type: "button", disabled: true, onclick: () => window.print() }, "Print");
  const outcome = h("div", { "aria-live": "polite" });
  const form = h(
    "form",
    { class: "toolbar backtest-form", onsubmit: (event) => (event.preventDefault(), void start()) },
    h(
      "fieldset",
      { class: "inline" },
      h("legend", {}, "Policies; the others are compared with the first"),
      ...CHOICES.map(([choice, label]) => {
        const box = boxes.get(choice);
        return h("label", {}, box, ` ${label}`);
      }),
    ),
    h("label", { for: historyId }, "Histories"),
    histories,
    h("label", { for: costId }, "Cost of each trade, bps"),
    cost,
    run,
    keep,
    report,
    print,
  );
  const element = section(
    "Backtest",
    "Policies replayed day by day on the histories of the book in the editor, or on histories that come with the service. " +
      "No decision sees a later day; but a book of assets that were chosen because they did well, or still exist, has a wealth " +
      "that nobody could have known of",
    form,
    caveat,
    outcome,
  );
  const chosen = h("div", {});
  let running: AbortController | undefined;
  let shown: { request: BacktestRequest; answer: BacktestResponse } | undefined;
  return {
    element,
    load: () => {
      if (!isCostTyped) cost.value = session.draft.costBps;
    },
  };

  function tellCaveat(): void {
    const chosen = SHIPPED.find(({ id }) => id === histories.value);
    caveat.hidden = !chosen;
    caveat.textContent = chosen?.caveat ?? "";
  }

  async function start(): Promise<void> {
    const choices = CHOICES.map(([choice]) => choice).filter((choice) => boxes.get(choice)?.checked);
    running?.abort();
    const controller = (running = new AbortController());
    fill(outcome, waiting("Replaying"));
    let shipped: DatedReturns | undefined;
    try {
      if (histories.value !== "") shipped = await shippedHistory(histories.value);
    } catch {
      return refuse("The history could not be loaded. Try again when the service can be reached.");
    }
    if (controller.signal.aborted) return;
    const study = studyOf(session.draft, choices, cost.value, shipped);
    if ("reason" in study) return refuse(study.reason);
    try {
      const request = { ...study.request, study: studyNameOf(session.draft, shipped ? histories.value : "") };
      const answer = await api.backtest(request, controller.signal);
      shown = { request, answer };
      show(request, answer);
    } catch (error) {
      if (!wasAborted(error)) fill(outcome, failureLine(failureOf(error)));
    }
    keep.disabled = report.disabled = print.disabled = !shown;
  }

  function refuse(reason: string): void {
    fill(outcome, h("p", { class: "outcome bad", role: "alert" }, reason));
  }

  function show(request: BacktestRequest, answer: BacktestResponse): void {
    const currency = session.draft.currency;
    const days = (answer.policies[0]?.wealth.length ?? 1) - 1;
    fill(chosen);
    const wealth = new ChartFrame("Wealth", "Per unit invested, after costs", keyOf(answer.policies));
    const fall = new ChartFrame("Drawdown", "Fall from the highest wealth so far", keyOf(answer.policies));
    fill(
      outcome,
      h(
        "p",
        {},
        `${count(days, "day")} were replayed, and ${count(answer.trials, "policy").replace("policys", "policies")} tried. `,
        answer.study ? studyInWords(answer.study) : "",
        "The more are tried, the better the best of them looks by chance: the verdicts allow for it.",
      ),
      answer.warnings.length > 0 &&
        h(
          "ul",
          { class: "notes" },
          ...warningsInWords(answer).map(({ text, isGrave }) => h("li", {}, isGrave ? h("strong", {}, text) : text)),
        ),
      wealth.element,
      fall.element,
      figuresTable(answer, currency),
      answer.comparisons.length > 0 && comparisonsTable(answer),
      chosen,
      ...answer.policies.map((result, i) =>
        fold(
          { open: false },
          `${result.name}: ${count(result.decisions.length, "day")} with trades`,
          daysTable(result, currency, (decision) => openDay(request, answer, i, decision)),
        ),
      ),
    );
    // Those of the days on which wealth is told; the first value stands before them.
    const dates = request.dates?.slice(answer.first_day, answer.first_day + days);
    const pick = (day: number): void => chooseDay(request, answer, answer.first_day + day);
    wealth.show({
      ...wealthDrawing(answer.policies, dates),
      pick,
      note: "A click on a day shows what was decided on it, or last before it.",
    });
    fall.show({ ...fallDrawing(answer.policies, dates), pick });
  }

  /** The newest decision of each policy up to a day; the one that decided last is shown. */
  function chooseDay(request: BacktestRequest, answer: BacktestResponse, day: number): void {
    const newest = answer.policies.flatMap(({ decisions }, index) => {
      const decision = decisions.findLast((found) => found.day <= day);
      return decision ? [{ index, decision }] : [];
    });
    const [last] = newest.toSorted((a, b) => b.decision.day - a.decision.day);
    if (!last)
      return fill(chosen, h("p", { class: "outcome", role: "status" }, "No policy had decided on anything by that day."));
    openDay(request, answer, last.index, last.decision);
    const others = newest.filter(({ index }) => index !== last.index);
    if (others.length > 0)
      chosen.append(
        h(
          "p",
          {},
          "Up to that day the other policies decided last on: ",
          ...others.map(({ index, decision }) =>
            h(
              "button",
              { type: "button", class: "link", onclick: () => openDay(request, answer, index, decision) },
              `${answer.policies[index]?.name ?? ""}, ${decision.date ?? `day ${decision.day}`}. `,
            ),
          ),
        ),
      );
  }

  function openDay(request: BacktestRequest, answer: BacktestResponse, index: number, decision: BacktestDecision): void {
    const [policy, result] = [request.policies[index], answer.policies[index]];
    if (!policy || !result) return;
    const { currency } = session.draft;
    const plan = (): void => actions.planDay(planOfDay(request, policy, result, answer.first_day, decision.day, currency));
    const decided = decidedOn(request, policy, result, answer.first_day, decision);
    fill(chosen, decidedPanel(decided, { name: result.name, decision, currency, plan }));
    chosen.querySelector("h3")?.focus();
    chosen.scrollIntoView({ block: "nearest" });
  }

  async function saveReport(): Promise<void> {
    if (!shown) return;
    report.disabled = true;
    try {
      download("backtest.html", "text/html", await api.backtestReport(shown.request));
    } catch (error) {
      outcome.append(failureLine(failureOf(error)));
    }
    report.disabled = false;
  }

  function save(): void {
    if (shown) download("backtest.csv", "text/csv", backtestCsv(shown.answer, shown.request.dates));
  }
}

/** What the service has counted in the study of the book. */
function studyInWords({ name, trials, new_trials: fresh }: NonNullable<BacktestResponse["study"]>): string {
  const before = trials - fresh;
  return `The service counts them in the study ${name}: ${count(fresh, "new one")}, ${count(before, "earlier one")}. `;
}
