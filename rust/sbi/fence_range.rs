// SPDX-License-Identifier: GPL-2.0

//! The range of addresses that a remote fence covers (SBI v3.0, "RFENCE Extension").

/// Binary logarithm of the page size.
pub(crate) const PAGE_SHIFT: usize = 12;

/// Bytes in a page.
const PAGE_SIZE: usize = 1 << PAGE_SHIFT;

/// Whole pages from an address up; the end is an address, so a loop over them cannot wrap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pages {
    start: usize,
    size: usize,
}

impl Pages {
    /// The pages that `start..start + size` touches, none if `size` is 0; `None` if the last of them
    /// is the last page of the address space or beyond.
    fn covering(start: usize, size: usize) -> Option<Self> {
        let first = start & !(PAGE_SIZE - 1);
        let end = match size {
            0 => first,
            _ => start
                .checked_add(size)?
                .checked_next_multiple_of(PAGE_SIZE)?,
        };
        Some(Self {
            start: first,
            size: end - first,
        })
    }

    /// The address of the first page.
    pub(crate) fn start(self) -> usize {
        self.start
    }

    /// The size of all the pages, in bytes.
    pub(crate) fn size(self) -> usize {
        self.size
    }
}

/// What a remote fence covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FenceRange {
    /// Every address.
    All,
    /// These pages.
    Pages(Pages),
}

impl FenceRange {
    /// The range that a guest asks for with `start_addr` and `size`, in bytes.
    ///
    /// Everything if both are 0 or `size` is 2^XLEN-1. A range that is not made of whole pages
    /// covers each page that it touches. One that reaches the end of the address space or wraps is
    /// everything: wider than asked is right, narrower never is.
    pub(crate) fn new(start: usize, size: usize) -> Self {
        if (start == 0 && size == 0) || size == usize::MAX {
            return Self::All;
        }
        Pages::covering(start, size).map_or(Self::All, Self::Pages)
    }
}
