// SPDX-License-Identifier: GPL-2.0
/*
 * A VM and its vCPU come, their memory changes, and they go, with each place failing that can. It needs a kernel with fault
 * injection; what is lost on the way the debug kernel tells.
 */
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bare_vm.h"
#include "injection.h"
#include "sbi_case.h"

#define RING_SIZE	4096

static struct kvm_dirty_gfn *ring;

static int check_extension(void)
{
	return ioctl(bare.kvm, KVM_CHECK_EXTENSION, KVM_CAP_NR_MEMSLOTS);
}

static int check_extension_of_vm(void)
{
	return ioctl(bare.vm, KVM_CHECK_EXTENSION, KVM_CAP_NR_MEMSLOTS);
}

static int mmap_size(void)
{
	return ioctl(bare.kvm, KVM_GET_VCPU_MMAP_SIZE, NULL);
}

static int enable_cap(void)
{
	return bare_enable(KVM_CAP_HALT_POLL, 1000);
}

static int api_version(void)
{
	return ioctl(bare.kvm, KVM_GET_API_VERSION, NULL);
}

/* Three levels of page tables. */
static int enable_gpa_bits(void)
{
	return bare_enable(KVM_CAP_VM_GPA_BITS, 41);
}

static int enable_mp_state_reset(void)
{
	return bare_enable(KVM_CAP_RISCV_MP_STATE_RESET, 0);
}

static int enable_manual_log(void)
{
	return bare_enable(KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE);
}

static int enable_ring(void)
{
	return bare_enable(KVM_CAP_DIRTY_LOG_RING_ACQ_REL, RING_SIZE);
}

static void open_kvm(void)
{
	bare_make_vm();
	close(bare.vm);
	bare.vm = -1;
}

static void vm_with_memory(void)
{
	bare_make_vm();
	bare_set_memory();
}

static void vm_with_ring(void)
{
	bare_make_vm();
	enable_ring();
	bare_set_memory();
}

static void vcpu_without_run(void)
{
	bare_make_vm();
	bare_set_memory();
	bare_create_vcpu();
}

/* One that has run: its memory is mapped, its perf event is there. */
static void vcpu_that_ran(void)
{
	bare_make_vcpu();
	bare_run();
}

/* Nothing but the vCPU, and then nothing but the VM, holds what there is. */
static void vcpu_alone(void)
{
	vcpu_that_ran();
	bare_unmap_run();
}

static void vm_alone(void)
{
	vcpu_alone();
	close(bare.vcpu);
	bare.vcpu = -1;
}

static int close_of(int *fd)
{
	int ret = *fd < 0 ? 0 : close(*fd);

	*fd = -1;
	return ret;
}

static int close_vcpu(void)
{
	return close_of(&bare.vcpu);
}

static int close_vm(void)
{
	return close_of(&bare.vm);
}

static void vcpu_with_log(void)
{
	bare_make_vm();
	enable_manual_log();
	bare_finish_vcpu();
	bare_run();
}

static int get_log(void)
{
	u64 bitmap[1];
	struct kvm_dirty_log log = { .slot = BARE_SLOT, .dirty_bitmap = bitmap };

	return ioctl(bare.vm, KVM_GET_DIRTY_LOG, &log);
}

static int clear_log(void)
{
	u64 bitmap[1] = { BIT(BARE_PAGES) - 1 };
	struct kvm_clear_dirty_log log = {
		.slot = BARE_SLOT, .num_pages = BARE_PAGES, .dirty_bitmap = bitmap,
	};

	return ioctl(bare.vm, KVM_CLEAR_DIRTY_LOG, &log);
}

static void vcpu_with_ring(void)
{
	bare_make_vm();
	enable_ring();
	bare_finish_vcpu();
}

static int map_ring(void)
{
	void *mapped = mmap(NULL, RING_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, bare.vcpu,
			    KVM_DIRTY_LOG_PAGE_OFFSET * getpagesize());

	if (mapped == MAP_FAILED)
		return -1;
	ring = mapped;
	return 0;
}

