// SPDX-License-Identifier: GPL-2.0

//! The features of FWFT, and the CSRs in which their values are.

use std::cell::Cell;

use super::HeldVcpu;
use super::LoadedVcpu;
use crate::sbi::Feature;
use crate::sbi::FeatureState;
use crate::sbi::PointerMask;

/// The values, as the vCPU is loaded with, and as the hart has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FeatureValues {
    pub(crate) delegates_misaligned: bool,
    pub(crate) pointer_mask: PointerMask,
}

/// The features of a vCPU, and of the host.
pub(crate) struct FeatureStates {
    states: [Cell<FeatureState>; 2],
    /// Whether the host can delegate misaligned accesses.
    pub(crate) can_delegate: Cell<bool>,
    /// Whether the guest has Smnpm.
    pub(crate) has_smnpm: Cell<bool>,
    /// The masks of the hardware but for none.
    pub(crate) hardware: Cell<(bool, bool)>,
    /// What the probe has found.
    probed: Cell<(bool, bool)>,
    /// What the vCPU is loaded with.
    pub(crate) config: Cell<FeatureValues>,
    /// What the hart has, as far as it was told.
    pub(crate) hart: Cell<FeatureValues>,
    /// Whether the next load is to be a full one.
    pub(crate) csrs_are_dirty: Cell<bool>,
}

impl Default for FeatureStates {
    fn default() -> Self {
        let none = FeatureValues {
            delegates_misaligned: false,
            pointer_mask: PointerMask::None,
        };
        Self {
            states: Default::default(),
            can_delegate: Cell::new(true),
            has_smnpm: Cell::new(true),
            hardware: Cell::new((true, true)),
            probed: Cell::default(),
            config: Cell::new(none),
            hart: Cell::new(none),
            csrs_are_dirty: Cell::default(),
        }
    }
}

impl HeldVcpu {
    pub(crate) fn feature_state(&self, feature: Feature) -> FeatureState {
        self.fwft.states[feature as usize].get()
    }

    pub(crate) fn set_feature_state(&self, feature: Feature, state: FeatureState) {
        self.fwft.states[feature as usize].set(state);
    }

    pub(crate) fn can_delegate_misaligned(&self) -> bool {
        self.fwft.can_delegate.get()
    }

    pub(crate) fn delegates_misaligned(&self) -> bool {
        self.fwft.config.get().delegates_misaligned
    }

    pub(crate) fn delegate_misaligned(&self, delegates_misaligned: bool) {
        self.fwft.config.set(FeatureValues {
            delegates_misaligned,
            ..self.fwft.config.get()
        });
    }

    pub(crate) fn has_smnpm(&self) -> bool {
        self.fwft.has_smnpm.get()
    }

    pub(crate) fn probe_pointer_masks(&self) -> bool {
        let (seven, sixteen) = self.fwft.hardware.get();
        self.fwft.probed.set((seven, sixteen));
        seven || sixteen
    }

    pub(crate) fn has_pointer_mask(&self, mask: PointerMask) -> bool {
        let (seven, sixteen) = self.fwft.probed.get();
        match mask {
            PointerMask::None => true,
            PointerMask::Seven => seven,
            PointerMask::Sixteen => sixteen,
        }
    }

    pub(crate) fn pointer_mask(&self) -> Option<PointerMask> {
        Some(self.fwft.config.get().pointer_mask)
    }

    pub(crate) fn set_pointer_mask(&self, pointer_mask: PointerMask) {
        self.fwft.config.set(FeatureValues {
            pointer_mask,
            ..self.fwft.config.get()
        });
    }

    pub(crate) fn mark_csrs_dirty(&self) {
        self.fwft.csrs_are_dirty.set(true);
    }
}

impl LoadedVcpu {
    pub(crate) fn load_hedeleg(&self) {
        self.fwft.hart.set(FeatureValues {
            delegates_misaligned: self.delegates_misaligned(),
            ..self.fwft.hart.get()
        });
    }

    pub(crate) fn load_henvcfg(&self) {
        self.fwft.hart.set(FeatureValues {
            pointer_mask: self.fwft.config.get().pointer_mask,
            ..self.fwft.hart.get()
        });
    }
}
