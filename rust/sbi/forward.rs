// SPDX-License-Identifier: GPL-2.0

//! Extensions that user space answers, every function of them.

use super::dispatch::forward;
use super::Call;
use super::Extension;
use super::ExtensionState;
use super::Outcome;
use crate::kvm::Errno;
use crate::kvm::LoadedVcpu;
use crate::kvm::Run;

/// Experimental extensions (SBI v3.0, "Experimental SBI Extension Space").
pub(crate) struct Experimental;

impl Extension for Experimental {
    const FIRST_ID: usize = 0x0800_0000;
    const LAST_ID: usize = 0x08FF_FFFF;

    fn handle(_call: &Call, vcpu: &LoadedVcpu, run: &Run) -> Result<Outcome, Errno> {
        Ok(forward(vcpu, run))
    }
}

/// Vendor extensions (SBI v3.0, "Vendor-Specific Extension Space").
pub(crate) struct Vendor;

impl Extension for Vendor {
    const FIRST_ID: usize = 0x0900_0000;
    const LAST_ID: usize = 0x09FF_FFFF;

    fn handle(_call: &Call, vcpu: &LoadedVcpu, run: &Run) -> Result<Outcome, Errno> {
        Ok(forward(vcpu, run))
    }
}

/// The debug console (SBI v3.0, "Debug Console Extension").
pub(crate) struct Dbcn;

impl Extension for Dbcn {
    const FIRST_ID: usize = 0x4442_434E;
    const DEFAULT_STATE: ExtensionState = ExtensionState::Disabled;

    fn handle(_call: &Call, vcpu: &LoadedVcpu, run: &Run) -> Result<Outcome, Errno> {
        Ok(forward(vcpu, run))
    }
}

/// Messages to other processors (SBI v3.0, "Message Proxy Extension").
pub(crate) struct Mpxy;

impl Extension for Mpxy {
    const FIRST_ID: usize = 0x4D50_5859;
    const DEFAULT_STATE: ExtensionState = ExtensionState::Disabled;

    fn handle(_call: &Call, vcpu: &LoadedVcpu, run: &Run) -> Result<Outcome, Errno> {
        Ok(forward(vcpu, run))
    }
}

/// Whether `id` lies in a range of which KVM does not know what is in it.
pub(super) fn is_for_user_space_to_know(id: usize) -> bool {
    matches!(
        id,
        Experimental::FIRST_ID..=Experimental::LAST_ID | Vendor::FIRST_ID..=Vendor::LAST_ID
    )
}
