// SPDX-License-Identifier: GPL-2.0

//! Ties the numbers of nested acceleration, which `nacl` states by itself, to those of the kernel's
//! headers.

use kernel::bindings;

use crate::nacl;
use crate::nacl::Feature;

same! {
    nacl::CSRS => SBI_NACL_SHMEM_CSR_OFFSET,
    nacl::DIRTY_BITMAP => SBI_NACL_SHMEM_DBITMAP_OFFSET,
    nacl::fence_entry(0).config => SBI_NACL_SHMEM_HFENCE_OFFSET,
    nacl::FENCE_ENTRIES * 4 * size_of::<usize>() => SBI_NACL_SHMEM_HFENCE_SIZE,
    Feature::SyncCsr => sbi_ext_nacl_feature_SBI_NACL_FEAT_SYNC_CSR,
    Feature::SyncHfence => sbi_ext_nacl_feature_SBI_NACL_FEAT_SYNC_HFENCE,
    Feature::SyncSret => sbi_ext_nacl_feature_SBI_NACL_FEAT_SYNC_SRET,
    Feature::AutoswapCsr => sbi_ext_nacl_feature_SBI_NACL_FEAT_AUTOSWAP_CSR,
}
