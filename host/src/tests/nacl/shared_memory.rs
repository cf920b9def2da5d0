// SPDX-License-Identifier: GPL-2.0

//! Where the SBI's nested acceleration has the CSRs in the memory that is shared with the
//! hypervisor beneath.

use std::collections::BTreeSet;

use crate::nacl::csr_index;
use crate::nacl::csr_offset;
use crate::nacl::dirty_bit;
use crate::nacl::fence_entry;
use crate::nacl::Feature;
use crate::nacl::CSRS;
use crate::nacl::DIRTY_BITMAP;
use crate::nacl::FENCE_ENTRIES;
use crate::nacl::FENCE_PENDING;
use crate::nacl::SIZE;

/// The numbers that a CSR of a hypervisor can have: bits 9:8 are binary 10.
fn hypervisor_csrs() -> impl Iterator<Item = usize> {
    (0..0x1000).filter(|csr| csr & 0x300 == 0x200)
}

#[test]
fn bitmap_and_csrs_begin_where_the_specification_says() {
    assert_eq!((DIRTY_BITMAP, CSRS), (0xF80, 0x1000));
    assert_eq!(SIZE, sbi_spec::nacl::shmem_size::RV64);
}

/// The entries are four words each, from 0x800 up to the bitmap; the third word is reserved.
#[test]
fn fences_are_where_the_specification_says() {
    assert_eq!(FENCE_ENTRIES, 60);
    assert_eq!(FENCE_PENDING, 1 << 63);
    for index in 0..60 {
        let entry = fence_entry(index);
        assert_eq!(entry.config, 0x800 + 32 * index);
        assert_eq!(entry.page_number, entry.config + 8);
        assert_eq!(entry.page_count, entry.config + 24);
    }
    assert_eq!(fence_entry(60).config, DIRTY_BITMAP);
}

#[test]
fn features_have_the_numbers_of_the_specification() {
    use sbi_spec::nacl::feature_id;
    let numbers = [
        feature_id::SYNC_CSR,
        feature_id::SYNC_HFENCE,
        feature_id::SYNC_SRET,
        feature_id::AUTOSWAP_CSR,
    ];
    assert_eq!(Feature::ALL.map(Feature::number), numbers);
}

/// "CSR_Index[9:8] = csr_num[11:10], CSR_Index[7:0] = csr_num[7:0]".
#[test]
fn an_index_is_the_number_without_bits_9_and_8() {
    for csr in hypervisor_csrs() {
        let number = format!("{csr:012b}");
        let index = [&number[..2], &number[4..]].concat();
        assert_eq!(csr_index(csr), usize::from_str_radix(&index, 2).unwrap());
    }
}

/// The bitmap is in the bytes 0xF80 to 0xFFF, the words of 64 bits follow up to 4096 + 1024 * 8.
#[test]
fn each_csr_has_a_word_and_a_bit_of_its_own() {
    let words: BTreeSet<_> = hypervisor_csrs()
        .map(|csr| csr_offset(csr_index(csr)))
        .collect();
    let expected: BTreeSet<_> = (0x1000..0x3000).step_by(8).collect();
    assert_eq!(words, expected);

    let bits: BTreeSet<_> = hypervisor_csrs()
        .map(|csr| dirty_bit(csr_index(csr)))
        .collect();
    let expected: BTreeSet<_> = (0xF80..0x1000)
        .flat_map(|byte| (0..8).map(move |bit| (byte, 1 << bit)))
        .collect();
    assert_eq!(bits, expected);
    // The first bit is that of the first index.
    for index in 0..1024 {
        let (byte, bit) = dirty_bit(index);
        assert_eq!((byte - 0xF80) * 8 + bit.trailing_zeros() as usize, index);
        assert_eq!(csr_offset(index), 0x1000 + 8 * index);
    }
}
