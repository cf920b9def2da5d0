// SPDX-License-Identifier: GPL-2.0

//! The counters that a call names.

use super::counter;
use crate::kvm::Counter;
use crate::kvm::PmuContext;
use crate::sbi::SbiError;

/// `counter_idx_base` and `counter_idx_mask` of a call: bit `n` of the mask names the counter with
/// index `base + n`.
///
/// The time counter, which does not exist, may be named: Linux before 6.1 names all indices below the
/// number of counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CounterSet {
    base: usize,
    mask: usize,
}

impl CounterSet {
    /// The set of a call, as `kvm_pmu_validate_counter_mask()`.
    ///
    /// [`SbiError::InvalidParam`] if it is empty, or an index is not below the number of counters.
    pub(super) fn new(pmu: &PmuContext<'_>, base: usize, mask: usize) -> Result<Self, SbiError> {
        // How many counters there are from the first on, of which a mask may name that many. Where the
        // highest bit is would be the other way to say it, and takes 40 instructions without Zbb.
        let past = match pmu.counters().checked_sub(base) {
            // CAST: There are no more counters than bits in a word.
            Some(room) => mask.checked_shr(room as u32).unwrap_or(0),
            None => mask,
        };
        if mask == 0 || past != 0 {
            return Err(SbiError::InvalidParam);
        }
        Ok(Self { base, mask })
    }

    /// Whether the counter with this index is named.
    pub(super) fn contains(self, index: usize) -> bool {
        index
            .checked_sub(self.base)
            // CAST: If it is cut it is no bit of the mask either way.
            .and_then(|bit| self.mask.checked_shr(bit.try_into().ok()?))
            .is_some_and(|rest| rest & 1 != 0)
    }

    /// The index that the lowest bit names; it may be that of the time counter.
    pub(super) fn first(self) -> usize {
        // No overflow: `new()`. CAST: A number of a bit.
        self.base.wrapping_add(self.mask.trailing_zeros() as usize)
    }

    /// The counters that exist, in the order of their indices, each with its bit in the mask.
    pub(super) fn counters<'a>(
        self,
        pmu: &PmuContext<'a>,
    ) -> impl Iterator<Item = (usize, Counter<'a>)> {
        let pmu = *pmu;
        let mut rest = self.mask;
        core::iter::from_fn(move || {
            if rest == 0 {
                return None;
            }
            // CAST: A number of a bit.
            let bit = rest.trailing_zeros() as usize;
            rest &= rest - 1;
            Some(bit)
        })
        // No overflow: `new()`.
        .filter_map(move |bit| Some((bit, counter::find(&pmu, self.base.wrapping_add(bit))?)))
    }

    /// The counters that are configured, likewise. What is not is passed over in silence, as in C:
    /// Linux stops all counters when it boots.
    pub(super) fn configured<'a>(
        self,
        pmu: &PmuContext<'a>,
    ) -> impl Iterator<Item = (usize, Counter<'a>)> {
        self.counters(pmu)
            .filter(|(_, counter)| counter.event().is_some())
    }
}
