// SPDX-License-Identifier: GPL-2.0

//! The state registers: three for each feature, `struct kvm_riscv_sbi_fwft`.

use super::Feature;
use super::FeatureState;
use super::Fwft;
use crate::kvm::Errno;
use crate::kvm::HeldVcpu;
use crate::sbi::SbiError;

/// What a register says of its feature, `struct kvm_riscv_sbi_fwft_feature`.
#[derive(Clone, Copy)]
pub(crate) enum Field {
    /// Whether the guest has the feature, 0 or 1.
    Enable,
    /// The flags with which the guest has set it.
    Flags,
    /// Its value.
    Value,
}

impl Field {
    /// All, in the order of their registers.
    const ALL: [Self; 3] = [Self::Enable, Self::Flags, Self::Value];

    /// The number of the register that says this of `feature`.
    pub(crate) const fn of(self, feature: Feature) -> usize {
        let first = match feature {
            Feature::MisalignedDelegation => 0,
            Feature::PointerMasking => 3,
        };
        first
            + match self {
                Self::Enable => 0,
                Self::Flags => 1,
                Self::Value => 2,
            }
    }
}

/// All registers there can be, in the order of their numbers.
fn defined() -> impl Iterator<Item = (Feature, Field)> {
    Feature::ALL
        .into_iter()
        .flat_map(|feature| Field::ALL.into_iter().map(move |field| (feature, field)))
}

/// The numbers of the registers of a vCPU: those of the features that it has, enabled or not.
pub(super) fn all(vcpu: &HeldVcpu) -> impl Iterator<Item = usize> + '_ {
    defined()
        .filter(|(feature, _)| feature.is_supported(vcpu))
        .map(|(feature, field)| field.of(feature))
}

/// What the register with this number is.
fn find(vcpu: &HeldVcpu, number: usize) -> Result<(Feature, Field), Errno> {
    defined()
        .find(|&(feature, field)| field.of(feature) == number)
        .filter(|(feature, _)| feature.is_supported(vcpu))
        .ok_or(Errno::ENOENT)
}

/// What user space is told where a guest is told an error, as `sbi_err_map_linux_errno()`; of the
/// errors that a value can give.
fn errno(error: SbiError) -> Errno {
    match error {
        SbiError::InvalidParam => Errno::EINVAL,
        _ => Errno::ENOTSUPP,
    }
}

/// Reads a register.
pub(super) fn get(vcpu: &HeldVcpu, number: usize) -> Result<usize, Errno> {
    let (feature, field) = find(vcpu, number)?;
    let state = vcpu.feature_state(feature);
    match field {
        Field::Enable => Ok(state.enabled.into()),
        Field::Flags => Ok(if state.locked { Fwft::LOCK } else { 0 }),
        Field::Value => feature.value(vcpu).map_err(errno),
    }
}

/// Sets a register. A lock is the guest's, not user space's; flags that do not exist are ignored.
pub(super) fn set(vcpu: &HeldVcpu, number: usize, value: usize) -> Result<(), Errno> {
    let (feature, field) = find(vcpu, number)?;
    let state = vcpu.feature_state(feature);
    let state = match field {
        Field::Enable => FeatureState {
            enabled: match value {
                0 => false,
                1 => true,
                _ => return Err(Errno::EINVAL),
            },
            ..state
        },
        Field::Flags => FeatureState {
            locked: value & Fwft::LOCK != 0,
            ..state
        },
        Field::Value => {
            vcpu.mark_csrs_dirty();
            return feature.set_value(vcpu, value).map_err(errno);
        }
    };
    vcpu.set_feature_state(feature, state);
    Ok(())
}
