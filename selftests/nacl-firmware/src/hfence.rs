// SPDX-License-Identifier: GPL-2.0

//! One HFENCE entry: its encoding, and what the specification asks of it.

/// The bit that says that an entry waits.
pub const PENDING: u64 = 1 << 63;

/// What an entry invalidates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// A range of guest physical addresses, all VMIDs.
    Gvma,
    /// All guest physical addresses, all VMIDs.
    GvmaAll,
    /// A range of guest physical addresses of one VMID.
    GvmaVmid,
    /// All guest physical addresses of one VMID.
    GvmaVmidAll,
    /// A range of guest virtual addresses of one VMID.
    Vvma,
    /// All guest virtual addresses of one VMID.
    VvmaAll,
    /// A range of guest virtual addresses of one VMID and ASID.
    VvmaAsid,
    /// All guest virtual addresses of one VMID and ASID.
    VvmaAsidAll,
}

impl Type {
    /// By the numbers of the specification.
    pub const ALL: [Type; 8] = [
        Type::Gvma,
        Type::GvmaAll,
        Type::GvmaVmid,
        Type::GvmaVmidAll,
        Type::Vvma,
        Type::VvmaAll,
        Type::VvmaAsid,
        Type::VvmaAsidAll,
    ];

    /// The name in the specification.
    pub const fn name(self) -> &'static str {
        match self {
            Type::Gvma => "GVMA",
            Type::GvmaAll => "GVMA_ALL",
            Type::GvmaVmid => "GVMA_VMID",
            Type::GvmaVmidAll => "GVMA_VMID_ALL",
            Type::Vvma => "VVMA",
            Type::VvmaAll => "VVMA_ALL",
            Type::VvmaAsid => "VVMA_ASID",
            Type::VvmaAsidAll => "VVMA_ASID_ALL",
        }
    }

    /// Whether it is of guest physical addresses.
    pub const fn is_gvma(self) -> bool {
        (self as u8) < 4
    }

    /// Whether all addresses are meant; order, number and count are then ignored.
    pub const fn is_all(self) -> bool {
        self as u8 & 1 == 1
    }

    /// Whether the VMID counts.
    pub const fn has_vmid(self) -> bool {
        self as u8 >= 2
    }

    /// Whether the ASID counts.
    pub const fn has_asid(self) -> bool {
        self as u8 >= 6
    }
}

/// The four words of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Pending, type, order, VMID and ASID.
    pub config: u64,
    /// The address, right shifted by the order and 12.
    pub page_number: u64,
    /// Reserved.
    pub reserved: u64,
    /// How many pages.
    pub page_count: u64,
}

impl Entry {
    /// Whether the entry waits to be processed.
    pub const fn pending(&self) -> bool {
        self.config & PENDING != 0
    }

    /// Its type, unless that is a reserved number.
    pub fn kind(&self) -> Option<Type> {
        Type::ALL.get((self.config >> 56 & 0xf) as usize).copied()
    }

    /// The order of the page size above 12.
    pub const fn order(&self) -> u64 {
        self.config >> 48 & 0x7f
    }

    /// The VMID.
    pub const fn vmid(&self) -> u64 {
        self.config >> 16 & 0x3fff
    }

    /// The ASID.
    pub const fn asid(&self) -> u64 {
        self.config & 0xffff
    }

    /// The first address and the number of bytes, unless they do not fit into 64 bits.
    pub fn range(&self) -> Option<(u64, u64)> {
        let shift = u32::try_from(self.order() + 12)
            .ok()
            .filter(|shift| *shift < 64)?;
        let address = self.page_number.checked_mul(1 << shift)?;
        let size = self.page_count.checked_mul(1 << shift)?;
        Some((address, size))
    }

