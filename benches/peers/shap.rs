//! Our side of the comparison with LightGBM (`make bench-peers`): SHAP values of a text model.
//!
//! `shap_peers MODEL ROWS WIDTH RESULT`: ROWS holds doubles in the order of the machine; the SHAP values and the expected value go to
//! RESULT in the form of `pred_contrib`. Prints the processor time of the best of five runs, in nanoseconds.
#![allow(clippy::print_stdout, reason = "the answer is read from the output")]

use std::error::Error;
use std::time::Duration;

use cpu_time::ThreadTime;
use trees::{Cover, Ensemble, ReadLimits, Rows};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [model, source, width, result] = arguments.as_slice() else {
        return Err("arguments: MODEL ROWS WIDTH RESULT".into());
    };
    let model = Ensemble::from_lightgbm(&std::fs::read_to_string(model)?, &ReadLimits::default())?;
    let bytes = std::fs::read(source)?;
    let numbers = bytes.as_chunks::<8>().0.iter().map(|eight| f64::from_ne_bytes(*eight)).collect();
    let rows = Rows::new(width.parse()?, numbers)?;

    let mut shortest = Duration::MAX;
    let mut explained = None;
    for _ in 0..5 {
        let start = ThreadTime::now();
        explained = Some(model.explain(&rows, Cover::DataCount)?);
        shortest = shortest.min(start.elapsed());
    }
    let explained = explained.ok_or("nothing was run")?;
    let mut out = Vec::new();
    for row in 0..rows.len() {
        out.extend(explained.row(row).iter().flat_map(|value| value.to_ne_bytes()));
        out.extend(explained.expected_value().to_ne_bytes());
    }
    std::fs::write(result, out)?;
    println!("{{\"ns\": {}, \"additivity_error\": {:e}}}", shortest.as_nanos(), explained.additivity_error());
    Ok(())
}
