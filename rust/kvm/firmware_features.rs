// SPDX-License-Identifier: GPL-2.0

//! The features of FWFT: `struct kvm_sbi_fwft`, and the fields of `struct kvm_vcpu_config` in which
//! their values are.

use core::mem::offset_of;
use core::ptr;

use kernel::bindings;
use kernel::prelude::kunit_tests;

use super::HeldVcpu;
use super::LoadedVcpu;
use crate::riscv::HypervisorCsrs;
use crate::sbi::Feature;
use crate::sbi::FeatureState;
use crate::sbi::Field;
use crate::sbi::PointerMask;

/// The exceptions of misaligned loads and stores in hedeleg.
const MISALIGNED: usize =
    (1 << bindings::EXC_LOAD_MISALIGNED) | (1 << bindings::EXC_STORE_MISALIGNED);

/// henvcfg.PMM.
const PMM: u64 = bindings::ENVCFG_PMM;

// The state of the features, as bits of `configs`: C allocates an array there, and looks into it in
// `vcpu_sbi_fwft.c` only. Nothing has to be released.
const SUPPORTED: usize = 1 << 0;
const ENABLED: usize = 1 << 1;
const LOCKED: usize = 1 << 2;
/// The bits of one feature.
const FEATURE: usize = SUPPORTED | ENABLED | LOCKED;

/// Where the bits of a feature are.
const fn shift(feature: Feature) -> u32 {
    match feature {
        Feature::MisalignedDelegation => 0,
        Feature::PointerMasking => FEATURE.count_ones(),
    }
}

/// Asserts that state registers have the numbers by which user space knows them.
macro_rules! same_register {
    ($($ours:ident => $feature:ident,)*) => {
        $(const _: () = {
            const FIRST: usize = offset_of!(bindings::kvm_riscv_sbi_fwft, $feature);
            const WORD: usize = size_of::<usize>();
            type Fields = bindings::kvm_riscv_sbi_fwft_feature;
            assert!(Field::Enable.of(Feature::$ours) == (FIRST + offset_of!(Fields, enable)) / WORD);
            assert!(Field::Flags.of(Feature::$ours) == (FIRST + offset_of!(Fields, flags)) / WORD);
            assert!(Field::Value.of(Feature::$ours) == (FIRST + offset_of!(Fields, value)) / WORD);
        };)*
    };
}

same_register! {
    MisalignedDelegation => misaligned_deleg,
    PointerMasking => pointer_masking,
}

/// A mask in henvcfg.
fn pmm(mask: PointerMask) -> u64 {
    match mask {
        PointerMask::None => bindings::ENVCFG_PMM_PMLEN_0,
        PointerMask::Seven => bindings::ENVCFG_PMM_PMLEN_7,
        PointerMask::Sixteen => bindings::ENVCFG_PMM_PMLEN_16,
    }
}

impl HeldVcpu {
    fn fwft(&self) -> *mut bindings::kvm_sbi_fwft {
        // SAFETY: `HeldVcpu`: live; only the address is taken.
        unsafe { &raw mut (*self.as_ptr()).arch.fwft_context }
    }

    fn config(&self) -> *mut bindings::kvm_vcpu_config {
        // SAFETY: `HeldVcpu`: live; only the address is taken.
        unsafe { &raw mut (*self.as_ptr()).arch.cfg }
    }

    fn feature_bits(&self) -> usize {
        // SAFETY: `HeldVcpu`: the field is this thread's.
        unsafe { (*self.fwft()).configs }.addr()
    }

    /// What is remembered of a feature; of a new vCPU, nothing.
    pub(crate) fn feature_state(&self, feature: Feature) -> FeatureState {
        let bits = self.feature_bits() >> shift(feature);
        FeatureState {
            supported: bits & SUPPORTED != 0,
            enabled: bits & ENABLED != 0,
            locked: bits & LOCKED != 0,
        }
    }

