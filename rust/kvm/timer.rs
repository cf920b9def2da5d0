// SPDX-License-Identifier: GPL-2.0

//! The guest's timer.

use kernel::bindings;

use super::LoadedVcpu;

impl LoadedVcpu {
    /// Programs the VS-mode timer to fire when the guest's `time` reaches `deadline`, as
    /// `kvm_riscv_vcpu_timer_next_event()`.
    ///
    /// `deadline` is in cycles of the guest's `time` CSR; all ones never fires. A pending timer
    /// interrupt is cleared if `deadline` lies in the future.
    ///
    /// Context: preemptible.
    pub(crate) fn set_timer(&self, deadline: u64) {
        let vcpu = self.as_ptr();
        // SAFETY: `LoadedVcpu`: live, and its timer is only written by this thread.
        let timer = unsafe { &raw mut (*vcpu).arch.timer };
        // With Sstc the C only writes vstimecmp, and a preemption before the next entry loads the
        // old deadline back from `next_cycles`: a lost timer (T1 of docs/differences.md). Without
        // Sstc the C sets `next_cycles` itself, after it has withdrawn the pending interrupt.
        // SAFETY: As above.
        if unsafe { (*timer).sstc_enabled } {
            // SAFETY: As above.
            unsafe { (*timer).next_cycles = deadline };
        }
        // The result is 0, or -EINVAL for a vCPU whose timer was never set up: none can run then.
        // SAFETY: The vCPU is loaded, as the write of vstimecmp wants.
        unsafe { bindings::kvm_riscv_vcpu_timer_next_event(vcpu, deadline) };
    }
}
