//! One list of routes is the server and the published document.

mod agents;
mod analytics;
mod audit;
mod backtest_report;
mod backtests;
mod calibration;
mod controls;
mod evaluate;
mod execution;
mod explain;
mod import;
mod models;
mod optimizer;
mod orders;
pub mod page;
mod plan;
mod plans;
mod portfolios;
mod queued;
mod regimes;
mod report;
mod runs;
mod scenarios;
mod service;
mod shadow;
mod studies;
mod tca;
mod training;
mod webhooks;

use utoipa_actix_web::service_config::ServiceConfig;

/// Every documented route.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(service::get_health)
        .service(service::get_ready)
        .service(plan::preview_scenarios)
        .service(plan::create_rebalance_plan)
        .service(plan::create_plan)
        .service(plan::compare_policies)
        .service(plan::create_insights)
        .service(report::create_report)
        .service(import::preview_import)
        .service(agents::get_blueprint)
        .service(agents::create_tandem_run)
        .service(agents::create_agent_run)
        .service(agents::get_agent_run)
        .service(analytics::create_forecast)
        .service(analytics::create_risk_report)
        .service(analytics::create_covariance)
        .service(analytics::create_monte_carlo)
        .service(scenarios::list_scenarios)
        .service(scenarios::create_scenarios)
        .service(evaluate::create_sharpe_inference)
        .service(tca::create_tca)
        .service(regimes::create_regimes)
        .service(explain::explain_model)
        .service(backtests::create_backtest)
        .service(backtests::list_backtests)
        .service(backtests::watch_backtest)
        .service(backtest_report::get_backtest_report)
        .service(backtest_report::get_backtest_days)
        .service(backtests::get_backtest)
        .service(backtests::cancel_backtest)
        .service(studies::list_studies)
        .service(studies::get_study)
        .service(analytics::measure_footprint)
        .service(optimizer::solve_rebalancing_problem)
        .service(optimizer::solve_rebalancing_path)
        .service(optimizer::create_allocation)
        .service(plans::list_plans)
        .service(plans::get_plan)
        .service(plans::get_plan_request)
        .service(plans::replay_plan)
        .service(plans::verify_plan)
        .service(plans::post_verify_plan)
        .service(plans::get_plan_proof)
        .service(report::get_plan_report)
        .service(orders::get_plan_orders)
        .service(portfolios::create_portfolio)
        .service(portfolios::list_portfolios)
        .service(portfolios::get_portfolio)
        .service(portfolios::replace_portfolio)
        .service(portfolios::close_portfolio)
        .service(portfolios::list_portfolio_versions)
        .service(portfolios::get_portfolio_version)
        .service(models::list_models)
        // Before the card of a model, whose pattern its path fits too.
        .service(training::train_model)
        .service(models::get_model)
        .service(models::get_model_monitoring)
        .service(models::promote_model)
        .service(models::demote_model)
        .service(models::refit_cost_model)
        .service(shadow::get_plan_shadow)
        .service(shadow::get_model_shadow)
        .service(controls::check_controls)
        .service(controls::get_control_policy)
        .service(controls::replace_control_policy)
        .service(controls::withdraw_control_policy)
        .service(controls::halt)
        .service(controls::resume)
        .service(controls::list_halts)
        .service(controls::get_plan_state)
        .service(controls::approve_plan)
        .service(controls::reject_plan)
        .service(controls::cancel_plan)
        .service(controls::finish_plan)
        .service(execution::record_plan_fills)
        .service(execution::get_plan_fills)
        .service(execution::get_plan_execution)
        .service(execution::get_execution_history)
        .service(calibration::record_outcome)
        .service(calibration::get_calibration)
        .service(runs::create_batch_run)
        .service(runs::list_batch_runs)
        .service(runs::get_batch_run)
        .service(runs::get_batch_results)
        .service(runs::cancel_batch_run)
        .service(runs::watch_batch_run)
        .service(webhooks::create_webhook)
        .service(webhooks::list_webhooks)
        .service(webhooks::remove_webhook)
        .service(audit::list_audit_entries)
        .service(audit::verify_audit)
        .service(audit::get_audit_head)
        .service(audit::export_audit);
}
