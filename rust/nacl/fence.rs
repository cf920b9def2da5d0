// SPDX-License-Identifier: GPL-2.0

//! A fence of a guest's translations, as an entry of the queue describes it.

use super::FENCE_PENDING;

/// The field of the first word with the kind of fence.
const TYPE_SHIFT: u32 = 56;
const TYPE_MASK: usize = 0xF;

/// The field with the binary logarithm of the page size, from 4 KiB up.
const ORDER_SHIFT: u32 = 48;
const ORDER_MASK: usize = 0x7F;
const ORDER_BASE: usize = 12;

/// The field with the VMID.
const VMID_SHIFT: u32 = 16;
const VMID_MASK: usize = 0x3FFF;

/// The field with the ASID.
const ASID_MASK: usize = 0xFFFF;

/// The bits of a kind's number.
const TYPE_ALL: usize = 1 << 0;
const TYPE_ID: usize = 1 << 1;
const TYPE_VVMA: usize = 1 << 2;

/// More pages than this are fenced by one fence of everything, as `tlb.c` does: it is sooner done than
/// a page table of them, one after another.
const MOST_PAGES: usize = 512;

/// Which translations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FenceKind {
    /// HFENCE.GVMA: guest physical addresses, of one VMID or of all.
    Gvma {
        /// Of this VMID only.
        vmid: Option<usize>,
    },
    /// HFENCE.VVMA: guest virtual addresses under one VMID, of one ASID or of all.
    Vvma {
        /// The VMID.
        vmid: usize,
        /// Of this ASID only.
        asid: Option<usize>,
    },
}

/// Pages, one after another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    /// Binary logarithm of the page size, 12 or more.
    pub(crate) order: usize,
    /// The number of the first page.
    pub(crate) first: usize,
    /// How many, at least one; the last does not reach the end of the address space.
    pub(crate) count: usize,
}

impl Range {
    /// The pages that `address..address + size` touches; `None` if that is better said as all.
    /// `size` is not 0.
    fn touched(order: usize, address: usize, size: usize) -> Option<Self> {
        if !(ORDER_BASE..usize::BITS as usize).contains(&order) {
            return None;
        }
        let last = address.checked_add(size - 1)? >> order;
        let first = address >> order;
        let count = last - first + 1;
        // A loop over the pages ends behind the last.
        let ends = last < usize::MAX >> order;
        (ends && count <= MOST_PAGES).then_some(Self {
            order,
            first,
            count,
        })
    }

    /// The address of the first page.
    pub(crate) fn address(self) -> usize {
        self.first << self.order
    }

    /// The size of all pages, in bytes.
    pub(crate) fn size(self) -> usize {
        self.count << self.order
    }
}

/// A fence that is to be made before the guest runs again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fence {
    /// Which translations.
    pub(crate) kind: FenceKind,
    /// Of which addresses; `None` is of all.
    pub(crate) range: Option<Range>,
}

impl Fence {
    /// What C asks for, in the words of its macro `nacl_hfence_mkconfig()` and with the range in bytes;
    /// `None` if that is nothing at all.
    ///
    /// A range that is not made of whole pages is widened to each that it touches, one that wraps or
    /// is long to all addresses: wider is always right. C's macro makes an order of a kind that has
    /// none; it is ignored.
    pub(crate) fn asked(config: usize, address: usize, size: usize) -> Option<Self> {
        let kind = (config >> TYPE_SHIFT) & TYPE_MASK;
        let order = ((config >> ORDER_SHIFT) & ORDER_MASK) + ORDER_BASE;
        let vmid = (config >> VMID_SHIFT) & VMID_MASK;
        let has_id = kind & TYPE_ID != 0;
        let range = if kind & TYPE_ALL != 0 {
            None
        } else if size == 0 {
            return None;
        } else {
            Range::touched(order, address, size)
        };
        let kind = if kind & TYPE_VVMA != 0 {
            FenceKind::Vvma {
                vmid,
                asid: has_id.then_some(config & ASID_MASK),
            }
        } else {
            FenceKind::Gvma {
                vmid: has_id.then_some(vmid),
            }
        };
        Some(Self { kind, range })
    }

    /// The first word of its entry, to be written when the others have been. Fields that the kind has
    /// no use for are zero.
    pub(crate) fn config(&self) -> usize {
        let (mut kind, vmid, asid) = match self.kind {
            FenceKind::Gvma { vmid: None } => (0, 0, 0),
            FenceKind::Gvma { vmid: Some(vmid) } => (TYPE_ID, vmid, 0),
            FenceKind::Vvma { vmid, asid: None } => (TYPE_VVMA, vmid, 0),
            FenceKind::Vvma {
                vmid,
                asid: Some(asid),
            } => (TYPE_VVMA | TYPE_ID, vmid, asid),
        };
        let order = match self.range {
            None => {
                kind |= TYPE_ALL;
                0
            }
            Some(range) => (range.order - ORDER_BASE) & ORDER_MASK,
        };
        FENCE_PENDING
            | (kind << TYPE_SHIFT)
            | (order << ORDER_SHIFT)
            | ((vmid & VMID_MASK) << VMID_SHIFT)
            | (asid & ASID_MASK)
    }

    /// The number of its first page, for its entry.
    pub(crate) fn page_number(&self) -> usize {
        self.range.map_or(0, |range| range.first)
    }

    /// How many pages it is, for its entry.
    pub(crate) fn page_count(&self) -> usize {
        self.range.map_or(0, |range| range.count)
    }
}
