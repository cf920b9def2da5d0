// SPDX-License-Identifier: GPL-2.0

//! The calls of the extension.

use core::ffi::c_int;

use kernel::bindings;

use crate::nacl::Feature;

/// What stands for all CSRs, all fences, and, twice, for no memory at all.
const ALL: usize = usize::MAX;

/// Makes a call; an error is the SBI's number.
fn call(function: u32, first: usize, second: usize) -> Result<usize, isize> {
    // CAST: Ids of the SBI, small enough.
    let extension = bindings::sbi_ext_id_SBI_EXT_NACL as c_int;
    // CAST: As above.
    let function = function as c_int;
    // SAFETY: The function may be called from anywhere.
    let ret = unsafe { bindings::__sbi_ecall(first, second, 0, 0, 0, 0, function, extension) };
    match ret.error {
        // CAST: The bits of a register.
        0 => Ok(ret.value as usize),
        error => Err(error),
    }
}

/// Whether a feature is offered; an error is a no.
pub(super) fn probe_feature(feature: Feature) -> bool {
    let function = bindings::sbi_ext_nacl_fid_SBI_EXT_NACL_PROBE_FEATURE;
    call(function, feature.number(), 0).is_ok_and(|value| value != 0)
}

/// Gives this hart's memory to the hypervisor.
pub(super) fn set_shmem(address: usize) -> Result<usize, isize> {
    call(
        bindings::sbi_ext_nacl_fid_SBI_EXT_NACL_SET_SHMEM,
        address,
        0,
    )
}

/// Takes it back.
pub(super) fn forget_shmem() -> Result<usize, isize> {
    call(bindings::sbi_ext_nacl_fid_SBI_EXT_NACL_SET_SHMEM, ALL, ALL)
}

/// Makes this hart's CSRs what was written in shared memory, and the words there what the CSRs have
/// become.
pub(super) fn sync_csrs() -> Result<usize, isize> {
    call(bindings::sbi_ext_nacl_fid_SBI_EXT_NACL_SYNC_CSR, ALL, 0)
}

/// The same for the CSR with this number; false if the hypervisor beneath refuses.
pub(crate) fn sync_csr(number: usize, _interrupts: &super::InterruptsOff) -> bool {
    call(bindings::sbi_ext_nacl_fid_SBI_EXT_NACL_SYNC_CSR, number, 0).is_ok()
}

/// Makes the hypervisor make the fences in the queue.
pub(super) fn sync_fences() -> Result<usize, isize> {
    call(bindings::sbi_ext_nacl_fid_SBI_EXT_NACL_SYNC_HFENCE, ALL, 0)
}
