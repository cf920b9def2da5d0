// SPDX-License-Identifier: GPL-2.0
/*
 * SBI nested acceleration: Rust has no per-CPU variables and defines no static keys.
 */

#include <linux/cpumask.h>
#include <linux/gfp.h>
#include <linux/kvm_host.h>
#include <linux/smp.h>
#include <asm/kvm_nacl.h>

#include "helpers.h"

DEFINE_STATIC_KEY_FALSE(kvm_riscv_nacl_available);
DEFINE_STATIC_KEY_FALSE(kvm_riscv_nacl_sync_csr_available);
DEFINE_STATIC_KEY_FALSE(kvm_riscv_nacl_sync_hfence_available);
DEFINE_STATIC_KEY_FALSE(kvm_riscv_nacl_sync_sret_available);
DEFINE_STATIC_KEY_FALSE(kvm_riscv_nacl_autoswap_csr_available);
DEFINE_PER_CPU(struct kvm_riscv_nacl, kvm_riscv_nacl);

void kvm_riscv_rs_turn_on(struct static_key_false *key)
{
	static_branch_enable(key);
}

void kvm_riscv_rs_turn_off(struct static_key_false *key)
{
	static_branch_disable(key);
}

void *kvm_riscv_rs_nacl_shmem(void)
{
	return nacl_shmem();
}

struct kvm_riscv_nacl *kvm_riscv_rs_nacl_of_this_cpu(void)
{
	return this_cpu_ptr(&kvm_riscv_nacl);
}

struct kvm_riscv_nacl *kvm_riscv_rs_nacl_of_cpu(int cpu)
{
	return per_cpu_ptr(&kvm_riscv_nacl, cpu);
}

void *kvm_riscv_rs_nacl_alloc(void)
{
	return (void *)__get_free_pages(GFP_KERNEL | __GFP_ZERO, get_order(SBI_NACL_SHMEM_SIZE));
}

void kvm_riscv_rs_nacl_free(void *memory)
{
	free_pages((unsigned long)memory, get_order(SBI_NACL_SHMEM_SIZE));
}

phys_addr_t kvm_riscv_rs_phys(void *memory)
{
	return virt_to_phys(memory);
}

int kvm_riscv_rs_next_possible_cpu(int cpu)
{
	return cpumask_next(cpu, cpu_possible_mask);
}

unsigned int kvm_riscv_rs_cpus(void)
{
	return nr_cpu_ids;
}

void kvm_riscv_rs_on_each_cpu(smp_call_func_t func, void *info)
{
	on_each_cpu(func, info, 1);
}

void kvm_riscv_rs_report_nacl_features(void)
{
	kvm_info("not using SBI nested acceleration: it lacks sync_csr or sync_sret\n");
}

void kvm_riscv_rs_report_nacl_refusal(void)
{
	kvm_info("not using SBI nested acceleration: it is refused on a CPU\n");
}

void kvm_riscv_rs_report_nacl_lost(void)
{
	kvm_err("memory of a CPU is lost: SBI nested acceleration does not let go of it\n");
}
