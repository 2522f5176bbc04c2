//! Reads a file of positions, targets or a history, and prints what was read.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::process::ExitCode;

use ::import::{ImportOptions, Importer, MAX_BYTES};
use clap::Args;
use engine::dto::import::ImportPreview;

use super::import_table::table;
use super::output::{fail, print};

#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    /// CSV, TSV or Excel file, `-` for standard input
    file: PathBuf,
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
}

pub(super) fn import(args: &ImportArgs) -> ExitCode {
    let bytes = match read(args) {
        Ok(bytes) => bytes,
        Err(error) => return fail(2, &format!("cannot read {}: {error}", args.file.display())),
    };
    let reading = match Importer::standard().read(&bytes, &ImportOptions::default()) {
        Ok(reading) => reading,
        Err(error) => return fail(1, &format!("cannot import {}: {error}", args.file.display())),
    };
    if !args.json {
        return print(&table(&reading));
    }
    match serde_json::to_string(&ImportPreview::from(reading)) {
        Ok(text) => print(&format!("{text}\n")),
        Err(error) => fail(1, &format!("the reading cannot be printed: {error}")),
    }
}

fn read(args: &ImportArgs) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = MAX_BYTES as u64 + 1;
    if args.file.as_os_str() == "-" {
        io::stdin().take(limit).read_to_end(&mut bytes)?;
    } else {
        File::open(&args.file)?.take(limit).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}
