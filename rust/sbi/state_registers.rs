// SPDX-License-Identifier: GPL-2.0

//! ONE_REG of type `KVM_REG_RISCV_SBI_STATE`: what enabled extensions remember.

use super::registry::Kind;
use super::ExtensionState;
use crate::kvm::Errno;
use crate::kvm::HeldVcpu;
use crate::kvm::OneReg;
use crate::kvm::RegisterList;

/// The enabled extensions with state registers, and the subtype of these.
fn with_state(vcpu: &HeldVcpu) -> impl Iterator<Item = (Kind, usize)> + '_ {
    Kind::ALL
        .iter()
        .filter_map(|&kind| Some((kind, kind.state_subtype()?)))
        .filter(|&(kind, _)| vcpu.extension_state(kind) == ExtensionState::Enabled)
}

/// The enabled extension that a register belongs to.
fn owner(vcpu: &HeldVcpu, register: &OneReg) -> Result<Kind, Errno> {
    Kind::of_state_subtype(register.subtype())
        .filter(|&kind| vcpu.extension_state(kind) == ExtensionState::Enabled)
        .ok_or(Errno::EINVAL)
}

/// Whether KVM knows registers of this size, in bytes.
fn is_size(size: usize) -> bool {
    matches!(size, 1 | 2 | 4 | 8)
}

/// Sets a register, as `kvm_riscv_vcpu_set_reg_sbi()`.
///
/// EINVAL for another size, or if no enabled extension has such registers; ENOENT if it has not this
/// one; EFAULT for the caller's pointer; and what the extension says.
///
/// Context: as [`HeldVcpu`]; sleeps.
pub(crate) fn set(vcpu: &HeldVcpu, register: &OneReg) -> Result<(), Errno> {
    if !is_size(register.size()) {
        return Err(Errno::EINVAL);
    }
    let value = register.read()?;
    let kind = owner(vcpu, register)?;
    if register.size() != size_of::<usize>() {
        return Err(Errno::EINVAL);
    }
    kind.set_state(vcpu, register.number(), value)
}

/// Reads a register, as `kvm_riscv_vcpu_get_reg_sbi()`; the errors are those of [`set()`].
///
/// Context: as [`HeldVcpu`]; sleeps.
pub(crate) fn get(vcpu: &HeldVcpu, register: &OneReg) -> Result<(), Errno> {
    if !is_size(register.size()) {
        return Err(Errno::EINVAL);
    }
    let kind = owner(vcpu, register)?;
    if register.size() != size_of::<usize>() {
        return Err(Errno::EINVAL);
    }
    register.write(kind.get_state(vcpu, register.number())?)
}

/// Lists the state registers of enabled extensions, as `kvm_riscv_vcpu_reg_indices_sbi()`.
///
/// Context: as [`HeldVcpu`]; sleeps.
pub(crate) fn list(vcpu: &HeldVcpu, list: &mut RegisterList) -> Result<(), Errno> {
    for (kind, subtype) in with_state(vcpu) {
        for index in 0..kind.state_register_count(vcpu) {
            let number = kind.state_register(vcpu, index).ok_or(Errno::ENOENT)?;
            list.push_state(subtype | number)?;
        }
    }
    Ok(())
}
