// SPDX-License-Identifier: GPL-2.0

//! What an SBI extension is.

use super::Call;
use super::SbiError;
use crate::exit::Trap;
use crate::kvm::Errno;
use crate::kvm::HeldVcpu;
use crate::kvm::LoadedVcpu;
use crate::kvm::Run;

/// Whether a vCPU's guest has an extension, as `enum kvm_riscv_sbi_ext_status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExtensionState {
    /// The vCPU is still being made.
    Uninitialized,
    /// The guest cannot have it on this host.
    Unavailable,
    /// The guest finds it.
    Enabled,
    /// The guest could have it; the VMM can enable it through ONE_REG, before the first run.
    Disabled,
}

/// What is to happen after a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The guest goes on: with a value in a1 and 0 in a0, or with an error in a0 and 0 in a1.
    Return(Result<usize, SbiError>),
    /// The guest goes on with this value in a0; a legacy call leaves a1 alone.
    LegacyReturn(usize),
    /// The guest goes on in its handler of this trap, whose sepc is that of the call.
    Redirect(Trap),
    /// The guest makes the call again.
    Retry,
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
///
/// Only the id and the handler are asked of all; the rest has the defaults that most have.
pub(crate) trait Extension {
    /// The first of the extension ids (a7) that it answers.
    const FIRST_ID: usize;

    /// The last of the extension ids that it answers.
    const LAST_ID: usize = Self::FIRST_ID;

    /// Its state in a new vCPU, [`Enabled`](ExtensionState::Enabled) or
    /// [`Disabled`](ExtensionState::Disabled).
    const DEFAULT_STATE: ExtensionState = ExtensionState::Enabled;

    /// Whether this kernel has it. If not, its id is unknown, but its register in ONE_REG is there,
    /// as in C.
    const IS_BUILT: bool = true;

    /// The `KVM_REG_RISCV_SBI_*` subtype of its state registers, if it has any.
    const STATE_SUBTYPE: Option<usize> = None;

    /// Whether this host can offer it to the vCPU.
    fn is_available(_vcpu: &HeldVcpu) -> bool {
        true
    }

    /// Prepares a new vCPU; with an error the extension is unavailable to it.
    ///
    /// Context: sleeps.
    fn init(_vcpu: &HeldVcpu) -> Result<(), Errno> {
        Ok(())
    }

    /// Forgets what the guest has set, because its hart is being reset.
    ///
    /// Context: preemption is off: must not sleep.
    fn reset(_vcpu: &HeldVcpu) {}

    /// How many state registers there are.
    fn state_register_count(_vcpu: &HeldVcpu) -> usize {
        0
    }

    /// The number of the state register with this index, below the count.
    fn state_register(_vcpu: &HeldVcpu, index: usize) -> Option<usize> {
        Some(index)
    }

    /// What a state register holds.
    fn get_state(_vcpu: &HeldVcpu, _number: usize) -> Result<usize, Errno> {
        Err(Errno::ENOENT)
    }

    /// Sets a state register.
    fn set_state(_vcpu: &HeldVcpu, _number: usize, _value: usize) -> Result<(), Errno> {
        Err(Errno::ENOENT)
    }

    /// Answers one call.
    ///
    /// An [`Errno`] ends `KVM_RUN` with that error; what the guest is to see is an [`Outcome`].
    ///
    /// Context: as [`LoadedVcpu`]; may sleep.
    fn handle(call: &Call, vcpu: &LoadedVcpu, run: &Run) -> Result<Outcome, Errno>;
}
