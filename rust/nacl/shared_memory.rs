// SPDX-License-Identifier: GPL-2.0

//! Where things are in the memory that a hart shares with the hypervisor beneath.

/// The bitmap of CSRs that the supervisor has written and the hypervisor has not seen.
pub(crate) const DIRTY_BITMAP: usize = 0x0F80;

/// The CSRs, a word each.
pub(crate) const CSRS: usize = 0x1000;

/// The index of a CSR: only those of a hypervisor have one.
pub(crate) const fn csr_index(csr: usize) -> usize {
    ((csr & 0xC00) >> 2) | (csr & 0xFF)
}

/// The offset in bytes of the word with this index.
pub(crate) const fn csr_offset(index: usize) -> usize {
    CSRS + index * size_of::<usize>()
}

/// The offset in bytes of the byte with the dirty bit of this index, and the bit in it.
pub(crate) const fn dirty_bit(index: usize) -> (usize, u8) {
    (DIRTY_BITMAP + index / 8, 1 << (index % 8))
}
