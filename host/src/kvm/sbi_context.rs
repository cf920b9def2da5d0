// SPDX-License-Identifier: GPL-2.0

//! What KVM remembers of a vCPU's SBI, and the registers of a call.

use std::cell::Cell;

use super::HeldVcpu;
use super::Run;
use crate::sbi::Call;
use crate::sbi::ExtensionState;
use crate::sbi::Kind;

/// The call that user space is answering.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum PendingCall {
    #[default]
    None,
    /// Made at this pc.
    At(usize),
    /// It was answered: the hart is about to resume at this pc.
    ResumesAt(usize),
}

/// As a new vCPU has it.
pub(crate) struct SbiContext {
    /// By the numbers of `enum KVM_RISCV_SBI_EXT_ID`.
    states: [Cell<ExtensionState>; 14],
    pending: Cell<PendingCall>,
    pub(crate) has_run: Cell<bool>,
}

impl Default for SbiContext {
    fn default() -> Self {
        Self {
            states: std::array::from_fn(|_| Cell::new(ExtensionState::Uninitialized)),
            pending: Cell::default(),
            has_run: Cell::default(),
        }
    }
}

pub(crate) struct ExtensionStatus<'a>(&'a Cell<ExtensionState>);

impl ExtensionStatus<'_> {
    pub(crate) fn state(&self) -> ExtensionState {
        self.0.get()
    }

    pub(crate) fn set_state(&self, state: ExtensionState) {
        self.0.set(state);
    }
}

impl HeldVcpu {
    pub(crate) fn extension(&self, kind: Kind) -> Option<ExtensionStatus<'_>> {
        Some(ExtensionStatus(&self.sbi.states[kind.index()?]))
    }

    pub(crate) fn extension_state(&self, kind: Kind) -> ExtensionState {
        match kind.index() {
            Some(index) => self.sbi.states[index].get(),
            None => ExtensionState::Enabled,
        }
    }

    pub(crate) fn set_extension_state(&self, kind: Kind, state: ExtensionState) {
        if let Some(index) = kind.index() {
            self.sbi.states[index].set(state);
        }
    }

    pub(crate) fn sbi_extension_id(&self) -> usize {
        self.x[17].get()
    }

    pub(crate) fn sbi_call(&self) -> Call {
        Call {
            a0: self.x[10].get(),
            a1: self.x[11].get(),
            a2: self.x[12].get(),
            a3: self.x[13].get(),
            a4: self.x[14].get(),
            function: self.x[16].get(),
        }
    }

    pub(crate) fn set_sbi_return(&self, error: usize, value: usize) {
        self.x[10].set(error);
        self.x[11].set(value);
    }

    pub(crate) fn set_legacy_sbi_return(&self, value: usize) {
        self.x[10].set(value);
    }

    pub(crate) fn report_sbi_call(&self, run: &Run) {
        let arguments = std::array::from_fn(|number| self.x[10 + number].get());
        run.report_sbi_call(self.x[17].get(), self.x[16].get(), arguments);
    }

    pub(crate) fn set_pending_sbi_call(&self) {
        self.sbi.pending.set(PendingCall::At(self.pc()));
    }

    pub(crate) fn take_pending_sbi_call(&self) -> bool {
        let PendingCall::At(pc) = self.sbi.pending.get() else {
            return false;
        };
        self.sbi.pending.set(PendingCall::None);
        pc == self.pc()
    }

    pub(crate) fn forget_pending(&self) {
        if matches!(self.sbi.pending.get(), PendingCall::At(_)) {
            self.sbi.pending.set(PendingCall::None);
        }
        self.take_pending_mmio();
        self.take_pending_csr_access();
    }

    pub(crate) fn request_resume(&self, pc: usize, a1: usize) {
        self.sbi.pending.set(PendingCall::ResumesAt(pc));
        self.reset.set(Some((pc, a1)));
    }

    pub(crate) fn take_resume(&self) -> bool {
        let PendingCall::ResumesAt(pc) = self.sbi.pending.get() else {
            return false;
        };
        self.sbi.pending.set(PendingCall::None);
        pc == self.pc()
    }

    pub(crate) fn has_run(&self) -> bool {
        self.sbi.has_run.get()
    }
}
