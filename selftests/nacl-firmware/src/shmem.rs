// SPDX-License-Identifier: GPL-2.0

//! The layout of the shared memory of one hart, for XLEN 64.

/// Bytes of the whole: the scratch space and 1024 CSR words.
pub const SIZE: usize = 4096 + 128 * 64;
/// Where x0 to x31 for SYNC_SRET are; x0 is reserved.
pub const SRET: usize = 0x000;
/// The flags of the autoswap context.
pub const AUTOSWAP_FLAGS: usize = 0x200;
/// The value that is swapped with `hstatus`.
pub const AUTOSWAP_HSTATUS: usize = 0x208;
/// The flag that asks for `hstatus` to be swapped; all others are reserved.
pub const AUTOSWAP_FLAG_HSTATUS: u64 = 1;
/// The HFENCE entries, four words each.
pub const HFENCE: usize = 0x800;
/// How many HFENCE entries there are.
pub const HFENCE_ENTRIES: usize = 3840 / 64;
/// Bytes of one HFENCE entry.
pub const HFENCE_ENTRY_SIZE: usize = 4 * 8;
/// One bit for each CSR word: the supervisor wrote it.
pub const DIRTY: usize = 0xf80;
/// The CSR words.
pub const CSRS: usize = 0x1000;

/// Whether a CSR number is in the space of the hypervisor extension.
pub const fn is_hypervisor_csr(number: u64) -> bool {
    number & 0x300 == 0x200 && number < 0x1000
}

/// The index of a CSR among the CSR words.
pub const fn csr_index(number: u16) -> usize {
    (((number & 0xc00) >> 2) | (number & 0xff)) as usize
}

/// The offset of a CSR's word.
pub const fn csr_word(number: u16) -> usize {
    CSRS + csr_index(number) * 8
}

/// The offset of the word of the dirty bitmap that has a CSR's bit, and the bit.
pub const fn csr_dirty(number: u16) -> (usize, u64) {
    let index = csr_index(number);
    (DIRTY + index / 64 * 8, 1 << (index % 64))
}

/// The offset of an HFENCE entry.
pub const fn hfence_entry(index: usize) -> usize {
    HFENCE + index * HFENCE_ENTRY_SIZE
}

#[cfg(test)]
mod tests {
    use super::csr_dirty;
    use super::csr_index;
    use super::hfence_entry;
    use super::is_hypervisor_csr;
    use super::AUTOSWAP_FLAGS;
    use super::AUTOSWAP_HSTATUS;
    use super::CSRS;
    use super::DIRTY;
    use super::HFENCE_ENTRIES;
    use super::SIZE;
    use super::SRET;

    #[test]
    fn the_size_is_that_of_sbi_spec() {
        assert_eq!(SIZE, sbi_spec::nacl::shmem_size::RV64);
    }

    #[test]
    fn the_parts_do_not_overlap() {
        const { assert!(SRET + 32 * 8 <= AUTOSWAP_FLAGS) };
        assert_eq!(AUTOSWAP_HSTATUS, AUTOSWAP_FLAGS + 8);
        assert_eq!(hfence_entry(HFENCE_ENTRIES), DIRTY);
        assert_eq!(DIRTY + 1024 / 8, CSRS);
        assert_eq!(CSRS + 1024 * 8, SIZE);
    }

    #[test]
    fn indices_of_the_specification_s_table() {
        for (number, index) in [
            (0x200, 0x000),
            (0x2ff, 0x0ff),
            (0x600, 0x100),
            (0x67f, 0x17f),
            (0x680, 0x180),
            (0x6ff, 0x1ff),
            (0xa00, 0x200),
            (0xaff, 0x2ff),
            (0xe00, 0x300),
            (0xeff, 0x3ff),
        ] {
            assert_eq!(csr_index(number), index, "{number:#x}");
        }
    }

    #[test]
    fn every_csr_has_an_index_of_its_own() {
        let mut seen = vec![false; 1024];
        for number in (0..0x1000).filter(|number| is_hypervisor_csr(*number)) {
            let slot = &mut seen[csr_index(number as u16)];
            assert!(!*slot, "{number:#x}");
            *slot = true;
        }
        assert!(seen.iter().all(|seen| *seen));
        assert!(!is_hypervisor_csr(0x1200));
        assert!(!is_hypervisor_csr(u64::MAX));
    }

    #[test]
    fn dirty_bits() {
        assert_eq!(csr_dirty(0x200), (DIRTY, 1));
        assert_eq!(csr_dirty(0x600), (DIRTY + 0x100 / 8, 1));
        assert_eq!(csr_dirty(0xeff), (DIRTY + 0x3c0 / 8, 1 << 63));
    }
}