    /// What is wrong with an entry that waits, in the specification's words.
    pub fn fault(&self) -> Option<&'static str> {
        if self.config >> 60 & 0x7 != 0 {
            return Some("Config bits 62:60 are not zero");
        }
        let Some(kind) = self.kind() else {
            return Some("the type is a reserved one");
        };
        if self.config >> 55 & 1 != 0 {
            return Some("Config bit 55 is not zero");
        }
        if self.config >> 30 & 0x3_ffff != 0 {
            return Some("Config bits 47:30 are not zero");
        }
        if self.reserved != 0 {
            return Some("word 2 is not zero");
        }
        if !kind.has_vmid() && self.vmid() != 0 {
            return Some("the type ignores VMID, which is not zero");
        }
        if !kind.has_asid() && self.asid() != 0 {
            return Some("the type ignores ASID, which is not zero");
        }
        if kind.is_all() {
            if self.order() != 0 {
                return Some("the type ignores Order, which is not zero");
            }
            if self.page_number != 0 {
                return Some("the type ignores Page_Number, which is not zero");
            }
            if self.page_count != 0 {
                return Some("the type ignores Page_Count, which is not zero");
            }
        } else if self.page_count == 0 {
            return Some("Page_Count is zero: nothing is invalidated");
        } else if self.range().is_none() {
            return Some("the range does not fit into 64 bits");
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::Entry;
    use super::Type;
    use super::PENDING;

    fn entry(kind: u64, order: u64, vmid: u64, asid: u64, number: u64, count: u64) -> Entry {
        Entry {
            config: PENDING | kind << 56 | order << 48 | vmid << 16 | asid,
            page_number: number,
            reserved: 0,
            page_count: count,
        }
    }

    #[test]
    fn fields() {
        let it = entry(6, 9, 0x3fff, 0xffff, 3, 2);
        assert!(it.pending());
        assert_eq!(it.kind(), Some(Type::VvmaAsid));
        assert_eq!((it.order(), it.vmid(), it.asid()), (9, 0x3fff, 0xffff));
        assert_eq!(it.range(), Some((3 << 21, 2 << 21)));
        assert_eq!(it.fault(), None);
    }

    #[test]
    fn each_type_has_its_number() {
        for (number, kind) in Type::ALL.iter().enumerate() {
            assert_eq!(*kind as usize, number);
            assert_eq!(entry(number as u64, 0, 0, 0, 0, 0).kind(), Some(*kind));
        }
        for number in 8..16 {
            let it = entry(number, 0, 0, 0, 0, 0);
            assert_eq!(it.kind(), None);
            assert!(it.fault().is_some());
        }
    }

    #[test]
    fn a_good_entry_of_each_type() {
        for (number, kind) in Type::ALL.iter().enumerate() {
            let all = kind.is_all();
            let it = entry(
                number as u64,
                if all { 0 } else { 9 },
                if kind.has_vmid() { 5 } else { 0 },
                if kind.has_asid() { 7 } else { 0 },
                if all { 0 } else { 0x400 },
                if all { 0 } else { 1 },
            );
            assert_eq!(it.fault(), None, "{kind:?}");
        }
    }

    #[test]
    fn every_reserved_bit_of_config_is_a_fault() {
        for bit in (60..63).chain(30..48).chain([55, 59]) {
            let mut it = entry(6, 0, 1, 1, 1, 1);
            it.config |= 1 << bit;
            assert!(it.fault().is_some(), "bit {bit}");
        }
    }

    #[test]
    fn unused_fields_are_faults() {
        for (it, what) in [
            (entry(0, 0, 1, 0, 1, 1), "VMID"),
            (entry(2, 0, 1, 1, 1, 1), "ASID"),
            (entry(4, 0, 1, 1, 1, 1), "ASID"),
            (entry(1, 0, 1, 0, 0, 0), "VMID"),
            (entry(3, 0, 1, 1, 0, 0), "ASID"),
            (entry(5, 0x74, 1, 0, 0, 0), "Order"),
            (entry(7, 0, 1, 1, 1, 0), "Page_Number"),
            (entry(7, 0, 1, 1, 0, 1), "Page_Count"),
            (entry(4, 0, 1, 0, 1, 0), "Page_Count"),
            (
                Entry {
                    reserved: 1,
                    ..entry(5, 0, 1, 0, 0, 0)
                },
                "word 2",
            ),
            (entry(4, 52, 1, 0, 1, 1), "fit"),
            (entry(4, 0, 1, 0, 1 << 52, 1), "fit"),
        ] {
            let fault = it.fault().unwrap_or("");
            assert!(fault.contains(what), "{it:x?}: {fault}");
        }
    }
}
