// SPDX-License-Identifier: GPL-2.0

//! What `vcpu_sbi.c` knows of a vCPU's SBI extensions, and calls that user space answers.

use kernel::bindings;

use super::LoadedVcpu;
use super::Run;

impl LoadedVcpu {
    /// The extension with this id in C's table, if the guest has it, as `kvm_vcpu_sbi_find_ext()`.
    ///
    /// Where an extension is not compiled in, the table has a stub without a handler: not there.
    fn extension(&self, id: usize) -> Option<*const bindings::kvm_vcpu_sbi_extension> {
        // SAFETY: `LoadedVcpu`; the function takes any id.
        let extension = unsafe { bindings::kvm_vcpu_sbi_find_ext(self.as_ptr(), id) };
        // SAFETY: The table is constant and lives as long as the module.
        (!extension.is_null() && unsafe { (*extension).handler }.is_some()).then_some(extension)
    }

    /// Whether the guest has the extension with this id, any register of a guest.
    pub(crate) fn has_extension(&self, id: usize) -> bool {
        self.extension(id).is_some()
    }

    /// What probe_extension says of the extension with this id: 0 if the guest does not have it.
    pub(crate) fn probe_extension(&self, id: usize) -> usize {
        let Some(extension) = self.extension(id) else {
            return 0;
        };
        // SAFETY: As in `extension()`.
        match unsafe { (*extension).probe } {
            // SAFETY: The table's own function, for a vCPU that is loaded here.
            Some(probe) => unsafe { probe(self.as_ptr()) },
            None => 1,
        }
    }

    /// Fills the run structure with the SBI call for user space to answer, by default with
    /// SBI_ERR_NOT_SUPPORTED, as `kvm_riscv_vcpu_sbi_forward_handler()`.
    pub(crate) fn forward_call(&self, run: &Run) {
        // The function says in here only that `KVM_RUN` is to end, which the caller knows.
        let mut ret = bindings::kvm_vcpu_sbi_return::default();
        // SAFETY: `LoadedVcpu` and `Run`: both live; `ret` is ours. The result is always 0.
        unsafe {
            bindings::kvm_riscv_vcpu_sbi_forward_handler(self.as_ptr(), run.as_ptr(), &raw mut ret)
        };
    }

    /// The vendor id that the guest sees.
    pub(crate) fn mvendorid(&self) -> usize {
        // SAFETY: `LoadedVcpu`: written through ONE_REG, under the mutex that this thread holds.
        unsafe { (*self.as_ptr()).arch.mvendorid }
    }

    /// The architecture id that the guest sees.
    pub(crate) fn marchid(&self) -> usize {
        // SAFETY: As in `mvendorid()`.
        unsafe { (*self.as_ptr()).arch.marchid }
    }

    /// The implementation id that the guest sees.
    pub(crate) fn mimpid(&self) -> usize {
        // SAFETY: As in `mvendorid()`.
        unsafe { (*self.as_ptr()).arch.mimpid }
    }
}
