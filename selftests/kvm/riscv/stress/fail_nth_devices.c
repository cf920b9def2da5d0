// SPDX-License-Identifier: GPL-2.0
/*
 * What a VM has besides memory and vCPUs, with each place failing that can. It needs a kernel with fault
 * injection; what is lost on the way the debug kernel tells.
 */
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "bare_vm.h"
#include "injection.h"
#include "sbi_case.h"

#define GSI		1
#define ADDRESS		0x1000

/* Registers of the APLIC, by their offset, and of the IMSIC, by their number. */
#define APLIC_SOURCECFG_1	4
#define IMSIC_EITHRESHOLD	0x72

static int event = -1, resample = -1, stats = -1;

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

static int with_attr(unsigned long request, u32 group, u64 number)
{
	u64 value = 0;

	return bare_aia_attr(request, group, number, &value);
}

static int get_attr(void)
{
	return with_attr(KVM_GET_DEVICE_ATTR, KVM_DEV_RISCV_AIA_GRP_CONFIG,
			 KVM_DEV_RISCV_AIA_CONFIG_MODE);
}

static int has_attr(void)
{
	return with_attr(KVM_HAS_DEVICE_ATTR, KVM_DEV_RISCV_AIA_GRP_CONFIG,
			 KVM_DEV_RISCV_AIA_CONFIG_MODE);
}

static int get_aplic(void)
{
	return with_attr(KVM_GET_DEVICE_ATTR, KVM_DEV_RISCV_AIA_GRP_APLIC, APLIC_SOURCECFG_1);
}

static int set_aplic(void)
{
	return with_attr(KVM_SET_DEVICE_ATTR, KVM_DEV_RISCV_AIA_GRP_APLIC, APLIC_SOURCECFG_1);
}

static int get_imsic(void)
{
	return with_attr(KVM_GET_DEVICE_ATTR, KVM_DEV_RISCV_AIA_GRP_IMSIC,
			 KVM_DEV_RISCV_AIA_IMSIC_MKATTR(0, IMSIC_EITHRESHOLD));
}

static int set_imsic(void)
{
	return with_attr(KVM_SET_DEVICE_ATTR, KVM_DEV_RISCV_AIA_GRP_IMSIC,
			 KVM_DEV_RISCV_AIA_IMSIC_MKATTR(0, IMSIC_EITHRESHOLD));
}

static int close_device(void)
{
	int ret = bare.aia < 0 ? 0 : close(bare.aia);

	bare.aia = -1;
	return ret;
}

static void release(void)
{
	if (event >= 0)
		close(event);
	if (stats >= 0)
		close(stats);
	if (resample >= 0)
		close(resample);
	event = resample = stats = -1;
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

static void aia_and_events(void)
{
	aia_and_event();
	resample = eventfd(0, EFD_CLOEXEC);
}

static int assign_level_irqfd(void)
{
	struct kvm_irqfd irqfd = {
		.fd = event, .gsi = GSI, .flags = KVM_IRQFD_FLAG_RESAMPLE, .resamplefd = resample,
	};

	return ioctl(bare.vm, KVM_IRQFD, &irqfd);
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
	struct kvm_ioeventfd ioeventfd = { .addr = ADDRESS, .len = 4, .fd = event, .flags = flags };

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

static int coalesced(unsigned long request)
{
	struct kvm_coalesced_mmio_zone zone = { .addr = ADDRESS, .size = 8 };

	return ioctl(bare.vm, request, &zone);
}

static int coalesce(void)
{
	return coalesced(KVM_REGISTER_COALESCED_MMIO);
}

static int uncoalesce(void)
{
	return coalesced(KVM_UNREGISTER_COALESCED_MMIO);
}

static void vcpu_and_coalesced(void)
{
	bare_make_vcpu();
	coalesce();
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

static const struct injection aia[] = {
	/* KVM makes the device before it writes down its file descriptor. */
	{ "KVM_CREATE_DEVICE", bare_make_vcpu, release, bare_create_aia, .stays = true },
	{ "KVM_HAS_DEVICE_ATTR", aia_to_be_configured, release, has_attr },
	{ "KVM_SET_DEVICE_ATTR", aia_to_be_configured, release, bare_configure_aia },
	{ "KVM_GET_DEVICE_ATTR", aia_to_be_initialised, release, get_attr },
	{ "KVM_DEV_RISCV_AIA_CTRL_INIT", aia_to_be_initialised, release, bare_init_aia },
	{ "KVM_GET_DEVICE_ATTR of the APLIC", bare_make_aia, release, get_aplic },
	{ "KVM_SET_DEVICE_ATTR of the APLIC", bare_make_aia, release, set_aplic },
	{ "KVM_GET_DEVICE_ATTR of an IMSIC", bare_make_aia, release, get_imsic },
	{ "KVM_SET_DEVICE_ATTR of an IMSIC", bare_make_aia, release, set_imsic },
	{ "KVM_SET_GSI_ROUTING", bare_make_aia, release, set_routing },
	{ "KVM_IRQ_LINE", bare_make_aia, release, irq_line },
	{ "KVM_SIGNAL_MSI", bare_make_aia, release, signal_msi },
	{ "KVM_IRQFD", aia_and_event, release, assign_irqfd },
	{ "KVM_IRQFD with resampling", aia_and_events, release, assign_level_irqfd },
	{ "KVM_IRQFD, deassign", aia_and_irqfd, release, deassign_irqfd },
	{ "close of the device", bare_make_aia, release, close_device },
};

static const struct injection others[] = {
	{ "KVM_IOEVENTFD", vcpu_and_event, release, assign_ioeventfd },
	{ "KVM_IOEVENTFD, deassign", vcpu_and_ioeventfd, release, deassign_ioeventfd },
	{ "KVM_REGISTER_COALESCED_MMIO", bare_make_vcpu, release, coalesce },
	{ "KVM_UNREGISTER_COALESCED_MMIO", vcpu_and_coalesced, release, uncoalesce },
	{ "KVM_GET_STATS_FD of the VM", bare_make_vcpu, release, vm_stats },
	{ "KVM_GET_STATS_FD of the vCPU", bare_make_vcpu, release, vcpu_stats },
};

static void aia_fails(void)
{
	bare_make_vm();
	if (bare_create_aia())
		sbi_skip("KVM has no AIA for its guests on this host");
	release();
	injection_try_table(aia, ARRAY_SIZE(aia));
}

static void others_fail(void)
{
	injection_try_table(others, ARRAY_SIZE(others));
}

static const struct sbi_case cases[] = {
	{ "an interrupt controller is made and used", aia_fails, .seconds = 600 },
	{ "eventfds, coalesced MMIO and statistics", others_fail, .seconds = 600 },
};

int main(void)
{
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
