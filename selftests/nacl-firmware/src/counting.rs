// SPDX-License-Identifier: GPL-2.0

//! What is counted on each hart.

use core::sync::atomic::AtomicU64;
use core::sync::atomic::Ordering::Relaxed;

macro_rules! counters {
    ($($(#[$doc:meta])* $counter:ident = $name:literal,)*) => {
        /// A counter; its number is that of the test extension.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(usize)]
        pub enum Counter { $($(#[$doc])* $counter,)* }

        /// What the table at shutdown calls each.
        pub const NAMES: &[&str] = &[$($name,)*];
    };
}

counters! {
    /// Calls of NACL's PROBE_FEATURE.
    NaclProbe = "call NACL probe_feature",
    /// Calls of SET_SHMEM.
    NaclShmem = "call NACL set_shmem",
    /// Calls of SYNC_CSR.
    NaclCsr = "call NACL sync_csr",
    /// Calls of SYNC_HFENCE.
    NaclHfence = "call NACL sync_hfence",
    /// Calls of SYNC_SRET.
    NaclSret = "call NACL sync_sret",
    /// NACL calls that were answered with an error.
    NaclError = "call NACL answered with an error",
    /// Calls of the base extension.
    Base = "call base",
    /// Calls of TIME.
    Time = "call TIME",
    /// Calls of sPI.
    Ipi = "call sPI",
    /// Calls of RFNC.
    Rfence = "call RFNC",
    /// Calls of HSM.
    Hsm = "call HSM",
    /// Calls of PMU.
    Pmu = "call PMU",
    /// Calls of DBCN and the legacy console.
    Console = "call console",
    /// Calls of FWFT.
    Fwft = "call FWFT",
    /// Calls of the test extension.
    Test = "call test extension",
    /// Calls of anything else.
    OtherCall = "call of another extension",
    /// M-level software interrupts.
    Software = "trap software interrupt",
    /// M-level timer interrupts.
    Timer = "trap timer interrupt",
    /// Traps that S-mode should have had and was given.
    Redirected = "trap redirected to S-mode",
    /// With `count-csrs`: direct accesses of the extension's CSRs.
    CsrAccess = "direct access of an H CSR",
    /// With `count-csrs`: HFENCE and HINVAL.
    FenceInstruction = "direct HFENCE or HINVAL",
    /// With `count-csrs`: HLV, HLVX and HSV; those that follow one at once may not be seen.
    GuestAccess = "direct HLV or HSV",
    /// Entries into V=1 by SYNC_SRET.
    Entry = "entry into V=1 by sync_sret",
    /// Exits from V=1 to the supervisor.
    Exit = "exit from V=1",
    /// CSRs written because the dirty bit was set.
    DirtyCsr = "dirty CSR written",
    /// HSTATUS swaps at entry.
    Autoswap = "HSTATUS swapped at entry",
    /// HFENCE entries by type.
    Gvma = "HFENCE entry GVMA",
    /// GVMA_ALL.
    GvmaAll = "HFENCE entry GVMA_ALL",
    /// GVMA_VMID.
    GvmaVmid = "HFENCE entry GVMA_VMID",
    /// GVMA_VMID_ALL.
    GvmaVmidAll = "HFENCE entry GVMA_VMID_ALL",
    /// VVMA.
    Vvma = "HFENCE entry VVMA",
    /// VVMA_ALL.
    VvmaAll = "HFENCE entry VVMA_ALL",
    /// VVMA_ASID.
    VvmaAsid = "HFENCE entry VVMA_ASID",
    /// VVMA_ASID_ALL.
    VvmaAsidAll = "HFENCE entry VVMA_ASID_ALL",
    /// Fences that the test extension was told of.
    FenceAsked = "fence asked for",
    /// Fences that the test extension was told to have been made directly.
    FenceDirect = "fence performed directly",
    /// Strict: a poisoned CSR was written directly.
    PoisonHit = "VIOLATION poisoned CSR was written",
    /// Strict: an HFENCE entry is not as the specification wants it.
    HfenceFault = "VIOLATION HFENCE entry",
    /// Strict: reserved autoswap flags.
    AutoswapFault = "VIOLATION autoswap flags",
    /// Strict: slot 0 or the reserved part of the SRET context.
    SretFault = "VIOLATION SRET context",
    /// Strict: the dirty bit of a CSR that does not exist.
    CsrFault = "VIOLATION dirty bit without CSR",
    /// A fence that was asked for was not made before the guest was entered.
    FenceMissed = "VIOLATION fence not made before entry",
}

/// How many counters there are.
pub const COUNT: usize = NAMES.len();

/// The first counter that counts violations; all after it do as well.
pub const FIRST_VIOLATION: usize = Counter::PoisonHit as usize;

/// The counters of one hart.
pub struct Counters([AtomicU64; COUNT]);

impl Counters {
    /// All zero.
    pub const fn new() -> Self {
        Self([const { AtomicU64::new(0) }; COUNT])
    }

    /// Count one, and say how many there are now.
    pub fn add(&self, counter: Counter) -> u64 {
        self.0[counter as usize].fetch_add(1, Relaxed) + 1
    }

    /// Count one of the types of HFENCE entries.
    pub fn add_hfence(&self, number: usize) {
        if let Some(counter) = self.0.get(Counter::Gvma as usize + number) {
            counter.fetch_add(1, Relaxed);
        }
    }

    /// The value of the counter of a number.
    pub fn get(&self, number: usize) -> Option<u64> {
        self.0.get(number).map(|counter| counter.load(Relaxed))
    }

    /// All to zero.
    pub fn reset(&self) {
        for counter in &self.0 {
            counter.store(0, Relaxed);
        }
    }
}

impl Default for Counters {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::Counter;
    use super::Counters;
    use super::COUNT;
    use super::FIRST_VIOLATION;
    use super::NAMES;
    use crate::hfence::Type;

    #[test]
    fn the_hfence_counters_are_in_the_order_of_the_types() {
        for (number, kind) in Type::ALL.iter().enumerate() {
            let name = NAMES[Counter::Gvma as usize + number];
            assert_eq!(name, format!("HFENCE entry {}", kind.name()));
        }
    }

    #[test]
    fn violations_come_last() {
        for (number, name) in NAMES.iter().enumerate() {
            assert_eq!(
                name.starts_with("VIOLATION"),
                number >= FIRST_VIOLATION,
                "{name}"
            );
        }
    }

    #[test]
    fn count() {
        let counters = Counters::new();
        assert_eq!(counters.add(Counter::Entry), 1);
        assert_eq!(counters.add(Counter::Entry), 2);
        counters.add_hfence(7);
        assert_eq!(counters.get(Counter::Entry as usize), Some(2));
        assert_eq!(counters.get(Counter::VvmaAsidAll as usize), Some(1));
        assert_eq!(counters.get(COUNT), None);
        counters.reset();
        assert_eq!(counters.get(Counter::Entry as usize), Some(0));
    }
}
