// SPDX-License-Identifier: GPL-2.0

//! Whether and how nested acceleration is used.

use kernel::bindings;

use super::call;
use super::keys;
use crate::kvm::Errno;
use crate::nacl::Feature;
use crate::nacl::Features;
use crate::riscv::csr;

/// The first version of the SBI whose extensions can be probed for, 1.0.
const SBI_VERSION: usize = 1 << 24;

/// Nested acceleration as the hypervisor beneath offers it and as this KVM uses it.
pub(crate) struct Nested;

impl Nested {
    /// Whether there is such an extension.
    ///
    /// Context: any.
    pub(crate) fn is_offered() -> bool {
        // SAFETY: Written once, when the kernel boots.
        let version = unsafe { bindings::sbi_spec_version };
        // CAST: An id of the SBI, small enough.
        let extension = bindings::sbi_ext_id_SBI_EXT_NACL as core::ffi::c_int;
        // SAFETY: The function may be called from anywhere.
        version >= SBI_VERSION && unsafe { bindings::sbi_probe_extension(extension) } > 0
    }

    /// Whether it has this feature. An error is a no.
    ///
    /// Context: any.
    pub(crate) fn offers(feature: Feature) -> bool {
        call::probe_feature(feature)
    }

    /// hstatus, as the host has it.
    ///
    /// Context: any.
    pub(crate) fn hstatus() -> usize {
        // SAFETY: KVM runs with the hypervisor extension only.
        unsafe { csr::read::<{ csr::HSTATUS }>() }
    }

    /// Gives the hypervisor the memory at this physical address as this hart's.
    ///
    /// Context: the task cannot leave the hart.
    pub(crate) fn set_shared_memory(address: usize) -> Result<(), Errno> {
        call::set_shmem(address).map(drop).map_err(Errno::of_sbi)
    }

    /// Makes the hypervisor forget this hart's memory.
    ///
    /// Context: the task cannot leave the hart.
    pub(crate) fn forget_shared_memory() -> Result<(), Errno> {
        call::forget_shmem().map(drop).map_err(Errno::of_sbi)
    }

    /// Makes the hypervisor take over all CSRs and write what they are.
    ///
    /// Context: the task cannot leave the hart.
    pub(crate) fn sync_csrs() -> Result<(), Errno> {
        call::sync_csrs().map(drop).map_err(Errno::of_sbi)
    }

    /// Makes the hypervisor make all fences of the queue.
    ///
    /// Context: the task cannot leave the hart.
    pub(crate) fn sync_fences() -> Result<(), Errno> {
        call::sync_fences().map(drop).map_err(Errno::of_sbi)
    }

    /// The features that are used, if nested acceleration is.
    ///
    /// Context: any.
    pub(crate) fn features() -> Option<Features> {
        keys::is_available().then(|| Features::which(keys::has))
    }

    /// Uses nested acceleration, with these features, from now on.
    ///
    /// Context: process context; before KVM has been enabled on any hart.
    pub(crate) fn enable(features: Features) {
        keys::set_available(true);
        for feature in &Feature::ALL {
            if features.have(*feature) {
                keys::turn_on(*feature);
            }
        }
    }

    /// Uses it no more.
    ///
    /// Context: process context; after KVM has been disabled on every hart.
    pub(crate) fn disable() {
        for feature in &Feature::ALL {
            keys::turn_off(*feature);
        }
        keys::set_available(false);
    }
}
