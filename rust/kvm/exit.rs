// SPDX-License-Identifier: GPL-2.0

//! Parts of the exit path that are C: the SBI dispatch, the scheduler, the log.

use kernel::bindings;

use super::Errno;
use super::LoadedVcpu;
use crate::exit::Trap;

impl LoadedVcpu {
    /// Whether the guest has something to do, as `kvm_arch_vcpu_runnable()`.
    pub(crate) fn is_runnable(&self) -> bool {
        // SAFETY: `LoadedVcpu`.
        unsafe { bindings::kvm_arch_vcpu_runnable(self.as_ptr()) != 0 }
    }

    /// The CPU that the vCPU was last on.
    pub(crate) fn last_exit_cpu(&self) -> u32 {
        // SAFETY: `LoadedVcpu`: this thread's.
        let cpu = unsafe { (*self.as_ptr()).arch.last_exit_cpu };
        // CAST: The number of a CPU.
        cpu as u32
    }

    /// Sleeps until the guest has something to do, as `kvm_vcpu_halt()`, without the SRCU read lock.
    ///
    /// Context: sleeps.
    pub(crate) fn halt(&self) {
        // SAFETY: `LoadedVcpu`: the SRCU read lock is held, as the function wants.
        unsafe { bindings::kvm_riscv_rs_halt(self.as_ptr()) };
    }

    /// Lets another vCPU of the VM run that this one may be waiting for, as `kvm_vcpu_on_spin()`.
    ///
    /// Context: may sleep.
    pub(crate) fn yield_to_others(&self) {
        // SAFETY: `LoadedVcpu`.
        unsafe { bindings::kvm_vcpu_on_spin(self.as_ptr(), self.is_in_supervisor_mode()) };
    }

    /// Says in the kernel's log that `KVM_RUN` ends with an error, and where the guest was: the
    /// lines of `kvm_riscv_vcpu_exit()`, but not more often than a log bears.
    #[cold]
    #[inline(never)]
    pub(crate) fn report_exit_error(&self, errno: Errno, trap: &Trap) {
        // SAFETY: The function may be called from anywhere.
        if !unsafe { bindings::kvm_riscv_rs_may_report_exit() } {
            return;
        }
        let trap = core::ptr::from_ref(trap).cast_mut().cast();
        // SAFETY: `LoadedVcpu`; `Trap` has the layout of C's (see `trap_layout`), and C reads it.
        unsafe { bindings::kvm_riscv_rs_report_exit(self.as_ptr(), trap, errno.to_int()) };
    }
}

/// [`Trap`] is `struct kvm_cpu_trap`.
mod trap_layout {
    use core::mem::offset_of;

    use kernel::bindings::kvm_cpu_trap;

    use super::Trap;

    const _: () = assert!(size_of::<Trap>() == size_of::<kvm_cpu_trap>());
    const _: () = assert!(offset_of!(Trap, sepc) == offset_of!(kvm_cpu_trap, sepc));
    const _: () = assert!(offset_of!(Trap, scause) == offset_of!(kvm_cpu_trap, scause));
    const _: () = assert!(offset_of!(Trap, stval) == offset_of!(kvm_cpu_trap, stval));
    const _: () = assert!(offset_of!(Trap, htval) == offset_of!(kvm_cpu_trap, htval));
    const _: () = assert!(offset_of!(Trap, htinst) == offset_of!(kvm_cpu_trap, htinst));
}
