// SPDX-License-Identifier: GPL-2.0

//! The CSRs that are emulated (privileged specification, "CSR Listing", and those of extensions).

/// The entropy source (Zkr).
pub(crate) const SEED: usize = 0x015;

/// The register that siselect names (AIA).
pub(crate) const SIREG: usize = 0x151;

/// The top interrupt of the IMSIC (AIA).
pub(crate) const STOPEI: usize = 0x15C;

/// The first of the counters, which are cycle, time, instret and hpmcounter3 to 31.
pub(crate) const CYCLE: usize = 0xC00;

/// The counter of retired instructions.
pub(crate) const INSTRET: usize = 0xC02;

/// The last of the counters.
pub(crate) const HPMCOUNTER31: usize = 0xC1F;
