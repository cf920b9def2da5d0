// SPDX-License-Identifier: GPL-2.0

//! The structures whose fields are accessed here are where C has them.
//!
//! bindgen works out layouts by itself, and is wrong where C aligns an empty structure: in `struct
//! task_struct` the fields behind one are not where C has them.

use core::mem::offset_of;

use kernel::bindings;
use kernel::bindings::kvm;
use kernel::bindings::kvm_run;
use kernel::bindings::kvm_vcpu;
use kernel::bindings::kvm_vcpu_arch;

const _: () = assert!(size_of::<kvm_vcpu>() == bindings::KVM_RS_SIZE_OF_VCPU);
const _: () = assert!(offset_of!(kvm_vcpu, requests) == bindings::KVM_RS_VCPU_REQUESTS);
const _: () = assert!(offset_of!(kvm_vcpu, stat) == bindings::KVM_RS_VCPU_STAT);
const _: () = assert!(offset_of!(kvm_vcpu, arch) == bindings::KVM_RS_VCPU_ARCH);
const _: () = assert!(size_of::<kvm_vcpu_arch>() == bindings::KVM_RS_SIZE_OF_VCPU_ARCH);
const _: () = assert!(offset_of!(kvm_vcpu_arch, sta) == bindings::KVM_RS_VCPU_ARCH_STA);
const _: () = assert!(offset_of!(kvm, vcpu_array) == bindings::KVM_RS_VM_VCPU_ARRAY);
const _: () = assert!(offset_of!(kvm, arch) == bindings::KVM_RS_VM_ARCH);
const _: () = assert!(size_of::<kvm_run>() == bindings::KVM_RS_SIZE_OF_RUN);
const _: () = assert!(offset_of!(kvm_run, __bindgen_anon_1.mmio) == bindings::KVM_RS_RUN_MMIO);
const _: () =
    assert!(offset_of!(kvm_run, __bindgen_anon_1.fail_entry) == bindings::KVM_RS_RUN_FAIL_ENTRY);
