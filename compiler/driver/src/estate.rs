//! The documents whose units look at each other: infrastructures and their tenants.
//!
//! Invariant: they run when every document of the workspace is known, all of one environment
//! together, in an order that does not depend on the files they stand in.

use std::sync::Arc;

use platformc_model::{Environment, Infrastructure, Tenants, Text};
use platformc_source::Diagnostic;

use crate::group::Shared;
use crate::infrastructure;
use crate::unit::Unit;

/// The infrastructures and tenants of one environment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Estate {
    /// The infrastructures.
    pub(crate) infrastructures: Vec<Arc<Infrastructure>>,
    /// The tenants.
    pub(crate) tenants: Vec<Arc<Tenants>>,
}

impl Estate {
    /// Both together.
    pub(crate) fn join(&mut self, other: Estate) {
        self.infrastructures.extend(other.infrastructures);
        self.tenants.extend(other.tenants);
    }

    /// The kind and name of every document.
    pub(crate) fn names(&self) -> impl Iterator<Item = (&'static str, Text)> {
        let infrastructures = self.infrastructures.iter();
        let tenants = self.tenants.iter();
        infrastructures
            .map(|found| ("Infrastructure", found.metadata.name.clone()))
            .chain(tenants.map(|found| ("Tenants", found.metadata.name.clone())))
    }

    /// Runs the units of an environment.
    pub(crate) fn units(
        mut self,
        shared: &Shared<'_>,
        environment: &Environment,
        sink: &mut Vec<Diagnostic>,
    ) -> Vec<Unit> {
        self.infrastructures.sort_by(|a, b| a.metadata.name.text.cmp(&b.metadata.name.text));
        self.tenants.sort_by(|a, b| a.metadata.name.text.cmp(&b.metadata.name.text));
        infrastructure::units(shared, environment, &self.infrastructures, &self.tenants, sink)
    }
}
