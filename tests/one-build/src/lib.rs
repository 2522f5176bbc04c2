//! Empty on purpose: the package is its list of dependencies.