/* What the guest has written is in the ring, and has been collected. */
static void collected_ring(void)
{
	unsigned int i;

	vcpu_with_ring();
	if (!sbi_expect(!map_ring(), "mmap of the ring: %s", strerror(errno)))
		exit(1);
	bare_run();
	for (i = 0; ring[i].flags & KVM_DIRTY_GFN_F_DIRTY; i++)
		ring[i].flags = KVM_DIRTY_GFN_F_RESET;
	sbi_expect(i, "nothing is in the ring");
}

static int reset_rings(void)
{
	return ioctl(bare.vm, KVM_RESET_DIRTY_RINGS, NULL);
}

static void release_ring(void)
{
	if (ring)
		munmap(ring, RING_SIZE);
	ring = NULL;
	bare_release();
}

static const struct injection creation[] = {
	{ "open of /dev/kvm", NULL, bare_release, bare_open },
	{ "KVM_GET_API_VERSION", open_kvm, bare_release, api_version },
	{ "KVM_CHECK_EXTENSION", open_kvm, bare_release, check_extension },
	{ "KVM_GET_VCPU_MMAP_SIZE", open_kvm, bare_release, mmap_size },
	{ "KVM_CREATE_VM", open_kvm, bare_release, bare_create },
	{ "KVM_CHECK_EXTENSION of the VM", bare_make_vm, bare_release, check_extension_of_vm },
	{ "KVM_ENABLE_CAP", bare_make_vm, bare_release, enable_cap },
	{ "KVM_ENABLE_CAP of a dirty ring", bare_make_vm, bare_release, enable_ring },
	{ "KVM_ENABLE_CAP of manual logs", bare_make_vm, bare_release, enable_manual_log },
	{ "KVM_ENABLE_CAP of the width of addresses", bare_make_vm, bare_release, enable_gpa_bits },
	{ "KVM_ENABLE_CAP of a reset by MP_STATE", bare_make_vm, bare_release,
	  enable_mp_state_reset },
	{ "KVM_SET_USER_MEMORY_REGION", bare_make_vm, bare_release, bare_set_memory },
	{ "KVM_SET_USER_MEMORY_REGION2", bare_make_vm, bare_release, bare_set_memory_2 },
	{ "KVM_CREATE_VCPU", vm_with_memory, bare_release, bare_create_vcpu },
	{ "KVM_CREATE_VCPU with a dirty ring", vm_with_ring, bare_release, bare_create_vcpu },
	{ "mmap of the vCPU", vcpu_without_run, bare_release, bare_map_run },
	{ "mmap of the dirty ring", vcpu_with_ring, release_ring, map_ring },
	{ "KVM_SET_ONE_REG of the pc", bare_make_vcpu, bare_release, bare_set_guest },
};

static const struct injection memory[] = {
	{ "KVM_SET_USER_MEMORY_REGION, move", vcpu_that_ran, bare_release, bare_move_memory },
	{ "KVM_SET_USER_MEMORY_REGION, flags", vcpu_that_ran, bare_release, bare_stop_log },
	{ "KVM_SET_USER_MEMORY_REGION, delete", vcpu_that_ran, bare_release, bare_delete_memory },
	{ "KVM_GET_DIRTY_LOG", vcpu_that_ran, bare_release, get_log },
	{ "KVM_CLEAR_DIRTY_LOG", vcpu_with_log, bare_release, clear_log },
	{ "KVM_RESET_DIRTY_RINGS", collected_ring, release_ring, reset_rings },
};

static const struct injection end[] = {
	{ "close of the vCPU", vcpu_alone, bare_release, close_vcpu },
	{ "close of the VM", vm_alone, bare_release, close_vm },
};

static void creation_fails(void)
{
	injection_try_table(creation, ARRAY_SIZE(creation));
}

static void memory_fails(void)
{
	injection_try_table(memory, ARRAY_SIZE(memory));
}

static void end_fails(void)
{
	injection_try_table(end, ARRAY_SIZE(end));
}

static const struct sbi_case cases[] = {
	{ "a VM and a vCPU are made", creation_fails, .seconds = 600 },
	{ "the memory of a VM that has run changes", memory_fails, .seconds = 600 },
	{ "a VM that has run goes", end_fails, .seconds = 600 },
};

int main(void)
{
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