    /// Remembers it.
    pub(crate) fn set_feature_state(&self, feature: Feature, state: FeatureState) {
        let bits = [
            (state.supported, SUPPORTED),
            (state.enabled, ENABLED),
            (state.locked, LOCKED),
        ];
        let bits = bits
            .into_iter()
            .filter_map(|(is, bit)| is.then_some(bit))
            .fold(0, |bits, bit| bits | bit);
        let others = self.feature_bits() & !(FEATURE << shift(feature));
        let all = ptr::without_provenance_mut(others | (bits << shift(feature)));
        // SAFETY: `HeldVcpu`: the field is this thread's, and nobody takes it for an address.
        unsafe { (*self.fwft()).configs = all };
    }

    /// Whether the host can have misaligned accesses of a guest trap to the guest.
    pub(crate) fn can_delegate_misaligned(&self) -> bool {
        // SAFETY: Any context.
        unsafe { bindings::kvm_riscv_rs_can_delegate_misaligned() }
    }

    /// Whether they are to trap to the guest.
    pub(crate) fn delegates_misaligned(&self) -> bool {
        // SAFETY: `HeldVcpu`: written under the mutex that this thread holds.
        let hedeleg = unsafe { (*self.config()).hedeleg };
        hedeleg & MISALIGNED == MISALIGNED
    }

    /// Sets whether they are to, from when the vCPU is next loaded.
    pub(crate) fn delegate_misaligned(&self, delegate: bool) {
        let config = self.config();
        // SAFETY: `delegates_misaligned()`.
        let others = unsafe { (*config).hedeleg } & !MISALIGNED;
        let hedeleg = others | if delegate { MISALIGNED } else { 0 };
        // SAFETY: `delegates_misaligned()`.
        unsafe { (*config).hedeleg = hedeleg };
    }

    /// Whether the guest has pointer masking in VU-mode, Smnpm for KVM.
    pub(crate) fn has_smnpm(&self) -> bool {
        self.has_isa_extension::<{ bindings::RISCV_ISA_EXT_SMNPM as usize }>() // CAST: Small.
    }

    /// Finds out what masks the hardware has. False if that is none.
    ///
    /// Context: any; interrupts are off for a moment.
    pub(crate) fn probe_pointer_masks(&self) -> bool {
        let csrs = HypervisorCsrs::of_this_hart();
        let seven = csrs.henvcfg_can_be(PMM, bindings::ENVCFG_PMM_PMLEN_7);
        let sixteen = csrs.henvcfg_can_be(PMM, bindings::ENVCFG_PMM_PMLEN_16);
        let fwft = self.fwft();
        // SAFETY: `HeldVcpu`: the field is this thread's.
        unsafe { (*fwft).have_vs_pmlen_7 = seven };
        // SAFETY: As above.
        unsafe { (*fwft).have_vs_pmlen_16 = sixteen };
        seven || sixteen
    }

    /// Whether the hardware has this mask, as far as [`probe_pointer_masks()`] has found out.
    ///
    /// [`probe_pointer_masks()`]: Self::probe_pointer_masks()
    pub(crate) fn has_pointer_mask(&self, mask: PointerMask) -> bool {
        let fwft = self.fwft();
        match mask {
            PointerMask::None => true,
            // SAFETY: `HeldVcpu`: the field is this thread's.
            PointerMask::Seven => unsafe { (*fwft).have_vs_pmlen_7 },
            // SAFETY: As above.
            PointerMask::Sixteen => unsafe { (*fwft).have_vs_pmlen_16 },
        }
    }

    /// The mask that the guest has set.
    pub(crate) fn pointer_mask(&self) -> Option<PointerMask> {
        // SAFETY: `HeldVcpu`: written under the mutex that this thread holds.
        let henvcfg = unsafe { (*self.config()).henvcfg };
        [PointerMask::None, PointerMask::Seven, PointerMask::Sixteen]
            .into_iter()
            .find(|&mask| henvcfg & PMM == pmm(mask))
    }

