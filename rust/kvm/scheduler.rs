// SPDX-License-Identifier: GPL-2.0

//! This thread and others.

use kernel::bindings;

use super::LoadedVcpu;

impl LoadedVcpu {
    /// Lets another thread have the CPU if one waits for it, as `cond_resched()`.
    ///
    /// Context: sleeps.
    pub(crate) fn reschedule(&self) {
        // SAFETY: `LoadedVcpu`: preemptible.
        unsafe { bindings::kvm_riscv_rs_cond_resched() };
    }

    /// Whether a signal waits for this thread: `KVM_RUN` ends before the guest is entered again.
    pub(crate) fn has_signal(&self) -> bool {
        // SAFETY: The current task lives.
        unsafe { bindings::signal_pending(bindings::get_current()) != 0 }
    }
}
