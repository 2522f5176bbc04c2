//! The service as its clients meet it: the real server on a free port, spoken to over HTTP, and the real command.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

mod access;
mod backtests;
mod book_files;
mod calibration;
mod cli;
mod coding;
mod contract;
mod controls;
mod covariance;
mod defaults;
mod defects;
mod drafts;
mod evaluate;
mod execution;
mod explain;
mod face;
mod forecast;
mod groups;
mod histories;
mod identifiers;
mod implausible;
mod import;
mod jobs;
mod labels;
mod members;
mod models;
mod optimal;
mod optimizer;
mod order_files;
mod parts;
mod plan_controls;
mod plans;
mod portfolios;
mod positions;
mod queued_backtests;
mod records;
mod refusals;
mod regime_band;
mod regimes;
mod report;
mod risk;
mod risk_parts;
mod runs;
mod scenarios;
mod shadow;
mod stress;
mod tca;
mod transport;
mod triggers;
mod verdict_limits;
mod version;
mod webhooks;
