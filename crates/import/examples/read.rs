//! Reads a broker's file and prints the reading as JSON: `cargo run -p import --example read -- FILE`.

#![expect(clippy::print_stdout, reason = "an example prints its reading")]

use std::error::Error;

use import::{ImportOptions, Importer};

const SAMPLE: &str = include_str!("../testdata/import/cases/01_schwab_positions.csv");

fn main() -> Result<(), Box<dyn Error>> {
    let bytes = match std::env::args_os().nth(1) {
        Some(file) => std::fs::read(file)?,
        None => SAMPLE.as_bytes().to_vec(),
    };
    let reading = Importer::standard().read(&bytes, &ImportOptions::default())?;
    println!("{}", serde_json::to_string_pretty(&reading)?);
    Ok(())
}
