/** The wire types under the names the page uses; they come from the OpenAPI document, but for the last ones. */

import type { components } from "./schema";

type Schemas = components["schemas"];

export type PlanRequest = Schemas["RebalanceRequest"];
export type AssetIdentifiers = Schemas["AssetIdentifiersRequest"];
export type AssetRequest = Schemas["AssetRequest"];
export type HoldingRequest = Schemas["HoldingRequest"];
export type Plan = Schemas["PlanResponse"];
export type WeightEntry = Schemas["WeightEntry"];
export type TradeEntry = Schemas["TradeEntry"];
export type OrderEntry = Schemas["OrderEntry"];
export type IntentKind = Schemas["IntentKind"];
export type Regimes = Schemas["RegimeResponse"];
export type ModelList = Schemas["ModelList"];
export type Model = Schemas["ModelResponse"];
export type Allocator = Schemas["AllocatorReport"];
export type ModelMonitoring = Schemas["ModelMonitoring"];
export type ModelShadow = Schemas["ModelShadow"];
export type ForecastRequest = Schemas["ForecastRequest"];
export type Forecasts = Schemas["ForecastResponse"];
export type Quantiles = Schemas["QuantilesForecast"];
export type RiskMetrics = Schemas["RiskMetrics"];
export type ActiveRisk = Schemas["PolicyActiveRisk"];
export type PlanWarning = Schemas["PlanWarning"];
export type Insights = Schemas["InsightsResponse"];
export type RiskFlag = Schemas["RiskFlag"];
export type RunRecord = Schemas["AgentRunResponse"];
export type StageRecord = Schemas["StageRecord"];
export type LimitCheck = Schemas["LimitCheck"];
export type Severity = Schemas["Severity"];
export type Optimization = Schemas["PlanOptimization"];
export type OptimizationRequest = Schemas["OptimizationRequest"];
export type Limit = Schemas["Limit"];
export type LimitRelaxation = Schemas["LimitRelaxation"];
export type ConstraintPrice = Schemas["ConstraintPrice"];
/** A stored plan read with all its parts. */
export type StoredPlan = Omit<Schemas["StoredPlanResponse"], "request" | "response"> & { request: PlanRequest; response: Plan };
export type PlanList = Schemas["PlanList"];
export type PlanSummary = Schemas["PlanSummary"];
export type Replay = Schemas["ReplayResponse"];
export type Verification = Schemas["PlanVerification"];
export type AuditPage = Schemas["AuditPage"];
export type AuditEntry = Schemas["AuditEntry"];
export type AuditVerification = Schemas["AuditVerification"];
export type AuditHead = Schemas["AuditHead"];
export type ChainBreak = Schemas["ChainBreak"];
export type SimulationRequest = Schemas["MonteCarloSimulationRequest"];
export type Simulation = Schemas["MonteCarloSimulationResponse"];
export type ReportRequest = Schemas["RiskReportRequest"];
export type Report = Schemas["RiskReportResponse"];
export type RiskContributions = Schemas["RiskContributions"];
export type Scenarios = Schemas["PreviewScenarios"];
export type ImportRequest = Schemas["ImportPreviewRequest"];
export type ImportReading = Schemas["ImportPreviewResponse"];
export type ImportPosition = Schemas["ImportPosition"];
export type ImportQuestion = Schemas["ImportQuestion"];
export type ColumnRole = Schemas["ColumnRole"];
export type BacktestRequest = Schemas["PolicyBacktestRequest"];
export type BacktestPolicy = Schemas["BacktestPolicyRequest"];
export type BacktestResponse = Schemas["PolicyBacktestResponse"];
export type BacktestResult = Schemas["BacktestPolicyResult"];
export type BacktestDecision = Schemas["BacktestDecision"];
export type BacktestComparison = Schemas["BacktestComparison"];
export type ControlPolicy = Schemas["ControlPolicy"];
export type ControlCheck = Schemas["ControlCheckEntry"] & {
  /** The asset of an order; absent for other subjects. */
  asset?: string;
};
export type ControlOutcome = Schemas["ControlOutcome"];
export type WhenUnknown = Schemas["ControlWhenUnknown"];
export type HaltEntry = Schemas["HaltEntry"];
export type HaltList = Schemas["HaltList"];
export type PlanState = Schemas["PlanState"];
export type PlanStateAnswer = Omit<Schemas["PlanStateResponse"], "checks"> & { checks?: ControlCheck[] };
export type TcaRequest = Schemas["TcaRequest"];
export type TcaOrder = Schemas["TcaOrderRequest"];
export type TcaAnswer = Schemas["TcaResponse"];
export type TcaCosts = Schemas["TcaCosts"];
export type PlanExecution = Schemas["PlanExecutionResponse"];
export type ExecutedOrder = Schemas["OrderExecution"];
export type FillReceipt = Schemas["FillReceipt"];
export type ExecutionHistory = Schemas["ExecutionHistoryResponse"];
export type PlanCosts = Schemas["PlanCosts"];
export type CostSums = Schemas["CostSums"];
export type Problem = Schemas["Problem"];
export type Fault = Schemas["Fault"];

/** `POST /api/optimizer/allocate` with the method `frontier`, a route that not every build of the service has. */
export interface ScenarioRequest {
  portfolio_value: number;
  assets: { asset: string; weight: number }[];
  returns?: Record<string, number[]>;
  reverse?: { loss: number };
}

export interface HistoricalScenario {
  id: string;
  name: string;
  start: string;
  end: string;
  profit_and_loss: number | null;
  return: number | null;
  by_asset: { asset: string; profit_and_loss: number }[];
  worst_point: { date: string; return: number } | null;
  covered_weight: number;
}

export interface ReverseScenario {
  loss: number;
  horizon_days: number;
  mahalanobis_distance: number;
  normal_probability: number;
  by_asset: { asset: string; return: number; profit_and_loss: number }[];
  not_assessed: unknown[];
}

export interface StressScenarios {
  scenarios: HistoricalScenario[];
  reverse: ReverseScenario | null;
  warnings: { pointer: string; detail: string }[];
}

export interface FrontierRequest {
  method: "frontier";
  mu: number[];
  sigma: number[][];
  points: number;
}

export interface FrontierPoint {
  target_volatility: number;
  return: number;
  weights: number[];
}

export interface Frontier {
  status: string;
  points?: FrontierPoint[] | null;
}
