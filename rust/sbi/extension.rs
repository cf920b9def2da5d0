// SPDX-License-Identifier: GPL-2.0

//! What an SBI extension is.

use super::Call;
use super::SbiError;
use crate::kvm::Errno;
use crate::kvm::LoadedVcpu;
use crate::kvm::Run;

/// Whether a new vCPU has an extension before its VMM says anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExtensionState {
    /// The guest finds it.
    Enabled,
    /// The VMM must enable it first, through ONE_REG.
    Disabled,
}

/// What is to happen after a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The guest goes on: with a value in a1 and 0 in a0, or with an error in a0 and 0 in a1.
    Return(Result<usize, SbiError>),
    /// `KVM_RUN` ends; the run structure says why.
    Exit,
}

impl Outcome {
    /// SBI_SUCCESS without a value.
    pub(crate) const SUCCESS: Self = Self::Return(Ok(0));

    /// SBI_ERR_NOT_SUPPORTED.
    pub(crate) const NOT_SUPPORTED: Self = Self::Return(Err(SbiError::NotSupported));
}

impl From<Result<(), SbiError>> for Outcome {
    fn from(result: Result<(), SbiError>) -> Self {
        Self::Return(result.map(|()| 0))
    }
}

/// An SBI extension, as a type without values.
pub(crate) trait Extension {
    /// The first of the extension ids (a7) that it answers.
    const FIRST_ID: usize;

    /// The last of the extension ids that it answers.
    const LAST_ID: usize = Self::FIRST_ID;

    /// Its state in a new vCPU.
    const DEFAULT_STATE: ExtensionState = ExtensionState::Enabled;

    /// Answers one call.
    ///
    /// An [`Errno`] ends `KVM_RUN` with that error; what the guest is to see is an [`Outcome`].
    ///
    /// Context: as [`LoadedVcpu`]; may sleep.
    fn handle(call: &Call, vcpu: &LoadedVcpu, run: &Run) -> Result<Outcome, Errno>;
}
