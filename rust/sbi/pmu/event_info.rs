// SPDX-License-Identifier: GPL-2.0

//! Which events there are.

use super::event::Event;
use super::event::INDEX_MASK;
use crate::kvm::LoadedVcpu;
use crate::sbi::Call;
use crate::sbi::Outcome;
use crate::sbi::SbiError;

/// Bytes in an entry.
const ENTRY_SIZE: usize = 16;

/// 64-bit words in an entry: `event_idx` and, above it, `output`; `event_data`.
const ENTRY_WORDS: usize = 2;

/// Where `output` is in the first word.
const OUTPUT_SHIFT: u32 = 32;

/// How many entries are handled at once. Linux asks for 52 in all.
const ENTRIES: usize = 64;

/// FID 8, as `kvm_riscv_vcpu_pmu_event_info()`.
///
/// The number of entries is any number of the guest's. They are handled in portions: the memory that
/// takes is always the same, others run in between, and a signal is heeded, and user space that has
/// to empty the dirty ring: the guest then makes the call again, and what is answered already is
/// not written again. An error leaves the portions before it answered.
///
/// Context: sleeps.
#[inline(never)]
pub(super) fn get(vcpu: &LoadedVcpu, call: &Call) -> Outcome {
    let (low, high, count, flags) = (call.a0, call.a1, call.a2, call.a3);
    let size = count.checked_mul(ENTRY_SIZE);
    if flags != 0 || low % ENTRY_SIZE != 0 || matches!(size, None | Some(0)) {
        return Outcome::Return(Err(SbiError::InvalidParam));
    }
    if high != 0 {
        return Outcome::Return(Err(SbiError::InvalidAddress));
    }

    let mut portion = [0; ENTRIES * ENTRY_WORDS];
    let mut address = low;
    let mut rest = count;
    loop {
        let entries = rest.min(ENTRIES);
        let words = portion.get_mut(..entries * ENTRY_WORDS).unwrap_or_default();
        if let Err(error) = answer(vcpu, address, words) {
            return Outcome::Return(Err(error));
        }
        rest -= entries;
        if rest == 0 {
            return Outcome::SUCCESS;
        }
        let Some(next) = address.checked_add(entries * ENTRY_SIZE) else {
            return Outcome::Return(Err(SbiError::InvalidAddress));
        };
        address = next;
        vcpu.reschedule();
        if vcpu.has_signal() || vcpu.dirty_ring_is_full() {
            return Outcome::Retry;
        }
    }
}

/// Answers the entries at `address`; `words` has room for just these.
fn answer(vcpu: &LoadedVcpu, address: usize, words: &mut [u64]) -> Result<(), SbiError> {
    // CAST: No bits are lost.
    let address = address as u64;
    vcpu.read_guest(address, words)
        .map_err(|_| SbiError::InvalidAddress)?;
    let mut is_answered = true;
    for entry in words.chunks_exact_mut(ENTRY_WORDS) {
        if let [first, data] = entry {
            // CAST: Cutting is the point; then no bits are lost.
            let index = *first as u32 as usize;
            if index & !INDEX_MASK != 0 {
                return Err(SbiError::InvalidParam);
            }
            // CAST: No bits are lost.
            let answer = index as u64 | u64::from(is_there(vcpu, index, *data)) << OUTPUT_SHIFT;
            is_answered &= *first == answer;
            *first = answer;
        }
    }
    if is_answered && vcpu.may_write_guest(address, words) {
        return Ok(());
    }
    vcpu.write_guest(address, words)
        .map_err(|_| SbiError::InvalidAddress)
}

fn is_there(vcpu: &LoadedVcpu, index: usize, data: u64) -> bool {
    match Event::ignoring_unused_data(index, data) {
        Some(Event::Hardware(config)) => vcpu.host_has_event(&config),
        Some(Event::Firmware(_)) => true,
        None => false,
    }
}
