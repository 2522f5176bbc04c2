//! Assets that are known to have been chosen for having survived.

/// The companies of the stock file in `data/`: each of them still existed at its end, for which it was chosen.
const SURVIVORS: [&str; 20] = [
    "AAPL", "AMD", "BAC", "BBY", "CVX", "GE", "HD", "JNJ", "JPM", "KO", "LLY", "MRK", "MSFT", "PEP", "PFE", "PG",
    "RRC", "UNH", "WMT", "XOM",
];

/// That assets were chosen for having survived, where it is known of some.
pub(crate) fn survivors<'a>(assets: impl Iterator<Item = &'a str>) -> Option<String> {
    let (mut known, mut all) = (0, 0);
    for name in assets {
        all += 1;
        known += usize::from(SURVIVORS.contains(&name.trim()));
    }
    (known > 0).then(|| {
        format!(
            "{known} of {all} assets have the names of companies that are known to have survived until 2022: if they were chosen for \
             that, every wealth here is too high."
        )
    })
}
