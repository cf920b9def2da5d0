// SPDX-License-Identifier: GPL-2.0
/*
 * Each system call of a VM's life, with each place failing that can. It needs a
 * kernel with fault injection; what is lost on the way the debug kernel tells.
 */
#include <errno.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "bare_vm.h"
#include "injection.h"
#include "sbi_case.h"

#define GSI		1
#define MAX_REGISTERS	2000

static int event = -1, stats = -1;
static struct kvm_reg_list *list;
static struct kvm_one_reg reg;
static u8 reg_value[256];

static void open_kvm(void)
{
	bare_make_vm();
	close(bare.vm);
	bare.vm = -1;
}

static void vm_without_memory(void)
{
	bare_make_vm();
}

static void vm_with_memory(void)
{
	bare_make_vm();
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

static void aia_to_be_configured(void)
{
	bare_make_vcpu();
	bare_create_aia();
}

static void aia_to_be_initialised(void)
{
	aia_to_be_configured();
	bare_configure_aia();
}

static void release(void)
{
	if (event >= 0)
		close(event);
	if (stats >= 0)
		close(stats);
	event = stats = -1;
	bare_release();
}

static void aia_and_event(void)
{
	bare_make_aia();
	event = eventfd(0, EFD_CLOEXEC);
}

static void vcpu_and_event(void)
{
	bare_make_vcpu();
	event = eventfd(0, EFD_CLOEXEC);
}

static int irqfd(u32 flags)
{
	struct kvm_irqfd irqfd = { .fd = event, .gsi = GSI, .flags = flags };

	return ioctl(bare.vm, KVM_IRQFD, &irqfd);
}

static int assign_irqfd(void)
{
	return irqfd(0);
}

static int deassign_irqfd(void)
{
	return irqfd(KVM_IRQFD_FLAG_DEASSIGN);
}

static void aia_and_irqfd(void)
{
	aia_and_event();
	assign_irqfd();
}

static int set_routing(void)
{
	struct {
		struct kvm_irq_routing table;
		struct kvm_irq_routing_entry entry;
	} routing = {
		.table.nr = 1,
		.entry = { .gsi = GSI, .type = KVM_IRQ_ROUTING_MSI,
			   .u.msi = { .address_lo = BARE_IMSIC, .data = 1 } },
	};

	return ioctl(bare.vm, KVM_SET_GSI_ROUTING, &routing);
}

static int irq_line(void)
{
	struct kvm_irq_level level = { .irq = GSI, .level = 1 };

	return ioctl(bare.vm, KVM_IRQ_LINE, &level);
}

static int signal_msi(void)
{
	struct kvm_msi msi = { .address_lo = BARE_IMSIC, .data = 1 };

	return ioctl(bare.vm, KVM_SIGNAL_MSI, &msi);
}

static int ioeventfd(u32 flags)
{
	struct kvm_ioeventfd ioeventfd = { .addr = 0x1000, .len = 4, .fd = event, .flags = flags };

	return ioctl(bare.vm, KVM_IOEVENTFD, &ioeventfd);
}

static int assign_ioeventfd(void)
{
	return ioeventfd(0);
}

static int deassign_ioeventfd(void)
{
	return ioeventfd(KVM_IOEVENTFD_FLAG_DEASSIGN);
}

static void vcpu_and_ioeventfd(void)
{
	vcpu_and_event();
	assign_ioeventfd();
}

static int dirty_log(void)
{
	u64 bitmap[1];
	struct kvm_dirty_log log = { .slot = BARE_SLOT, .dirty_bitmap = bitmap };

	return ioctl(bare.vm, KVM_GET_DIRTY_LOG, &log);
}

static int stats_of(int fd)
{
	char data[4096];

	if (stats < 0)
		stats = ioctl(fd, KVM_GET_STATS_FD, NULL);
	return stats < 0 ? -1 : read(stats, data, sizeof(data));
}

static int vm_stats(void)
{
	return stats_of(bare.vm);
}

static int vcpu_stats(void)
{
	return stats_of(bare.vcpu);
}

static int get_mp_state(void)
{
	struct kvm_mp_state state;

	return ioctl(bare.vcpu, KVM_GET_MP_STATE, &state);
}

static int set_mp_state(void)
{
	struct kvm_mp_state state = { .mp_state = KVM_MP_STATE_RUNNABLE };

	return ioctl(bare.vcpu, KVM_SET_MP_STATE, &state);
}

static int set_debug(void)
{
	struct kvm_guest_debug debug = { .control = KVM_GUESTDBG_ENABLE };

	return ioctl(bare.vcpu, KVM_SET_GUEST_DEBUG, &debug);
}

static int interrupt(void)
{
	struct kvm_interrupt irq = { .irq = KVM_INTERRUPT_SET };

	return ioctl(bare.vcpu, KVM_INTERRUPT, &irq);
}

static int register_list(void)
{
	list->n = MAX_REGISTERS;
	return ioctl(bare.vcpu, KVM_GET_REG_LIST, list);
}

static int get_register(void)
{
	return ioctl(bare.vcpu, KVM_GET_ONE_REG, &reg);
}

static int set_register(void)
{
	return ioctl(bare.vcpu, KVM_SET_ONE_REG, &reg);
}

static void creation(void)
{
	static const struct injection steps[] = {
		{ "open of /dev/kvm", NULL, release, bare_open },
		{ "KVM_CREATE_VM", open_kvm, release, bare_create },
		{ "KVM_SET_USER_MEMORY_REGION", vm_without_memory, release, bare_set_memory },
		{ "KVM_CREATE_VCPU", vm_with_memory, release, bare_create_vcpu },
		{ "mmap of the vCPU", vcpu_without_run, release, bare_map_run },
		{ "KVM_SET_ONE_REG of the pc", bare_make_vcpu, release, bare_set_guest },
	};
	unsigned int i;

	injection_or_skip();
	for (i = 0; i < ARRAY_SIZE(steps); i++)
		injection_try_all(&steps[i]);
}

static void aia(void)
{
	static const struct injection steps[] = {
		/* KVM makes the device before it writes down its file descriptor. */
		{ "KVM_CREATE_DEVICE", bare_make_vcpu, release, bare_create_aia, .stays = true },
		{ "KVM_SET_DEVICE_ATTR", aia_to_be_configured, release, bare_configure_aia },
		{ "KVM_DEV_RISCV_AIA_CTRL_INIT", aia_to_be_initialised, release, bare_init_aia },
		{ "KVM_SET_GSI_ROUTING", bare_make_aia, release, set_routing },
		{ "KVM_IRQ_LINE", bare_make_aia, release, irq_line },
		{ "KVM_SIGNAL_MSI", bare_make_aia, release, signal_msi },
		{ "KVM_IRQFD", aia_and_event, release, assign_irqfd },
		{ "KVM_IRQFD, deassign", aia_and_irqfd, release, deassign_irqfd },
	};
	unsigned int i;

	injection_or_skip();
	bare_make_vm();
	if (bare_create_aia())
		sbi_skip("KVM has no AIA for its guests on this host");
	release();
	for (i = 0; i < ARRAY_SIZE(steps); i++)
		injection_try_all(&steps[i]);
}

static void run(void)
{
	static const struct injection steps[] = {
		{ "KVM_RUN", bare_make_vcpu, release, bare_run },
		{ "KVM_GET_DIRTY_LOG", vcpu_that_ran, release, dirty_log },
		{ "KVM_SET_USER_MEMORY_REGION, delete", vcpu_that_ran, release,
		  bare_delete_memory },
	};
	unsigned int i;

	injection_or_skip();
	for (i = 0; i < ARRAY_SIZE(steps); i++)
		injection_try_all(&steps[i]);
}

static void others(void)
{
	static const struct injection steps[] = {
		{ "KVM_IOEVENTFD", vcpu_and_event, release, assign_ioeventfd },
		{ "KVM_IOEVENTFD, deassign", vcpu_and_ioeventfd, release, deassign_ioeventfd },
		{ "KVM_GET_STATS_FD of the VM", bare_make_vcpu, release, vm_stats },
		{ "KVM_GET_STATS_FD of the vCPU", bare_make_vcpu, release, vcpu_stats },
		{ "KVM_GET_MP_STATE", bare_make_vcpu, release, get_mp_state },
		{ "KVM_SET_MP_STATE", bare_make_vcpu, release, set_mp_state },
		{ "KVM_SET_GUEST_DEBUG", bare_make_vcpu, release, set_debug },
		{ "KVM_INTERRUPT", bare_make_vcpu, release, interrupt },
	};
	unsigned int i;

	injection_or_skip();
	for (i = 0; i < ARRAY_SIZE(steps); i++)
		injection_try_all(&steps[i]);
}

/* Each that user space has, of a vCPU that has not run: to be read and, where it can be, written. */
static void all_registers(void)
{
	static const struct injection list_step = { "KVM_GET_REG_LIST", .step = register_list };
	static char name[64];
	struct injection step = { .name = name, .quiet = true };
	unsigned int i;

	injection_or_skip();
	list = malloc(sizeof(*list) + MAX_REGISTERS * sizeof(u64));
	TEST_ASSERT(list, "out of memory");
	bare_make_vcpu();
	injection_try_all(&list_step);

	ksft_print_msg("there are %llu\n", list->n);
	for (i = 0; i < list->n; i++) {
		reg.id = list->reg[i];
		reg.addr = (unsigned long)reg_value;
		snprintf(name, sizeof(name), "KVM_GET_ONE_REG of 0x%llx", reg.id);
		step.step = get_register;
		injection_try_all(&step);
		if (set_register())
			continue;
		snprintf(name, sizeof(name), "KVM_SET_ONE_REG of 0x%llx", reg.id);
		step.step = set_register;
		injection_try_all(&step);
	}
	release();
}

static const struct sbi_case cases[] = {
	{ "a VM and a vCPU are made", creation, .seconds = 600 },
	{ "an interrupt controller is made and used", aia, .seconds = 600 },
	{ "a guest runs", run, .seconds = 900 },
	{ "registers are read and written", all_registers, .seconds = 600 },
	{ "eventfds, statistics and the rest", others, .seconds = 600 },
};

int main(void)
{
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
