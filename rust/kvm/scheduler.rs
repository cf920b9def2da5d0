// SPDX-License-Identifier: GPL-2.0

//! This thread and others.

use kernel::bindings;

use super::once::read_once;
use super::LoadedVcpu;

impl LoadedVcpu {
    /// Lets another thread have the CPU if one waits for it, as `cond_resched()`, and who changes the
    /// VM's memory slots go on: what is known of them is not true any more.
    ///
    /// Context: sleeps; gives up the SRCU read lock and takes it again.
    pub(crate) fn reschedule(&self) {
        // SAFETY: `LoadedVcpu`: preemptible, with the SRCU read lock; no reference to a slot outlives
        // the call that looked it up.
        unsafe { bindings::kvm_riscv_rs_cond_resched(self.as_ptr()) };
    }

    /// Whether the ring of the pages that this vCPU has written is all but full: `KVM_RUN` ends
    /// before the guest is entered again, for user space to empty it.
    pub(crate) fn dirty_ring_is_full(&self) -> bool {
        // SAFETY: `LoadedVcpu`: live; others set bits of the word atomically.
        let requests = unsafe { read_once(&raw const (*self.as_ptr()).requests) };
        requests & 1 << bindings::KVM_REQ_DIRTY_RING_SOFT_FULL != 0
    }

    /// Whether a signal waits for this thread: `KVM_RUN` ends before the guest is entered again.
    pub(crate) fn has_signal(&self) -> bool {
        // SAFETY: The current task lives.
        unsafe { bindings::signal_pending(bindings::get_current()) != 0 }
    }
}
