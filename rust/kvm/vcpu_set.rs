// SPDX-License-Identifier: GPL-2.0

//! Sets of vCPUs, as KVM's requests take them.

use kernel::bindings;
use kernel::prelude::kunit_tests;

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

#[kunit_tests(kvm_riscv_vcpu_set)]
mod tests {
    use kernel::bindings;
    use kernel::prelude::Result;

    use super::VcpuSet;
    use crate::kvm::blank::BlankVcpu;

    #[test]
    fn a_vcpu_is_its_index() -> Result {
        let blank = BlankVcpu::new()?;
        let last = bindings::KVM_MAX_VCPUS as usize - 1;
        // The id is another number.
        // SAFETY: The vCPU is this function's.
        unsafe { (*blank.as_ptr()).vcpu_id = 1 };
        for index in [0, 63, 64, last] {
            // SAFETY: As above.
            unsafe { (*blank.as_ptr()).vcpu_idx = index as i32 };
            let mut set = VcpuSet::new();
            assert!(set.is_empty());
            set.insert(blank.vcpu());
            assert!(!set.is_empty());
            assert_eq!(set.0[index / 64], 1 << (index % 64));
            assert_eq!(set.0.iter().filter(|&&word| word != 0).count(), 1);
        }
        Ok(())
    }
}
