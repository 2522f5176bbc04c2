//! The rules of a request for scenarios that no range states.

use std::collections::HashSet;

use super::{MAX_CORRELATED, MAX_SHOCKS, ScenarioRequest, ShockRequest};
use crate::decode::Document;
use crate::dto::checks::{check_assets, check_distinct, check_name, check_named, check_total_returns};
use crate::dto::ranges::check_matrix;
use crate::fault::{Faults, segment};
use crate::fault_code::FaultCode;

impl Document for ScenarioRequest {
    fn check_size(&self, faults: &mut Faults) {
        check_assets(self.assets.len(), faults);
        let shocks = self.shocks.as_ref().map_or(0, Vec::len);
        if shocks > MAX_SHOCKS {
            faults.add("/shocks", FaultCode::Limit, format!("must have at most {MAX_SHOCKS} entries"));
        }
        if self.scenarios.as_ref().is_some_and(|ids| ids.len() > 100) {
            faults.add("/scenarios", FaultCode::Limit, "must have at most 100 entries");
        }
        if let Some(returns) = &self.returns {
            if returns.0.len() > MAX_CORRELATED {
                faults.add(
                    "/returns",
                    FaultCode::Limit,
                    format!("must name at most {MAX_CORRELATED} assets and factors"),
                );
            }
            check_total_returns(returns.0.iter().map(|(_, series)| series.len()).sum(), "/returns", faults);
        }
    }

    fn check(&self, faults: &mut Faults) {
        self.check_assets(faults);
        self.check_names(faults);
        self.check_returns(faults);
        for (i, shock) in self.shocks.iter().flatten().enumerate() {
            self.check_shock(i, shock, faults);
        }
        self.check_correlation(faults);
        if let Some(haircuts) = self.liquidity.as_ref().and_then(|liquidity| liquidity.haircuts_bps.as_ref()) {
            for (class, bps) in &haircuts.0 {
                let at = format!("/liquidity/haircuts_bps/{}", segment(class));
                if !self.has_class(class) {
                    faults.add(at, FaultCode::Value, "is the class of no asset");
                } else if !(0.0..=10_000.0).contains(bps) {
                    faults.add(at, FaultCode::Range, "must be at least 0 and at most 10000");
                }
            }
        }
    }
}

impl ScenarioRequest {
    fn has_asset(&self, name: &str) -> bool {
        self.assets.iter().any(|asset| asset.asset.trim() == name.trim())
    }

    fn has_class(&self, class: &str) -> bool {
        self.assets.iter().filter_map(|asset| asset.asset_class.as_deref()).any(|known| known.trim() == class.trim())
    }

    fn has_returns(&self, name: &str) -> bool {
        self.returns.iter().flat_map(|returns| &returns.0).any(|(known, _)| known.trim() == name.trim())
    }

    fn check_assets(&self, faults: &mut Faults) {
        let by_quantity = self.assets.first().is_some_and(|first| first.quantity.is_some());
        for (i, asset) in self.assets.iter().enumerate() {
            if faults.is_full() {
                return;
            }
            check_name(&asset.asset, || format!("/assets/{i}/asset"), faults);
            match (by_quantity, asset.weight.is_some(), asset.quantity.is_some()) {
                (_, true, true) => {
                    faults.add(format!("/assets/{i}/weight"), FaultCode::Value, "goes without a quantity");
                }
                (false, false, false) => {
                    faults.add(
                        format!("/assets/{i}/weight"),
                        FaultCode::Required,
                        "is required, or a quantity and a price",
                    );
                }
                (true, false, false) => {
                    faults.add(
                        format!("/assets/{i}/quantity"),
                        FaultCode::Required,
                        "is required, as other assets have one",
                    );
                }
                (true, true, false) => {
                    faults.add(
                        format!("/assets/{i}/weight"),
                        FaultCode::Value,
                        "goes without quantities of other assets",
                    );
                }
                (false, false, true) => {
                    faults.add(
                        format!("/assets/{i}/quantity"),
                        FaultCode::Value,
                        "goes without weights of other assets",
                    );
                }
                (true, false, true) | (false, true, false) => {}
            }
            if asset.price.is_none() && (asset.quantity.is_some() || asset.average_daily_volume.is_some()) {
                let detail = "is required with quantity and with average_daily_volume";
                faults.add(format!("/assets/{i}/price"), FaultCode::Required, detail);
            }
        }
        if by_quantity && faults.is_empty() {
            for (i, weight) in self.weights().iter().enumerate() {
                if weight.abs() > 100.0 {
                    let detail = "is worth more than 100 times portfolio_value";
                    faults.add(format!("/assets/{i}/quantity"), FaultCode::Value, detail);
                }
            }
        }
        check_distinct(self.assets.iter().map(|a| a.asset.as_str()), |i| format!("/assets/{i}/asset"), faults);
    }

