/** A plan as the page shows it: the answer, and the parts that arrive after it. */

import type { Failure } from "./api/client";
import type {
  Frontier,
  Insights,
  Plan,
  PlanRequest,
  RiskContributions,
  RunRecord,
  StressScenarios,
  Simulation,
} from "./api/types";
import type { Moments } from "./display/statistics";

export type Loadable<T> =
  | { state: "loading" }
  | { state: "ready"; value: T }
  | { state: "failed"; failure: Failure }
  | { state: "absent"; reason: string };

/** Why a part is absent from every plan of this service; its panel is hidden. */
export const NOT_OFFERED = "The service does not offer it.";

export interface Outcome {
  request: PlanRequest;
  plan: Plan;
  /** Whether the plan was read from the store, and not made for this page just now. */
  reopened: boolean;
  /** Whether the service keeps report and record of the plan under the plan's id. */
  hasReport: boolean;
  insights: Loadable<Insights>;
  /** What each agent did. */
  run: Loadable<RunRecord>;
  /** The plan's own simulation again, with more of its figures. */
  simulation: Loadable<Simulation>;
  /** The same law day by day, for the quantiles along the way. */
  paths: Loadable<Simulation>;
  /** Risk asset by asset, of the current weights and of those after the plan. */
  contributions: Loadable<Contributions>;
  /** The weights of now in windows of market history; absent where the service does not offer it. */
  stress: Loadable<StressScenarios>;
  /** Absent where the service does not offer it, with one asset or very many, or when the history is too short for them. */
  frontier: Loadable<Frontier>;
  /** What the frontier is drawn from. */
  moments: Moments | undefined;
  /** Daily returns of the current weights on the common history. */
  returns: readonly number[];
}

export interface Contributions {
  now: RiskContributions;
  after: RiskContributions;
}
