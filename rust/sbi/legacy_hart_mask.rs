// SPDX-License-Identifier: GPL-2.0

//! The harts that a legacy call names: a bit vector in the guest's memory.

use super::HartMask;
use crate::exit::current_guest_memory;
use crate::exit::resolve_load_fault;
use crate::exit::Exception;
use crate::exit::Trap;
use crate::kvm::Errno;
use crate::kvm::LoadedVcpu;
use crate::kvm::MAX_VCPUS;

const BITS: usize = usize::BITS as usize;

/// The words of the longest vector.
const MAX_WORDS: usize = MAX_VCPUS.div_ceil(BITS);

/// The words of a vector, and zeros behind them.
struct Words([usize; MAX_WORDS]);

impl Words {
    /// The harts that are named, as many at a time as a [`HartMask`] can name.
    fn harts(&self) -> impl Iterator<Item = HartMask> + '_ {
        self.0
            .iter()
            .enumerate()
            .filter(|(_, &mask)| mask != 0)
            .map(|(index, &mask)| HartMask {
                mask,
                base: index * BITS,
            })
    }
}

/// What became of reading a vector, or a word of it.
pub(super) enum Reading<T> {
    /// This is it.
    Done(T),
    /// It could not be read now: the guest is to make the call again.
    Retry,
    /// It cannot be read: the guest gets this trap.
    Fault(Trap),
}

/// Calls `action` with the harts that the vector at a virtual address of the guest's names.
pub(super) fn for_each(
    vcpu: &LoadedVcpu,
    address: usize,
    mut action: impl FnMut(HartMask) -> Result<(), Errno>,
) -> Result<Reading<()>, Errno> {
    if vcpu.vm().online_vcpus() <= BITS {
        // Most VMs have one word: there is nothing to be kept.
        return match read_word(vcpu, address)? {
            Reading::Done(0) => Ok(Reading::Done(())),
            Reading::Done(mask) => action(HartMask { mask, base: 0 }).map(Reading::Done),
            Reading::Retry => Ok(Reading::Retry),
            Reading::Fault(trap) => Ok(Reading::Fault(trap)),
        };
    }
    for_each_of_many(vcpu, address, action)
}

/// The same where there are several words. A function of its own: they are much of the stack.
#[inline(never)]
fn for_each_of_many(
    vcpu: &LoadedVcpu,
    address: usize,
    action: impl FnMut(HartMask) -> Result<(), Errno>,
) -> Result<Reading<()>, Errno> {
    match read(vcpu, address)? {
        Reading::Done(words) => words.harts().try_for_each(action).map(Reading::Done),
        Reading::Retry => Ok(Reading::Retry),
        Reading::Fault(trap) => Ok(Reading::Fault(trap)),
    }
}

/// Reads the vector at a virtual address of the guest's: as many words as there are harts, divided by
/// XLEN and rounded up.
///
/// All of it, before the first hart is asked for anything: a fence that the caller is to make, too,
/// must be made before its memory can be read again.
fn read(vcpu: &LoadedVcpu, address: usize) -> Result<Reading<Words>, Errno> {
    let mut words = Words([0; MAX_WORDS]);
    let count = vcpu.vm().online_vcpus().div_ceil(BITS);
    for (index, word) in words.0.iter_mut().take(count).enumerate() {
        let address = address.wrapping_add(index * size_of::<usize>());
        match read_word(vcpu, address)? {
            Reading::Done(mask) => *word = mask,
            Reading::Retry => return Ok(Reading::Retry),
            Reading::Fault(trap) => return Ok(Reading::Fault(trap)),
        }
    }
    Ok(Reading::Done(words))
}

/// Reads a word with the guest's own rights.
fn read_word(vcpu: &LoadedVcpu, address: usize) -> Result<Reading<usize>, Errno> {
    let Some(memory) = current_guest_memory(vcpu) else {
        return Ok(Reading::Retry);
    };
    let fault = match memory.read_word(address) {
        Ok(word) => return Ok(Reading::Done(word)),
        Err(fault) => fault,
    };
    drop(memory);

    if fault.exception() != Some(Exception::LoadGuestPageFault) {
        return Ok(Reading::Fault(fault));
    }
    Ok(match resolve_load_fault(vcpu, &fault)? {
        None => Reading::Retry,
        Some(trap) => Reading::Fault(trap),
    })
}
