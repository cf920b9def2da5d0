// SPDX-License-Identifier: GPL-2.0

//! vCPUs, by their ids.

use super::Vcpu;

/// vCPUs, by their ids.
pub(crate) struct VcpuSet(pub(super) Vec<usize>);

impl VcpuSet {
    pub(crate) fn new() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn insert(&mut self, vcpu: &Vcpu) {
        self.0.push(vcpu.id());
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
