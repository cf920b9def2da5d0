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

struct bare_vm bare = { .kvm = -1, .vm = -1, .vcpu = -1, .aia = -1 };

/*
 * The guest's whole life: what has KVM allocate, write and read the guest's
 * memory, make a perf event and release it. It goes on whatever it is told.
 */
asm(".pushsection .text\n"
	".balign 16\n"
	".option push\n"
	".option norvc\n"
	".macro bare_call extension, function, a0=0, a1=0, a2=0, a3=0, a4=0\n"
	"li a7, \\extension\n"
	"li a6, \\function\n"
	"li a0, \\a0\n"
	"li a1, \\a1\n"
	"li a2, \\a2\n"
	"li a3, \\a3\n"
	"li a4, \\a4\n"
	"ecall\n"
	".endm\n"
	"bare_guest:\n"
	/* PMU: snapshot_set_shmem; cycles, started; counter_stop that takes a snapshot. */
	"bare_call 0x504d55, 7, 0x80004000\n"
	"bare_call 0x504d55, 2, 0, 5, 4, 1\n"
	"bare_call 0x504d55, 4, 0, 1, 2\n"
	"bare_call 0x504d55, 3, 0, 1, 2\n"
	/* PMU: event_get_info of two events. */
	"bare_call 0x504d55, 8, 0x80005000, 0, 2\n"
	/* STA: set_shmem. */
	"bare_call 0x535441, 0, 0x80006000\n"
	/* RFENCE of all, IPI to all, a timer, FWFT. */
	"bare_call 0x52464e43, 1, 0, -1, 0x1000, 0x1000\n"
	"bare_call 0x735049, 0, 0, -1\n"
	"bare_call 0x54494d45, 0, -1\n"
	"bare_call 0x46574654, 0, 0, 1\n"
	/* Memory that is not mapped yet, to be written and to be read. */
	"li t0, 0x80008000\n"
	"sd t0, (t0)\n"
	"li t0, 0x8000a000\n"
	"ld t1, (t0)\n"
	/* PMU: the counter again, to be released by the reset or the end. */
	"bare_call 0x504d55, 2, 0, 5, 4, 2\n"
	/* SRST: shutdown. */
	"bare_call 0x53525354, 0\n"
	"1: j 1b\n"
	"bare_guest_end:\n"
	".option pop\n"
	".popsection");

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

static int set_memory(u64 size)
{
	struct kvm_userspace_memory_region region = {
		.slot = BARE_SLOT,
		.flags = size ? KVM_MEM_LOG_DIRTY_PAGES : 0,
		.guest_phys_addr = BARE_MEMORY,
		.memory_size = size,
		.userspace_addr = (unsigned long)bare.memory,
	};

	return ioctl(bare.vm, KVM_SET_USER_MEMORY_REGION, &region);
}

int bare_set_memory(void)
{
	return set_memory(BARE_PAGES * 4096);
}

int bare_delete_memory(void)
{
	return set_memory(0);
}

int bare_create_vcpu(void)
{
	bare.vcpu = ioctl(bare.vm, KVM_CREATE_VCPU, 0);
	return bare.vcpu;
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

static int set_aia(u32 group, u64 attr, void *value)
{
	struct kvm_device_attr device_attr = {
		.group = group,
		.attr = attr,
		.addr = (unsigned long)value,
	};

	return ioctl(bare.aia, KVM_SET_DEVICE_ATTR, &device_attr);
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

int bare_set_guest(void)
{
	u64 pc = BARE_MEMORY;
	struct kvm_one_reg reg = {
		.id = RISCV_CORE_REG(regs.pc),
		.addr = (unsigned long)&pc,
	};

	memcpy(bare.memory, bare_guest, bare_guest_end - bare_guest);
	return ioctl(bare.vcpu, KVM_SET_ONE_REG, &reg);
}

int bare_run(void)
{
	int ret;

	do {
		ret = ioctl(bare.vcpu, KVM_RUN, NULL);
	} while (ret < 0 && errno == EINTR);
	if (!ret)
		sbi_expect(bare.run->exit_reason == KVM_EXIT_SYSTEM_EVENT,
			   "the guest ended with exit reason %u", bare.run->exit_reason);
	return ret;
}

static void must(int ret, const char *what)
{
	if (sbi_expect(ret >= 0, "%s: %s", what, strerror(errno)))
		return;
	exit(1);
}

void bare_make_vm(void)
{
	if (!bare.memory) {
		bare.memory = mmap(NULL, BARE_PAGES * 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
		must(bare.memory == MAP_FAILED ? -1 : 0, "mmap");
	}
	must(bare_open(), "/dev/kvm");
	must(bare_create(), "KVM_CREATE_VM");
}

void bare_make_vcpu(void)
{
	bare_make_vm();
	must(bare_set_memory(), "KVM_SET_USER_MEMORY_REGION");
	must(bare_create_vcpu(), "KVM_CREATE_VCPU");
	must(bare_map_run(), "mmap of the vCPU");
	must(bare_set_guest(), "KVM_SET_ONE_REG");
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

void bare_release(void)
{
	if (bare.run)
		munmap(bare.run, sizeof(*bare.run));
	bare.run = NULL;
	close_one(&bare.aia);
	close_one(&bare.vcpu);
	close_one(&bare.vm);
	close_one(&bare.kvm);
}
