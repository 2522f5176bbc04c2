//! Does nothing. Cargo unifies the features of `[build-dependencies]` only in a package with a build script.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
}
