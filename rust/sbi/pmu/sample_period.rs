// SPDX-License-Identifier: GPL-2.0

//! How far a counter is from its overflow.

/// perf takes no period with the top bit set.
const LONGEST: u64 = i64::MAX as u64; // CAST: Positive.

/// After how many events a counter with the uppermost bit `width` overflows that has `value` now, as
/// `kvm_pmu_get_sample_period()`.
///
/// At most 2^63 - 1, which is longer than anything counts: with more, `perf_event_period()` keeps the
/// period of an earlier start. At least 1.
pub(super) fn sample_period(value: u64, width: usize) -> u64 {
    // CAST: At most 63.
    let mask = u64::MAX >> (63 - width.min(63) as u32);
    match value.wrapping_neg() & mask {
        // A whole round.
        0 => mask.min(LONGEST),
        period => period.min(LONGEST),
    }
}
