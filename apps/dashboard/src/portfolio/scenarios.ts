/** The examples: a button for each, and the story of the one in the editor while it is as it came. */

import { api } from "../api/client";
import type { Scenarios } from "../api/types";
import { fill, h } from "../dom/element";
import type { Session } from "../session";

export type Scenario = Scenarios["scenarios"][number];

export interface ScenarioBar {
  buttons: HTMLElement;
  story: HTMLElement;
  /** Asks the service for the scenarios and gives them back; a failure is thrown after it is written in the bar. */
  load: () => Promise<Scenario[]>;
  /** Whether the scenarios are in the bar. */
  loaded: () => boolean;
}

export function scenarioBar(session: Session, take: (scenario: Scenario) => void): ScenarioBar {
  const story = h("p", { class: "story", hidden: true });
  const bar = h(
    "div",
    { class: "scenario-buttons", role: "group", "aria-label": "Examples" },
    h("span", { class: "waiting" }, "Examples are loading…"),
  );
  let loaded = false;
  return { buttons: bar, story, load, loaded: () => loaded };

  async function load(): Promise<Scenario[]> {
    try {
      const { scenarios } = await api.scenarios();
      show(scenarios);
      loaded = true;
      return scenarios;
    } catch (error) {
      fill(bar, h("span", { class: "note" }, "Examples could not be loaded."));
      throw error;
    }
  }

  function show(scenarios: Scenario[]): void {
    fill(bar);
    const buttons = scenarios.map((scenario) => ({
      scenario,
      button: h("button", { type: "button", onclick: () => take(scenario) }, scenario.name),
    }));
    bar.append(h("span", { class: "note" }, "Examples"), ...buttons.map(({ button }) => button));
    const tell = (): void => {
      const { origin, draft } = session;
      const shown = origin === "own" ? undefined : scenarios.find((s) => s.name === draft.name);
      for (const { scenario, button } of buttons) button.setAttribute("aria-pressed", String(scenario === shown));
      story.hidden = draft.assets.length === 0;
      story.textContent = storyOf(session, scenarios);
    };
    session.on("draft", tell);
    tell();
  }
}

/** The story of the book in the editor: an example's own only while it is as it came. */
export function storyOf(
  { origin, isAsLoaded, draft }: Pick<Session, "origin" | "isAsLoaded" | "draft">,
  scenarios: readonly Pick<Scenario, "name" | "description">[],
): string {
  const like = scenarios.find((scenario) => scenario.name === draft.name && scenario.description === draft.description);
  if (like && (origin === "own" || !isAsLoaded)) return `Changed from the example ${like.name ?? ""}.`;
  return draft.description || draft.name || "Own portfolio";
}
