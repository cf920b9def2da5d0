// SPDX-License-Identifier: GPL-2.0

//! Where things are in the memory that a hart shares with the hypervisor beneath.

/// Bytes in a word of the memory, XLEN / 8.
const WORD: usize = size_of::<usize>();

/// The size of the memory of one hart, in bytes.
pub(crate) const SIZE: usize = CSRS + 1024 * WORD;

/// The queue of fences.
const FENCES: usize = 0x0800;

/// The bitmap of CSRs that the supervisor has written and the hypervisor has not seen.
pub(crate) const DIRTY_BITMAP: usize = 0x0F80;

/// The CSRs, a word each.
pub(crate) const CSRS: usize = 0x1000;

/// How many fences the queue holds: 60 where a word has 64 bits.
pub(crate) const FENCE_ENTRIES: usize = 3840 / (8 * WORD);

/// The bit of a fence's first word that says that the hypervisor has yet to make it.
pub(crate) const FENCE_PENDING: usize = 1 << (usize::BITS - 1);

/// The offsets in bytes of the words of a fence; the one between them is reserved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FenceEntry {
    /// What is to be fenced, and [`FENCE_PENDING`].
    pub(crate) config: usize,
    /// The number of the first page.
    pub(crate) page_number: usize,
    /// How many pages.
    pub(crate) page_count: usize,
}

/// Where the fence with this index is, which is below [`FENCE_ENTRIES`].
pub(crate) const fn fence_entry(index: usize) -> FenceEntry {
    let config = FENCES + index * 4 * WORD;
    FenceEntry {
        config,
        page_number: config + WORD,
        page_count: config + 3 * WORD,
    }
}

/// The index of a CSR: only those of a hypervisor have one.
pub(crate) const fn csr_index(csr: usize) -> usize {
    ((csr & 0xC00) >> 2) | (csr & 0xFF)
}

/// The offset in bytes of the word with this index.
pub(crate) const fn csr_offset(index: usize) -> usize {
    CSRS + index * WORD
}

/// The offset in bytes of the byte with the dirty bit of this index, and the bit in it.
pub(crate) const fn dirty_bit(index: usize) -> (usize, u8) {
    (DIRTY_BITMAP + index / 8, 1 << (index % 8))
}
