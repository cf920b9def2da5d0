// SPDX-License-Identifier: GPL-2.0

//! The Firmware Features extension (SBI v3.0, "Firmware Features Extension").

mod feature;
mod registers;

pub(crate) use feature::Feature;
pub(crate) use feature::FeatureState;
pub(crate) use feature::PointerMask;
pub(crate) use registers::Field;

use super::Call;
use super::Extension;
use super::Outcome;
use super::SbiError;
use crate::kvm::Errno;
use crate::kvm::HeldVcpu;
use crate::kvm::LoadedVcpu;
use crate::kvm::Run;

/// Features of the firmware that a guest sets for its hart, as `vcpu_sbi_fwft.c`.
pub(crate) struct Fwft;

impl Fwft {
    /// FID 0.
    pub(crate) const SET: usize = 0;
    /// FID 1.
    pub(crate) const GET: usize = 1;

    /// `flags` of set: the feature stays as it is until the hart is reset.
    pub(crate) const LOCK: usize = 1;
}

impl Extension for Fwft {
    const FIRST_ID: usize = 0x4657_4654;
    const STATE_SUBTYPE: Option<usize> = Some(1 << 16);

    fn init(vcpu: &HeldVcpu) -> Result<(), Errno> {
        for feature in Feature::ALL {
            let supported = feature.is_possible(vcpu) && feature.init(vcpu);
            let state = FeatureState {
                supported,
                enabled: supported,
                locked: false,
            };
            vcpu.set_feature_state(feature, state);
        }
        Ok(())
    }

    fn reset(vcpu: &HeldVcpu) {
        for feature in Feature::ALL {
            let state = FeatureState {
                locked: false,
                ..vcpu.feature_state(feature)
            };
            vcpu.set_feature_state(feature, state);
            feature.reset(vcpu);
        }
    }

    fn state_register_count(vcpu: &HeldVcpu) -> usize {
        registers::all(vcpu).count()
    }

    fn state_register(vcpu: &HeldVcpu, index: usize) -> Option<usize> {
        registers::all(vcpu).nth(index)
    }

    fn get_state(vcpu: &HeldVcpu, number: usize) -> Result<usize, Errno> {
        registers::get(vcpu, number)
    }

    fn set_state(vcpu: &HeldVcpu, number: usize, value: usize) -> Result<(), Errno> {
        registers::set(vcpu, number, value)
    }

    #[inline(never)]
    fn handle(call: &Call, vcpu: &LoadedVcpu, _run: &Run) -> Result<Outcome, Errno> {
        Ok(match call.function {
            Self::SET => set(vcpu, call.a0_32(), call.a1, call.a2).into(),
            Self::GET => Outcome::Return(get(vcpu, call.a0_32())),
            _ => Outcome::NOT_SUPPORTED,
        })
    }
}

/// The feature with this id, if the guest can use it.
fn usable(vcpu: &HeldVcpu, id: u32) -> Result<Feature, SbiError> {
    let feature = Feature::of_id(id)?;
    if vcpu.feature_state(feature).enabled && feature.is_supported(vcpu) {
        Ok(feature)
    } else {
        Err(SbiError::NotSupported)
    }
}

/// Sets a feature of the calling hart.
fn set(vcpu: &LoadedVcpu, id: u32, value: usize, flags: usize) -> Result<(), SbiError> {
    let feature = usable(vcpu, id)?;
    if flags & !Fwft::LOCK != 0 {
        return Err(SbiError::InvalidParam);
    }
    let state = vcpu.feature_state(feature);
    if state.locked {
        return Err(SbiError::DeniedLocked);
    }
    feature.set_value(vcpu, value)?;
    // The hart itself, not only what it will be loaded with.
    feature.load(vcpu);
    let locked = flags & Fwft::LOCK != 0;
    vcpu.set_feature_state(feature, FeatureState { locked, ..state });
    Ok(())
}

/// The value of a feature of the calling hart.
fn get(vcpu: &LoadedVcpu, id: u32) -> Result<usize, SbiError> {
    usable(vcpu, id)?.value(vcpu)
}
