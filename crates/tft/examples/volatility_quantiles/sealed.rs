//! The last network of a market as a version of the registry.

use std::error::Error;
use std::path::Path;

use governance::Digest;
use models::{Purpose, TrainingSpan};
use portfolio_core::Seed;
use tft::registry::{Facts, TftVersion, Trial};
use tft::{Admitted, Panel, Window};

use crate::fan::fan;
use crate::series::Market;

/// A network that was admitted, what it was trained on, and the windows of its forecasts.
pub(crate) struct Last {
    pub(crate) admitted: Admitted,
    pub(crate) panel: Panel,
    pub(crate) known: usize,
    pub(crate) test: Vec<Window>,
    /// Mean and spread of each target, by which it was scaled.
    pub(crate) scales: Vec<(f64, f64)>,
    pub(crate) seed: Seed,
}

/// Seals the network, reads the document back, tells its digest and what its card says the network looks at, and writes
/// its page to a folder where there is one.
pub(crate) fn sealed(
    market: &Market,
    last: &Last,
    trial: &Trial,
    folder: Option<&Path>,
) -> Result<String, Box<dyn Error>> {
    let first = market.indices.first().ok_or("no index")?;
    let date = |row: usize| first.dates.get(row).cloned().ok_or("no such day");
    let numbers = market.indices.iter().flat_map(|index| [&index.log_variance, &index.returns]);
    let bytes: Vec<u8> = numbers.flat_map(|column| &column[..last.known]).flat_map(|x| x.to_le_bytes()).collect();
    let facts = Facts {
        id: "tft_log_variance".to_owned(),
        version: "1.0.0".to_owned(),
        purpose: Purpose::Simulation,
        owner: "the operator of the service".to_owned(),
        summary: format!("quantiles of the logarithm of each day's variance: {}", market.name),
        target: "logarithm of the variance of a day, less its mean and over its spread in training".to_owned(),
        data: Digest::of_bytes(&bytes),
        span: TrainingSpan { from: date(0)?, to: date(last.known - 1)? },
        seed: last.seed,
        trials: 1,
    };
    let version = TftVersion::seal(&last.admitted, facts, trial, &last.panel, &last.test)?;
    let document = version.version().document()?;
    let read = TftVersion::load(&document, Some(version.version().digest()))?;
    let card = read.version().card();
    let mut told = format!(
        "sealed and read back: {} {}, {} bytes, trained to {}\n",
        card.id,
        read.version().digest(),
        document.len(),
        card.training_span.as_ref().map_or("", |span| &span.to)
    );
    for metric in &card.metrics {
        if metric.name.starts_with("selection") || metric.name.starts_with("attention") {
            told.push_str(&format!("  {:.3}  {}\n", metric.value, metric.name));
        }
    }
    if let Some(folder) = folder {
        let page = read.page(&read.model().explain(&last.panel, &last.test)?, &fan(market, last, &read)?);
        let path = folder.join(format!("{}.html", market.file));
        std::fs::write(&path, page)?;
        told.push_str(&format!("its page: {}\n", path.display()));
    }
    Ok(told)
}
