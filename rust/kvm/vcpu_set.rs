// SPDX-License-Identifier: GPL-2.0

//! Sets of vCPUs, as KVM's requests take them.

use kernel::bindings;

use super::Vcpu;

const BITS: usize = usize::BITS as usize;
const WORDS: usize = (bindings::KVM_MAX_VCPUS as usize).div_ceil(BITS);

/// vCPUs of one VM: a bitmap of their indices.
///
/// It has a bit for each of `KVM_MAX_VCPUS`, 128 bytes, as C's has in `make_xfence_request()`.
pub(crate) struct VcpuSet([usize; WORDS]);

impl VcpuSet {
    /// The empty set.
    #[inline]
    pub(crate) fn new() -> Self {
        Self([0; WORDS])
    }

    /// Adds a vCPU.
    #[inline]
    pub(crate) fn insert(&mut self, vcpu: &Vcpu) {
        let index = vcpu.index();
        // An index is below `KVM_MAX_VCPUS`, so there always is a word.
        if let Some(word) = self.0.get_mut(index / BITS) {
            *word |= 1 << (index % BITS);
        }
    }

    /// Whether no vCPU is in the set.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().all(|&word| word == 0)
    }

    /// The bitmap for a C function that may write to it.
    #[inline]
    pub(super) fn as_mut_ptr(&mut self) -> *mut usize {
        self.0.as_mut_ptr()
    }
}
