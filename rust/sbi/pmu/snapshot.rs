// SPDX-License-Identifier: GPL-2.0

//! The memory that a guest shares for the values of its counters.
//!
//! C keeps a copy of the page. Here the guest's page is all there is: nothing is allocated, so
//! nothing can leak or be missing.

use crate::kvm::LoadedVcpu;
use crate::kvm::PmuContext;
use crate::sbi::Call;
use crate::sbi::SbiError;

const PAGE_SIZE: usize = 4096;
const WORD_SIZE: u64 = 8;

/// How many values there are.
pub(super) const VALUES: usize = 64;
/// Their offset. Before them is the bitmap of overflows.
const VALUES_OFFSET: u64 = WORD_SIZE;

/// FID 7, as `kvm_riscv_vcpu_pmu_snapshot_set_shmem()`. A call that fails changes nothing.
///
/// Context: sleeps.
#[inline(never)]
pub(super) fn set_shared_memory(
    vcpu: &LoadedVcpu,
    pmu: &PmuContext<'_>,
    call: &Call,
) -> Result<usize, SbiError> {
    let (low, high, flags) = (call.a0, call.a1, call.a2);
    if flags != 0 {
        return Err(SbiError::InvalidParam);
    }
    if low == usize::MAX && high == usize::MAX {
        pmu.set_snapshot(None);
        return Ok(0);
    }
    if low % PAGE_SIZE != 0 {
        return Err(SbiError::InvalidParam);
    }
    if high != 0 {
        return Err(SbiError::InvalidAddress);
    }
    // CAST: No bits are lost.
    let address = low as u64;
    vcpu.clear_guest(address, PAGE_SIZE)
        .map_err(|_| SbiError::InvalidAddress)?;
    pmu.set_snapshot(Some(address));
    Ok(0)
}

/// Where the guest's memory is.
pub(super) fn address(pmu: &PmuContext<'_>) -> Result<u64, SbiError> {
    pmu.snapshot().ok_or(SbiError::NoShmem)
}

/// The values that the guest has put into its memory at `address`.
///
/// Context: sleeps.
pub(super) fn read_values(
    vcpu: &LoadedVcpu,
    address: u64,
    values: &mut [u64; VALUES],
) -> Result<(), SbiError> {
    vcpu.read_guest(address.wrapping_add(VALUES_OFFSET), values)
        .map_err(|_| {
            vcpu.report_unreadable_snapshot();
            SbiError::Failed
        })
}

/// What is to be written into the guest's memory: the words of the counters that were stopped, and
/// their bits of the bitmap.
pub(super) struct SnapshotUpdate {
    address: u64,
    /// The bitmap, and the values.
    words: [u64; 1 + VALUES],
    /// Which values are to be written.
    saved: u64,
    /// Which bits of the bitmap change, and to what.
    touched: u64,
    overflown: u64,
}

impl SnapshotUpdate {
    /// Nothing yet.
    pub(super) fn new(pmu: &PmuContext<'_>) -> Result<Self, SbiError> {
        Ok(Self {
            address: address(pmu)?,
            words: [0; 1 + VALUES],
            saved: 0,
            touched: 0,
            overflown: 0,
        })
    }

    /// The value of the counter with this bit in the mask of the call.
    pub(super) fn save(&mut self, bit: usize, value: u64, overflown: bool) {
        if let Some(word) = self.words.get_mut(1 + bit) {
            *word = value;
        }
        self.saved |= 1 << bit;
        self.touched |= 1 << bit;
        self.overflown |= u64::from(overflown) << bit;
    }

    /// The counter with this bit has not overflown, whatever it was before.
    pub(super) fn clear_overflow(&mut self, bit: usize) {
        self.touched |= 1 << bit;
        self.overflown &= !(1 << bit);
    }

    /// Writes what is to be written, and no other word.
    ///
    /// Context: sleeps.
    pub(super) fn write(&mut self, vcpu: &LoadedVcpu) -> Result<(), SbiError> {
        if self.touched == 0 {
            return Ok(());
        }
        if let Some(bitmap) = self.words.first_chunk_mut::<1>() {
            vcpu.read_guest(self.address, bitmap)
                .map_err(|_| SbiError::Failed)?;
            let [bitmap] = bitmap;
            *bitmap = *bitmap & !self.touched | self.overflown;
        }

        // Neighbours are written at once: the bitmap, with the values from the first on, if they change.
        // CAST: Numbers of bits.
        let mut end = self.saved.trailing_ones() as usize;
        self.write_words(vcpu, 0, 1 + end)?;
        loop {
            let rest = shifted(self.saved, end);
            if rest == 0 {
                break;
            }
            let begin = end + rest.trailing_zeros() as usize;
            end = begin + shifted(self.saved, begin).trailing_ones() as usize;
            self.write_words(vcpu, 1 + begin, 1 + end)?;
        }
        Ok(())
    }

    /// Writes the words from number `begin` to before number `end`.
    fn write_words(&self, vcpu: &LoadedVcpu, begin: usize, end: usize) -> Result<(), SbiError> {
        let Some(words) = self.words.get(begin..end) else {
            return Ok(());
        };
        // CAST: A small number.
        let offset = begin as u64 * WORD_SIZE;
        vcpu.write_guest(self.address.wrapping_add(offset), words)
            .map_err(|_| SbiError::Failed)
    }
}

/// The bits from this one up; none past the last.
fn shifted(bits: u64, from: usize) -> u64 {
    // CAST: At most 64.
    bits.checked_shr(from as u32).unwrap_or(0)
}