    /// Sets the mask that the guest has from when the vCPU is next loaded.
    pub(crate) fn set_pointer_mask(&self, mask: PointerMask) {
        let config = self.config();
        // SAFETY: `pointer_mask()`.
        let others = unsafe { (*config).henvcfg } & !PMM;
        // SAFETY: `pointer_mask()`.
        unsafe { (*config).henvcfg = others | pmm(mask) };
    }

    /// Has the next load of the vCPU load its CSRs, even if they are still in the hart.
    pub(crate) fn mark_csrs_dirty(&self) {
        // SAFETY: `HeldVcpu`: the field is this thread's.
        unsafe { (*self.as_ptr()).arch.csr_dirty = true };
    }
}

impl LoadedVcpu {
    /// Has the hart take over the vCPU's hedeleg.
    pub(crate) fn load_hedeleg(&self) {
        let csrs = HypervisorCsrs::of_this_hart();
        // SAFETY: `LoadedVcpu`: the field is this thread's.
        csrs.set_hedeleg(unsafe { (*self.config()).hedeleg });
    }

    /// Has the hart take over the vCPU's henvcfg.
    pub(crate) fn load_henvcfg(&self) {
        let csrs = HypervisorCsrs::of_this_hart();
        // SAFETY: `LoadedVcpu`: the field is this thread's.
        csrs.set_henvcfg(unsafe { (*self.config()).henvcfg });
    }
}

#[kunit_tests(kvm_riscv_firmware_features)]
mod tests {
    use kernel::prelude::Result;

    use crate::kvm::blank::BlankVcpu;
    use crate::sbi::Feature;
    use crate::sbi::FeatureState;
    use crate::sbi::PointerMask;

    #[test]
    fn what_is_remembered_of_one_feature_is_not_of_the_other() -> Result {
        let blank = BlankVcpu::new()?;
        let vcpu = blank.vcpu();
        let features = [Feature::MisalignedDelegation, Feature::PointerMasking];
        for feature in features {
            assert!(vcpu.feature_state(feature) == FeatureState::default());
        }
        for bits in 0..8u32 {
            let state = |bits: u32| FeatureState {
                supported: bits & 1 != 0,
                enabled: bits & 2 != 0,
                locked: bits & 4 != 0,
            };
            vcpu.set_feature_state(Feature::MisalignedDelegation, state(bits));
            vcpu.set_feature_state(Feature::PointerMasking, state(7 - bits));
            assert!(vcpu.feature_state(Feature::MisalignedDelegation) == state(bits));
            assert!(vcpu.feature_state(Feature::PointerMasking) == state(7 - bits));
        }
        Ok(())
    }

    #[test]
    fn values_are_fields_of_hedeleg_and_henvcfg() -> Result {
        let blank = BlankVcpu::new()?;
        let vcpu = blank.vcpu();
        let config = vcpu.config();
        // SAFETY: The vCPU is this function's.
        unsafe { (*config).hedeleg = !super::MISALIGNED };
        vcpu.delegate_misaligned(true);
        assert!(vcpu.delegates_misaligned());
        // SAFETY: As above.
        assert_eq!(unsafe { (*config).hedeleg }, usize::MAX);
        vcpu.delegate_misaligned(false);
        assert!(!vcpu.delegates_misaligned());
        // SAFETY: As above.
        assert_eq!(unsafe { (*config).hedeleg }, !super::MISALIGNED);

        // SAFETY: As above.
        unsafe { (*config).henvcfg = u64::MAX };
        for mask in [PointerMask::Seven, PointerMask::Sixteen, PointerMask::None] {
            vcpu.set_pointer_mask(mask);
            assert!(vcpu.pointer_mask() == Some(mask));
            // SAFETY: As above.
            assert_eq!(unsafe { (*config).henvcfg } | super::PMM, u64::MAX);
        }
        Ok(())
    }
}
