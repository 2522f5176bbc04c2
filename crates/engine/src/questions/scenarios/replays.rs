//! A book held through windows of history.

use stress::scenario::{NotReplayed, ReplayAsset, Window, replay, series};

use super::book::{ScenarioBook, cents};
use crate::dto::scenarios::{
    AssetProfitAndLoss, HistoricalScenario, NotAssessedReason, ScenarioRequest, ScenarioWorstPoint,
};

/// The book in each window.
pub(super) fn answer(
    windows: &[&Window],
    request: &ScenarioRequest,
    book: &ScenarioBook<'_>,
) -> Vec<HistoricalScenario> {
    let assets: Vec<ReplayAsset<'_>> = book
        .names
        .iter()
        .zip(&book.weights)
        .map(|(name, weight)| ReplayAsset { weight: *weight, series: series(stand_in(request, name)).map(|s| s.name) })
        .collect();
    windows.iter().map(|window| one(window, &assets, book)).collect()
}

/// The name of the series that stands for an asset: the one that the request states, or its own.
fn stand_in<'a>(request: &'a ScenarioRequest, name: &'a str) -> &'a str {
    let proxies = request.proxy.iter().flat_map(|proxy| &proxy.0);
    proxies.into_iter().find(|(asset, _)| asset.trim() == name).map_or(name, |(_, series)| series.as_str())
}

fn one(window: &Window, assets: &[ReplayAsset<'_>], book: &ScenarioBook<'_>) -> HistoricalScenario {
    let replayed = replay(window, assets);
    let mut by_asset = Vec::new();
    let mut not_assessed = Vec::new();
    for (i, asset) in replayed.assets.iter().enumerate() {
        match asset {
            Ok(found) => by_asset.push(AssetProfitAndLoss {
                asset: book.names.get(i).copied().unwrap_or_default().to_owned(),
                series: found.series,
                series_kind: series(found.series).map(|series| series.kind),
                weight: book.weights.get(i).copied().unwrap_or_default(),
                asset_return: found.asset_return,
                profit_and_loss: book.amount(found.contribution),
            }),
            Err(NotReplayed::NoSeries) => not_assessed.push(book.left_out(i, NotAssessedReason::NoSeries)),
            Err(NotReplayed::WindowNotCovered) => {
                not_assessed.push(book.left_out(i, NotAssessedReason::WindowNotCovered))
            }
        }
    }
    let worst_amount: f64 = replayed.assets.iter().flatten().map(|asset| book.amount(asset.at_worst_point)).sum();
    HistoricalScenario {
        id: window.id,
        name: window.name,
        start: window.start(),
        end: window.end(),
        step: window.step,
        profit_and_loss: replayed.total.map(|_| cents(by_asset.iter().map(|asset| asset.profit_and_loss).sum())),
        book_return: replayed.total,
        by_asset,
        worst_point: replayed.worst_point.map(|worst| ScenarioWorstPoint {
            date: worst.date,
            profit_and_loss: cents(worst_amount),
            book_return: worst.total,
        }),
        covered_weight: replayed.covered_weight,
        not_assessed,
    }
}
