//! The ensemble and the demo ensemble on a panel: each asset gets the forecast of its own history, and errors name the
//! place of bad values.

use forecast::{AssetFeatures, AssetHistory, DemoEnsemble, Ensemble, ForecastError, Forecaster};
use portfolio_core::{ReturnPanel, Universe};

fn panel(series: &[&[f64]]) -> ReturnPanel {
    let names = (0..series.len()).map(|i| format!("A{i}"));
    ReturnPanel::new(Universe::new(names).expect("valid"), series.iter().map(|s| s.to_vec()).collect()).expect("valid")
}

#[test]
fn a_panel_gives_what_its_histories_give_one_by_one() {
    let long: Vec<f64> = (0..60).map(|t| 0.001 * f64::from(t % 7 - 3)).collect();
    let histories: [&[f64]; 3] = [&long, &[0.01, -0.02], &[]];
    let market_returns = [None, Some(0.5), Some(0.004)];
    let features = AssetFeatures::default().with_market_returns(&market_returns);
    let (ensemble, demo) = (Ensemble::default(), DemoEnsemble::default());
    let together = [&ensemble as &dyn Forecaster, &demo].map(|f| f.forecast(&panel(&histories), &features).unwrap());
    for (asset, (&returns, market_return)) in histories.iter().zip(market_returns).enumerate() {
        let history = AssetHistory { returns, market_return };
        assert_eq!(together[0][asset], ensemble.forecast_asset(history).unwrap());
        assert_eq!(together[1][asset], demo.forecast_asset(history).unwrap());
    }
}

#[test]
fn values_that_cannot_be_used_are_named_by_asset_and_index() {
    let built_in: [&dyn Forecaster; 2] = [&Ensemble::default(), &DemoEnsemble::default()];
    for forecaster in built_in {
        let huge = panel(&[&[0.1], &[0.1, -1e300, 0.2]]);
        let error = forecaster.forecast(&huge, &AssetFeatures::default()).unwrap_err();
        assert_eq!(error, ForecastError::Return { asset: 1, index: 1, value: -1e300 });

        let features = AssetFeatures::default().with_market_returns(&[None, Some(f64::INFINITY)]);
        let error = forecaster.forecast(&panel(&[&[], &[]]), &features).unwrap_err();
        assert_eq!(error, ForecastError::MarketReturn { asset: 1, value: f64::INFINITY });
    }
}
