//! Compiles the service again when the dashboard or the examples of the contract were made anew: these files are embedded, and cargo does not see new ones.

use std::path::Path;

fn main() {
    // A path that is not there would make every build start over, so until the first build the folder around it is watched.
    let dist = Path::new("../dashboard/dist");
    let watched = if dist.is_dir() { dist } else { Path::new("../dashboard") };
    println!("cargo:rerun-if-changed={}", watched.display());
    println!("cargo:rerun-if-changed=../../openapi/examples");
    println!("cargo:rerun-if-changed=build.rs");
}