    fn check_names(&self, faults: &mut Faults) {
        for (asset, series) in self.proxy.iter().flat_map(|proxy| &proxy.0) {
            let at = format!("/proxy/{}", segment(asset));
            if !self.has_asset(asset) {
                faults.add(at, FaultCode::Value, "is no asset of the book");
            } else if stress::scenario::series(series).is_none() {
                faults.add(at, FaultCode::Value, "is no series that GET /api/stress/scenarios lists");
            }
        }
        let mut seen = HashSet::new();
        for (i, id) in self.scenarios.iter().flatten().enumerate() {
            if stress::scenario::window(id).is_none() {
                let detail = "is no scenario that GET /api/stress/scenarios lists";
                faults.add(format!("/scenarios/{i}"), FaultCode::Value, detail);
            } else if !seen.insert(id) {
                faults.add(format!("/scenarios/{i}"), FaultCode::DuplicateName, "is named twice");
            }
        }
    }

    fn check_returns(&self, faults: &mut Faults) {
        let Some(returns) = &self.returns else {
            if self.needs_returns() {
                let detail = "is required by reverse, correlation and shocks that propagate";
                faults.add("/returns", FaultCode::Required, detail);
            }
            return;
        };
        check_named(returns, faults);
        let periods = returns.0.first().map_or(0, |(_, series)| series.len());
        if returns.0.is_empty() {
            faults.add("/returns", FaultCode::Length, "must name at least 1 asset");
        }
        let mut seen = HashSet::new();
        for (name, series) in &returns.0 {
            let at = || format!("/returns/{}", segment(name));
            if !seen.insert(name.trim()) {
                faults.add(at(), FaultCode::DuplicateName, "names a series twice");
            } else if series.len() != periods {
                faults.add(at(), FaultCode::Length, "all series must have the same length");
            } else if periods < 2 {
                faults.add(at(), FaultCode::Length, "must have at least 2 entries");
            }
        }
    }

    fn check_shock(&self, i: usize, shock: &ShockRequest, faults: &mut Faults) {
        check_name(&shock.name, || format!("/shocks/{i}/name"), faults);
        if shock.moves.is_empty() || shock.moves.len() > 100 {
            faults.add(format!("/shocks/{i}/moves"), FaultCode::Length, "must have 1 to 100 entries");
        }
        let mut seen = HashSet::new();
        for (j, stated) in shock.moves.iter().enumerate() {
            if faults.is_full() {
                return;
            }
            let at = |member: &str| format!("/shocks/{i}/moves/{j}/{member}");
            if !(-1.0..=stress::scenario::MAX_SHOCK).contains(&stated.move_return) {
                let detail = "must be at least -1 (a total loss) and at most 10 (a gain of 1,000 %)";
                faults.add(at("return"), FaultCode::Range, detail);
            }
            let (kind, name) = match (&stated.asset, &stated.asset_class, &stated.factor) {
                (Some(name), None, None) => ("asset", name),
                (None, Some(name), None) => ("asset_class", name),
                (None, None, Some(name)) => ("factor", name),
                _ => {
                    let detail = "must name exactly one of asset, asset_class and factor";
                    faults.add(format!("/shocks/{i}/moves/{j}"), FaultCode::Value, detail);
                    continue;
                }
            };
            let known = match kind {
                "asset" => self.has_asset(name),
                "asset_class" => self.has_class(name),
                _ => self.has_returns(name) && !self.has_asset(name),
            };
            if !known {
                let detail = match kind {
                    "asset" => "is no asset of the book",
                    "asset_class" => "is the class of no asset",
                    _ => "must be a series of returns that is no asset of the book",
                };
                faults.add(at(kind), FaultCode::Value, detail);
            } else if kind == "factor" && !shock.propagates() {
                faults.add(at(kind), FaultCode::Value, "moves nothing unless the shock propagates");
            } else if !seen.insert((kind, name.trim())) {
                faults.add(at(kind), FaultCode::DuplicateName, "is moved twice");
            }
        }
    }

    fn check_correlation(&self, faults: &mut Faults) {
        let Some(correlation) = &self.correlation else { return };
        match (&correlation.level, &correlation.matrix) {
            (Some(_), None) => {}
            (None, Some(matrix)) => {
                let n = self.assets.len();
                check_matrix(matrix, n, n, (-1.0, 1.0), "/correlation/matrix", faults);
                for (i, asset) in self.assets.iter().enumerate() {
                    if !self.has_returns(&asset.asset) {
                        let detail = format!("needs returns of every asset, and asset {} has none", i + 1);
                        faults.add("/correlation/matrix", FaultCode::Required, detail);
                        return;
                    }
                }
            }
            (Some(_), Some(_)) => faults.add("/correlation/matrix", FaultCode::Value, "goes without a level"),
            (None, None) => faults.add("/correlation/level", FaultCode::Required, "is required, or a matrix"),
        }
    }
}
