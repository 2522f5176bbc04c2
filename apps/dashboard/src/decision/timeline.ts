/** What each agent did and why, which limits it held its figures against, and the digests that commit to it. */

import type { LimitCheck, Plan, RunRecord, Severity } from "../api/types";
import { fill, h, type Child } from "../dom/element";
import { dataTable } from "../dom/table";
import { count, decimal, percent } from "../format";
import { failureLine, fold, waiting, type Panel } from "./panel";
import { withNames } from "./limit-words";
import { measured, measureInWords, severityInWords, verdictInWords } from "./words";

export function timelinePanel(): Panel {
  const content = h("div");
  const digests = { open: false };
  let shown: RunRecord | undefined;
  return {
    element: h(
      "section",
      { class: "agents", "aria-label": "Agents" },
      h("h3", {}, "Agents"),
      h("p", { class: "subtitle" }, "The record of the run, in order"),
      content,
    ),
    show: ({ run, plan }) => {
      if (run.state === "ready" && run.value === shown) return;
      shown = run.state === "ready" ? run.value : undefined;
      if (run.state === "loading") fill(content, waiting("The agents are at work"));
      else if (run.state === "failed") fill(content, failureLine(run.failure));
      else if (run.state === "ready") fill(content, ...record(run.value, plan, digests));
      else fill(content, h("p", { class: "note" }, run.reason));
    },
  };
}

function record({ stages, verdict, metadata }: RunRecord, plan: Plan, digests: { open: boolean }): Child[] {
  const took = (id: string): number | undefined => metadata.stages.find((trace) => trace.id === id)?.duration_us;
  const whole = metadata.stages.reduce((sum, trace) => sum + trace.duration_us, 0);
  return [
    h(
      "ol",
      { class: "timeline" },
      ...stages.map((stage) =>
        h(
          "li",
          {},
          h("h4", {}, stage.agent, stage.checks.length > 0 && badge(stage.severity)),
          h("p", { class: "subtitle" }, stage.objective, h("span", { class: "took" }, ` · ${milliseconds(took(stage.id))}`)),
          h("p", { dir: "auto" }, withNames(stage.sentence, plan)),
          ...stage.relaxations.map((asked) =>
            h(
              "p",
              { class: "note", dir: "auto" },
              `Asked for ${asked.kind.replaceAll("_", " ")} (${asked.granted ? "granted" : "refused"}): ${asked.reason}.`,
            ),
          ),
          stage.warnings.length > 0 &&
            h("p", { class: "note" }, h("a", { href: "#warnings" }, count(stage.warnings.length, "warning"))),
        ),
      ),
    ),
    h("p", { class: "supervised", dir: "auto" }, badge(verdict.severity), ` ${verdictInWords(verdict.sentence)}`),
    dataTable<LimitCheck>(
      [
        { title: "Measure", heading: true, cell: (check) => measureInWords(check.measure) },
        { title: "Book", cell: (check) => (check.point === "before" ? "before" : "after") },
        { title: "Value", numeric: true, cell: (check) => measured(check.measure, check.value) },
        { title: "Warning above", numeric: true, cell: (check) => measured(check.measure, check.warning_above) },
        { title: "Critical above", numeric: true, cell: (check) => measured(check.measure, check.critical_above) },
        { title: "Rejected above", numeric: true, cell: (check) => percent(check.blocking_above) },
        {
          title: "Severity",
          cell: (check) =>
            h("span", {}, badge(check.severity), check.reason && h("span", { class: "sentence", dir: "auto" }, check.reason)),
        },
      ],
      verdict.checks,
      { caption: "Every limit the verdict rests on" },
    ),
    fold(
      digests,
      `Digests and durations, ${milliseconds(whole)} in all`,
      dataTable(
        [
          { title: "Step", heading: true, cell: (trace) => stages.find((stage) => stage.id === trace.id)?.agent ?? trace.id },
          { title: "Took, ms", numeric: true, cell: (trace) => decimal(trace.duration_us / 1000, 2) },
          { title: "SHA-256 after it", cell: (trace) => h("code", { class: "hash" }, trace.output_digest) },
        ],
        metadata.stages,
        { caption: "Each digest covers the step and everything before it" },
      ),
      h("p", { class: "note" }, "SHA-256 of the request as it was sent: ", h("code", { class: "hash" }, metadata.request_digest)),
    ),
  ];
}

export function badge(severity: Severity): HTMLElement {
  return h("span", { class: `badge ${severity}` }, severityInWords(severity));
}

function milliseconds(micros: number | undefined): string {
  return micros === undefined ? "" : `${decimal(micros / 1000, 2)} ms`;
}
