/** What the service takes for members that are not sent, as the wire has it. A test compares each with the contract. */
export const DEFAULTS = {
  currency: "USD",
  drift_threshold: 0.02,
  turnover_limit: 0.2,
  transaction_cost_bps: 10,
  risk_aversion: 5,
  horizon_years: 1,
  risk_free_rate: 0.02,
  weight_policy: "normalize",
  scope: "breached",
  limit_collar_bps: 50,
  method: "drift",
  forecast_model: "ensemble_v3",
  tracking_error_budget: 0,
} as const;

/** The same for a plan's simulation. */
export const SIMULATION_DEFAULTS = { paths: 10_000, horizon_days: 30, seed: 42, drift: "posterior" } as const;

/** The same for the optimal method. */
export const OPTIMIZATION_DEFAULTS = { goal: "policy", risk_aversion: 5 } as const;

/** The same for the method over several periods. */
export const PATH_DEFAULTS = { periods: 4 } as const;

/** The same for the limits of the verdict. */
export const VERDICT_DEFAULTS = {
  risk_budget: { warning_above: 0.25, critical_above: 0.5 },
  concentration: { warning_above: 0.4, critical_above: 0.6 },
  turnover: { warning_above: 0.18, critical_above: 0.36 },
  data_shortfall: { warning_above: 0.2, critical_above: 0.5, blocking_above: 0.8 },
  relaxations_max: 3,
} as const;
