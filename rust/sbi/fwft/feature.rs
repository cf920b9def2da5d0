// SPDX-License-Identifier: GPL-2.0

//! The features that a guest can set, and what they do.

use crate::kvm::HeldVcpu;
use crate::kvm::LoadedVcpu;
use crate::sbi::SbiError;

/// A feature that KVM implements. All are local: each hart has its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Feature {
    /// MISALIGNED_EXC_DELEG: misaligned loads and stores trap to the guest, not to KVM.
    MisalignedDelegation,
    /// POINTER_MASKING_PMLEN: how many upper bits of an address VS-mode ignores.
    PointerMasking,
}

/// What KVM remembers of a feature of a hart, its value apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct FeatureState {
    /// The vCPU was made on a host that can offer it.
    pub(crate) supported: bool,
    /// The VMM lets the guest have it.
    pub(crate) enabled: bool,
    /// The guest has locked it.
    pub(crate) locked: bool,
}

/// henvcfg.PMM: how many upper bits of an address are ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PointerMask {
    /// None.
    None,
    /// 7 bits: addresses have 57.
    Seven,
    /// 16 bits: addresses have 48.
    Sixteen,
}

impl PointerMask {
    /// PMLEN.
    fn length(self) -> usize {
        match self {
            Self::None => 0,
            Self::Seven => 7,
            Self::Sixteen => 16,
        }
    }

    /// The mask of this length. Others than these are not rounded up, as in C.
    fn of_length(length: usize) -> Option<Self> {
        [Self::None, Self::Seven, Self::Sixteen]
            .into_iter()
            .find(|mask| mask.length() == length)
    }
}

impl Feature {
    /// All.
    pub(crate) const ALL: [Self; 2] = [Self::MisalignedDelegation, Self::PointerMasking];

    /// The first and last id of features that the specification has defined.
    pub(crate) const FIRST_DEFINED: u32 = 0;
    /// See [`FIRST_DEFINED`](Self::FIRST_DEFINED).
    pub(crate) const LAST_DEFINED: u32 = 5;

    /// The feature's id.
    pub(crate) const fn id(self) -> u32 {
        match self {
            Self::MisalignedDelegation => 0,
            Self::PointerMasking => 5,
        }
    }

    /// The feature with this id; or that it is not there (NOT_SUPPORTED), or that nobody has defined
    /// it (DENIED).
    pub(super) fn of_id(id: u32) -> Result<Self, SbiError> {
        let missing = match id {
            Self::FIRST_DEFINED..=Self::LAST_DEFINED => SbiError::NotSupported,
            _ => SbiError::Denied,
        };
        Self::ALL
            .into_iter()
            .find(|feature| feature.id() == id)
            .ok_or(missing)
    }

    /// Whether the host and the vCPU's ISA have what it needs, now.
    pub(super) fn is_possible(self, vcpu: &HeldVcpu) -> bool {
        match self {
            Self::MisalignedDelegation => vcpu.can_delegate_misaligned(),
            Self::PointerMasking => vcpu.has_smnpm(),
        }
    }

    /// Whether the vCPU has it: it was there when the vCPU was made, and still is.
    pub(super) fn is_supported(self, vcpu: &HeldVcpu) -> bool {
        vcpu.feature_state(self).supported && self.is_possible(vcpu)
    }

    /// Finds out what the hardware has of it. False if that is nothing.
    pub(super) fn init(self, vcpu: &HeldVcpu) -> bool {
        match self {
            Self::MisalignedDelegation => true,
            Self::PointerMasking => vcpu.probe_pointer_masks(),
        }
    }

    /// Gives it the value of a hart that begins anew, 0.
    pub(super) fn reset(self, vcpu: &HeldVcpu) {
        match self {
            Self::MisalignedDelegation => vcpu.delegate_misaligned(false),
            Self::PointerMasking => vcpu.set_pointer_mask(PointerMask::None),
        }
    }

    /// Sets the value that the vCPU is next loaded with.
    pub(super) fn set_value(self, vcpu: &HeldVcpu, value: usize) -> Result<(), SbiError> {
        match (self, value) {
            (Self::MisalignedDelegation, 0 | 1) => vcpu.delegate_misaligned(value == 1),
            (Self::MisalignedDelegation, _) => return Err(SbiError::InvalidParam),
            (Self::PointerMasking, length) => {
                let mask = PointerMask::of_length(length)
                    .filter(|&mask| vcpu.has_pointer_mask(mask))
                    .ok_or(SbiError::InvalidParam)?;
                vcpu.set_pointer_mask(mask);
            }
        }
        Ok(())
    }

    /// Has the loaded vCPU's hart take over the value.
    pub(super) fn load(self, vcpu: &LoadedVcpu) {
        match self {
            Self::MisalignedDelegation => vcpu.load_hedeleg(),
            Self::PointerMasking => vcpu.load_henvcfg(),
        }
    }

    /// The value.
    pub(super) fn value(self, vcpu: &HeldVcpu) -> Result<usize, SbiError> {
        match self {
            Self::MisalignedDelegation => Ok(vcpu.delegates_misaligned().into()),
            Self::PointerMasking => vcpu
                .pointer_mask()
                .map(PointerMask::length)
                .ok_or(SbiError::Failed),
        }
    }
}
