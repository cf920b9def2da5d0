// SPDX-License-Identifier: GPL-2.0
/*
 * Makes a VM of single system calls.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bare_vm.h"
#include "processor.h"
#include "sbi_case.h"

struct bare_vm bare = { .kvm = -1, .vm = -1, .vcpu = -1, .second = -1, .aia = -1 };

static void must(int ret, const char *what)
{
	if (sbi_expect(ret >= 0, "%s: %s", what, strerror(errno)))
		return;
	exit(1);
}

int bare_open(void)
{
	bare.kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	return bare.kvm;
}

int bare_create(void)
{
	bare.vm = ioctl(bare.kvm, KVM_CREATE_VM, 0);
	return bare.vm;
}

/* What the second request takes begins with what the first one takes. */
static int request_memory(unsigned long request, u64 gpa, u64 size, u32 flags)
{
	struct kvm_userspace_memory_region2 region = {
		.slot = BARE_SLOT,
		.flags = flags,
		.guest_phys_addr = gpa,
		.memory_size = size,
		.userspace_addr = (unsigned long)bare.memory,
	};

	return ioctl(bare.vm, request, &region);
}

static int set_memory(u64 gpa, u64 size, u32 flags)
{
	return request_memory(KVM_SET_USER_MEMORY_REGION, gpa, size, flags);
}

int bare_set_memory(void)
{
	return set_memory(BARE_MEMORY, BARE_SIZE, KVM_MEM_LOG_DIRTY_PAGES);
}

int bare_set_memory_2(void)
{
	return request_memory(KVM_SET_USER_MEMORY_REGION2, BARE_MEMORY, BARE_SIZE,
			      KVM_MEM_LOG_DIRTY_PAGES);
}

int bare_move_memory(void)
{
	return set_memory(2 * BARE_MEMORY, BARE_SIZE, KVM_MEM_LOG_DIRTY_PAGES);
}

int bare_stop_log(void)
{
	return set_memory(BARE_MEMORY, BARE_SIZE, 0);
}

int bare_delete_memory(void)
{
	return set_memory(BARE_MEMORY, 0, 0);
}

int bare_create_vcpu(void)
{
	bare.vcpu = ioctl(bare.vm, KVM_CREATE_VCPU, 0);
	return bare.vcpu;
}

int bare_create_second_vcpu(void)
{
	bare.second = ioctl(bare.vm, KVM_CREATE_VCPU, 1);
	return bare.second;
}

int bare_map_run(void)
{
	void *run = mmap(NULL, sizeof(*bare.run), PROT_READ | PROT_WRITE, MAP_SHARED, bare.vcpu, 0);

	if (run == MAP_FAILED)
		return -1;
	bare.run = run;
	return 0;
}

int bare_create_aia(void)
{
	struct kvm_create_device device = { .type = KVM_DEV_TYPE_RISCV_AIA };
	int ret = ioctl(bare.vm, KVM_CREATE_DEVICE, &device);

	if (!ret)
		bare.aia = device.fd;
	return ret;
}

int bare_aia_attr(unsigned long request, u32 group, u64 attr, void *value)
{
	struct kvm_device_attr device_attr = {
		.group = group,
		.attr = attr,
		.addr = (unsigned long)value,
	};

	return ioctl(bare.aia, request, &device_attr);
}

static int set_aia(u32 group, u64 attr, void *value)
{
	return bare_aia_attr(KVM_SET_DEVICE_ATTR, group, attr, value);
}

int bare_configure_aia(void)
{
	u32 mode = KVM_DEV_RISCV_AIA_MODE_EMUL, sources = BARE_SOURCES;
	u64 aplic = BARE_APLIC, imsic = BARE_IMSIC;

	return set_aia(KVM_DEV_RISCV_AIA_GRP_CONFIG, KVM_DEV_RISCV_AIA_CONFIG_MODE, &mode) ||
	       set_aia(KVM_DEV_RISCV_AIA_GRP_CONFIG, KVM_DEV_RISCV_AIA_CONFIG_SRCS, &sources) ||
	       set_aia(KVM_DEV_RISCV_AIA_GRP_ADDR, KVM_DEV_RISCV_AIA_ADDR_APLIC, &aplic) ||
	       set_aia(KVM_DEV_RISCV_AIA_GRP_ADDR, KVM_DEV_RISCV_AIA_ADDR_IMSIC(0), &imsic) ?
	       -1 : 0;
}

int bare_init_aia(void)
{
	return set_aia(KVM_DEV_RISCV_AIA_GRP_CTRL, KVM_DEV_RISCV_AIA_CTRL_INIT, NULL);
}

static int one_reg(unsigned long request, u64 id, u64 *value)
{
	struct kvm_one_reg reg = { .id = id, .addr = (unsigned long)value };

	return ioctl(bare.vcpu, request, &reg);
}

int bare_set_guest(void)
{
	u64 pc = BARE_MEMORY;

	memcpy(bare.memory, bare_guest, bare_guest_end - bare_guest);
	return one_reg(KVM_SET_ONE_REG, RISCV_CORE_REG(regs.pc), &pc);
}

void bare_allow_all(void)
{
	u64 on = 1, has_seed = 0;

	/* Where the host has it, the guest has it. */
	one_reg(KVM_GET_ONE_REG, RISCV_ISA_EXT_REG(KVM_RISCV_ISA_EXT_ZKR), &has_seed);
	*(u64 *)(bare.memory + BARE_HAS_SEED) = has_seed;
	must(one_reg(KVM_SET_ONE_REG, RISCV_SBI_EXT_REG(KVM_RISCV_SBI_EXT_SUSP), &on), "SUSP");
	must(bare_create_second_vcpu(), "KVM_CREATE_VCPU of a second one");
}

int bare_enable(u32 cap, u64 arg)
{
	struct kvm_enable_cap enable = { .cap = cap, .args = { arg } };

	return ioctl(bare.vm, KVM_ENABLE_CAP, &enable);
}

void bare_make_vm(void)
{
	if (!bare.memory) {
		bare.memory = mmap(NULL, BARE_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
		must(bare.memory == MAP_FAILED ? -1 : 0, "mmap");
	}
	must(bare_open(), "/dev/kvm");
	must(bare_create(), "KVM_CREATE_VM");
}

void bare_finish_vcpu(void)
{
	must(bare_set_memory(), "KVM_SET_USER_MEMORY_REGION");
	must(bare_create_vcpu(), "KVM_CREATE_VCPU");
	must(bare_map_run(), "mmap of the vCPU");
	must(bare_set_guest(), "KVM_SET_ONE_REG");
}

void bare_make_vcpu(void)
{
	bare_make_vm();
	bare_finish_vcpu();
}

void bare_make_aia(void)
{
	bare_make_vcpu();
	must(bare_create_aia(), "KVM_CREATE_DEVICE");
	must(bare_configure_aia(), "KVM_SET_DEVICE_ATTR");
	must(bare_init_aia(), "KVM_DEV_RISCV_AIA_CTRL_INIT");
}

static void close_one(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void bare_unmap_run(void)
{
	if (bare.run)
		munmap(bare.run, sizeof(*bare.run));
	bare.run = NULL;
}

void bare_release(void)
{
	bare_unmap_run();
	close_one(&bare.aia);
	close_one(&bare.second);
	close_one(&bare.vcpu);
	close_one(&bare.vm);
	close_one(&bare.kvm);
}
