//! The documents on the wire: requests have types of their own, and results are the domain's types where the contract allows it.

pub mod advice;
pub mod allocation;
pub mod calibration;
pub mod checks;
pub mod compare;
pub mod covariance;
#[cfg(test)]
mod defaults;
pub mod forecast;
pub mod histories;
pub mod identifiers;
pub mod instructions;
pub mod jobs;
pub mod labels;
pub mod metadata;
pub mod optimal;
pub mod optimizer;
pub mod orders;
pub mod outcome;
pub mod plan;
pub mod plan_part;
pub mod portfolio;
pub mod quality;
pub mod ranges;
pub mod records;
pub mod risk;
pub mod risk_model;
pub mod run;
pub mod run_event;
pub mod run_result;
pub mod service;
pub mod stage;
pub mod stress;
pub mod tandem;
pub mod warning;
pub mod warning_code;
pub mod webhooks;
