// SPDX-License-Identifier: GPL-2.0

//! ONE_REG of type `KVM_REG_RISCV_SBI_EXT`: which extensions the guest has.

use super::registry::Kind;
use super::ExtensionState;
use crate::kvm::Errno;
use crate::kvm::ExtensionStatus;
use crate::kvm::HeldVcpu;
use crate::kvm::OneReg;
use crate::kvm::RegisterList;

/// The registers' subtypes.
pub(crate) struct Subtype;

impl Subtype {
    /// One extension a register: 1 for enabled.
    pub(crate) const SINGLE: usize = 0;
    /// A bit for each extension: those to be enabled, or that are enabled.
    pub(crate) const MULTI_ENABLE: usize = 1 << 16;
    /// A bit for each extension: those to be disabled, or that are not enabled.
    pub(crate) const MULTI_DISABLE: usize = 2 << 16;
}

/// How many extensions user space knows, `KVM_RISCV_SBI_EXT_MAX`.
pub(crate) const COUNT: usize = 14;

/// The last of the registers with a bit for each extension.
const LAST_MULTI: usize = (COUNT - 1) / usize::BITS as usize;

/// The state of the extension with this number, if user space can enable it on this vCPU.
fn available(vcpu: &HeldVcpu, number: usize) -> Result<ExtensionStatus<'_>, Errno> {
    Kind::of_index(number)
        .and_then(|kind| vcpu.extension(kind))
        .filter(|extension| extension.state() != ExtensionState::Unavailable)
        .ok_or(Errno::ENOENT)
}

/// Calls `action` with each extension that has a bit in this register of all, and with that bit.
#[inline(always)]
fn for_each_bit(register: usize, mut action: impl FnMut(usize, Kind)) -> Result<(), Errno> {
    if register > LAST_MULTI {
        return Err(Errno::ENOENT);
    }
    let bits = usize::BITS as usize;
    Kind::for_each(|kind| match kind.index() {
        Some(number) if number / bits == register => action(1 << (number % bits), kind),
        _ => {}
    });
    Ok(())
}

fn set_single(vcpu: &HeldVcpu, number: usize, value: usize) -> Result<(), Errno> {
    let state = match value {
        0 => ExtensionState::Disabled,
        1 => ExtensionState::Enabled,
        _ => return Err(Errno::EINVAL),
    };
    available(vcpu, number)?.set_state(state);
    Ok(())
}

fn get_single(vcpu: &HeldVcpu, number: usize) -> Result<bool, Errno> {
    Ok(available(vcpu, number)?.state() == ExtensionState::Enabled)
}

/// Sets the state of each extension whose bit is set. Those that are not available are left out, as
/// in C.
#[inline(always)]
fn set_multi(
    vcpu: &HeldVcpu,
    register: usize,
    bits: usize,
    state: ExtensionState,
) -> Result<(), Errno> {
    for_each_bit(register, |bit, kind| {
        if bits & bit != 0 && vcpu.extension_state(kind) != ExtensionState::Unavailable {
            vcpu.set_extension_state(kind, state);
        }
    })
}

fn get_multi(vcpu: &HeldVcpu, register: usize) -> Result<usize, Errno> {
    let mut bits = 0;
    for_each_bit(register, |bit, kind| {
        if vcpu.extension_state(kind) == ExtensionState::Enabled {
            bits |= bit;
        }
    })?;
    Ok(bits)
}

/// Sets a register, as `kvm_riscv_vcpu_set_reg_sbi_ext()`.
///
/// EINVAL for another size or value, EBUSY once the vCPU has run, ENOENT for what is not there or
/// cannot be enabled, EFAULT for the caller's pointer.
///
/// Context: as [`HeldVcpu`]; sleeps.
pub(crate) fn set(vcpu: &HeldVcpu, register: &OneReg) -> Result<(), Errno> {
    if register.size() != size_of::<usize>() {
        return Err(Errno::EINVAL);
    }
    if vcpu.has_run() {
        return Err(Errno::EBUSY);
    }
    let (subtype, number) = (register.subtype(), register.number());
    let value = register.read()?;

    // One call of set_multi(), which is long.
    let state = match subtype {
        Subtype::SINGLE => return set_single(vcpu, number, value),
        Subtype::MULTI_ENABLE => ExtensionState::Enabled,
        Subtype::MULTI_DISABLE => ExtensionState::Disabled,
        _ => return Err(Errno::ENOENT),
    };
    set_multi(vcpu, number, value, state)
}

/// Reads a register, as `kvm_riscv_vcpu_get_reg_sbi_ext()`; the errors are those of [`set()`].
///
/// Context: as [`HeldVcpu`]; sleeps.
pub(crate) fn get(vcpu: &HeldVcpu, register: &OneReg) -> Result<(), Errno> {
    if register.size() != size_of::<usize>() {
        return Err(Errno::EINVAL);
    }
    let number = register.number();
    let subtype = register.subtype();
    let value = match subtype {
        Subtype::SINGLE => get_single(vcpu, number)?.into(),
        Subtype::MULTI_ENABLE | Subtype::MULTI_DISABLE => {
            let enabled = get_multi(vcpu, number)?;
            if subtype == Subtype::MULTI_ENABLE {
                enabled
            } else {
                !enabled
            }
        }
        _ => return Err(Errno::ENOENT),
    };
    register.write(value)
}

/// Lists the registers of extensions that can be enabled, as
/// `kvm_riscv_vcpu_reg_indices_sbi_ext()`, and returns how many there are.
///
/// Context: as [`HeldVcpu`]; sleeps.
pub(crate) fn list(vcpu: &HeldVcpu, list: &mut RegisterList) -> Result<(), Errno> {
    for number in 0..COUNT {
        if available(vcpu, number).is_ok() {
            list.push_extension(Subtype::SINGLE | number)?;
        }
    }
    Ok(())
}
