// SPDX-License-Identifier: GPL-2.0

//! `struct kvm_run`: what a vCPU shares with its VMM.

use kernel::bindings;
use kernel::types::Opaque;

use super::once::write_once;

/// Why the whole VM stops, as `KVM_EXIT_SYSTEM_EVENT` reports it.
#[derive(Clone, Copy)]
pub(crate) enum SystemEvent {
    /// The guest powers itself off.
    Shutdown,
    /// The guest asks to be started again.
    Reset,
}

impl SystemEvent {
    /// The number in `run->system_event.type`.
    fn number(self) -> u32 {
        match self {
            Self::Shutdown => bindings::KVM_SYSTEM_EVENT_SHUTDOWN,
            Self::Reset => bindings::KVM_SYSTEM_EVENT_RESET,
        }
    }
}

/// The run structure of a vCPU.
///
/// The VMM has it mapped and may write it at any moment: nothing that is read from it can be
/// trusted, and what is written may not be there when it is read back.
#[repr(transparent)]
pub(crate) struct Run(Opaque<bindings::kvm_run>);

impl Run {
    /// Wraps the pointer that C passes along with a vCPU.
    ///
    /// # Safety
    ///
    /// `ptr` is the run structure of a vCPU that lives for `'a`.
    pub(crate) unsafe fn from_raw<'a>(ptr: *mut bindings::kvm_run) -> &'a Self {
        // SAFETY: By the caller; `Opaque` lets others write the structure meanwhile.
        unsafe { &*ptr.cast::<Self>() }
    }

    /// The pointer that C knows the run structure by.
    pub(super) fn as_ptr(&self) -> *mut bindings::kvm_run {
        self.0.get()
    }

    /// Sets what the guest gets in a0 and a1 for a forwarded SBI call that user space leaves alone.
    ///
    /// Context: on the thread that runs the vCPU, after the call was forwarded.
    pub(crate) fn answer_sbi_call(&self, error: usize, value: usize) {
        let run = self.0.get();
        // SAFETY: `run` is live, and the union has no invalid values.
        let ret = unsafe { &raw mut (*run).__bindgen_anon_1.riscv_sbi.ret };
        // SAFETY: As above.
        unsafe { write_once(ret.cast(), error) };
        // SAFETY: As above; there are two elements.
        unsafe { write_once(ret.cast::<usize>().add(1), value) };
    }

    /// Fills the run structure for a `KVM_EXIT_SYSTEM_EVENT` with `data[0]` as its only datum, as
    /// the end of `kvm_riscv_vcpu_sbi_system_reset()`.
    ///
    /// Context: on the thread that runs the vCPU.
    pub(crate) fn report_system_event(&self, event: SystemEvent, data: u64) {
        let run = self.0.get();
        // SAFETY: `run` is live. The union has no invalid values.
        let report = unsafe { &raw mut (*run).__bindgen_anon_1.system_event };
        // SAFETY: As above; zero is a valid value of each field.
        unsafe { report.write_bytes(0, 1) };
        // SAFETY: `report` points into the live `run`.
        unsafe { write_once(&raw mut (*report).type_, event.number()) };
        // SAFETY: As above.
        unsafe { write_once(&raw mut (*report).ndata, 1) };
        // SAFETY: As above; `data` has 16 elements.
        unsafe { write_once((&raw mut (*report).__bindgen_anon_1.data).cast(), data) };
        // SAFETY: `run` is live.
        unsafe { write_once(&raw mut (*run).exit_reason, bindings::KVM_EXIT_SYSTEM_EVENT) };
    }
}
