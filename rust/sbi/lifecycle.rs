// SPDX-License-Identifier: GPL-2.0

//! The extensions in the life of a vCPU.

use super::registry::Kind;
use super::ExtensionState;
use crate::kvm::HeldVcpu;

/// Gives a new vCPU its extensions, as `kvm_riscv_vcpu_sbi_init()`.
///
/// Context: sleeps; the vCPU is being made, so it is this thread's.
pub(crate) fn init(vcpu: &HeldVcpu) {
    for &kind in Kind::ALL {
        if kind.index().is_none() {
            continue;
        }
        if !kind.is_available(vcpu) {
            vcpu.set_extension_state(kind, ExtensionState::Unavailable);
            continue;
        }
        vcpu.set_extension_state(kind, kind.default_state());
        if kind.init(vcpu).is_err() {
            vcpu.set_extension_state(kind, ExtensionState::Unavailable);
        }
    }
}

/// Resets the extensions of a hart that begins anew, as `kvm_riscv_vcpu_sbi_reset()`.
///
/// What user space was performing for the guest is forgotten too: the guest that asked for it is
/// gone.
///
/// Context: preemption is off.
pub(crate) fn reset(vcpu: &HeldVcpu) {
    vcpu.forget_pending();
    let resumes = vcpu.take_resume();
    for &kind in Kind::ALL {
        // What a guest has set in FWFT stays when it comes back from suspend (P2).
        let keeps = resumes && matches!(kind, Kind::Fwft);
        if kind.index().is_some() && kind.is_enabled(vcpu) && !keeps {
            kind.reset(vcpu);
        }
    }
}
