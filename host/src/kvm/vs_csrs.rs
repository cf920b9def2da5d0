// SPDX-License-Identifier: GPL-2.0

//! The guest's supervisor CSRs.

use std::cell::Cell;
use std::ops::Deref;

use super::LoadedVcpu;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct VsCsrs {
    pub(crate) vsstatus: Cell<usize>,
    pub(crate) vscause: Cell<usize>,
    pub(crate) vstval: Cell<usize>,
    pub(crate) vsepc: Cell<usize>,
    pub(crate) vstvec: Cell<usize>,
    /// How often somebody began to access them: between two times the thread may move to another
    /// CPU.
    pub(crate) sessions: Cell<usize>,
}

impl VsCsrs {
    pub(crate) fn vsstatus(&self) -> usize {
        self.vsstatus.get()
    }

    pub(crate) fn set_vsstatus(&self, value: usize) {
        self.vsstatus.set(value);
    }

    pub(crate) fn set_vscause(&self, value: usize) {
        self.vscause.set(value);
    }

    pub(crate) fn set_vstval(&self, value: usize) {
        self.vstval.set(value);
    }

    pub(crate) fn set_vsepc(&self, value: usize) {
        self.vsepc.set(value);
    }

    pub(crate) fn vstvec(&self) -> usize {
        self.vstvec.get()
    }
}

/// Interrupts are off while it lives.
pub(crate) struct Session<'a>(&'a LoadedVcpu);

impl LoadedVcpu {
    pub(crate) fn vs_csrs(&self) -> Session<'_> {
        let sessions = &self.vs_csrs.sessions;
        sessions.set(sessions.get() + 1);
        self.interrupts_off.set(self.interrupts_off.get() + 1);
        Session(self)
    }
}

impl Deref for Session<'_> {
    type Target = VsCsrs;

    fn deref(&self) -> &VsCsrs {
        &self.0.vs_csrs
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        self.0.interrupts_off.set(self.0.interrupts_off.get() - 1);
    }
}
