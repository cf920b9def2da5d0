// SPDX-License-Identifier: GPL-2.0
/*
 * Hands the test extension of the NACL firmware (selftests/nacl-firmware) to
 * user space, in debugfs:
 *
 *	nacl/counters	a line a counter: its name, and its value on each hart,
 *			with tabs between; a write, of anything, resets all
 *	nacl/call	a write of "FUNCTION A0 A1 ..." is a call, on the CPU of
 *			the writer; a read of the same file gives "ERROR VALUE"
 *
 * It does not load where the firmware has no such extension.
 */
#include <linux/debugfs.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <asm/sbi.h>

#define EXTENSION	0x0a4e4143
#define READ_COUNTER	0
#define RESET_COUNTERS	1
#define COUNTER_NAME	2

#define NAME_ROOM	64
#define ARGUMENTS	6

static struct dentry *folder;

static int counters_show(struct seq_file *file, void *unused)
{
	unsigned long counter, hart;
	struct sbiret ret;
	char *name;

	name = kzalloc(NAME_ROOM, GFP_KERNEL);
	if (!name)
		return -ENOMEM;

	for (counter = 0; ; counter++) {
		ret = sbi_ecall(EXTENSION, COUNTER_NAME, counter, virt_to_phys(name), NAME_ROOM,
				0, 0, 0);
		if (ret.error)
			break;
		seq_printf(file, "%.*s", min_t(int, ret.value, NAME_ROOM), name);
		for (hart = 0; hart < num_possible_cpus(); hart++) {
			ret = sbi_ecall(EXTENSION, READ_COUNTER, hart, counter, 0, 0, 0, 0);
			seq_printf(file, "\t%ld", ret.error ? -1 : ret.value);
		}
		seq_putc(file, '\n');
	}
	kfree(name);

	return 0;
}

static int counters_open(struct inode *inode, struct file *file)
{
	return single_open(file, counters_show, NULL);
}

static ssize_t counters_write(struct file *file, const char __user *text, size_t count,
			      loff_t *position)
{
	sbi_ecall(EXTENSION, RESET_COUNTERS, 0, 0, 0, 0, 0, 0);

	return count;
}

static const struct file_operations counters_operations = {
	.owner = THIS_MODULE,
	.open = counters_open,
	.read = seq_read,
	.write = counters_write,
	.llseek = seq_lseek,
	.release = single_release,
};

/* The private data is what the last call of an open file gave. */
static int call_open(struct inode *inode, struct file *file)
{
	file->private_data = kzalloc_obj(struct sbiret);

	return file->private_data ? 0 : -ENOMEM;
}

static int call_release(struct inode *inode, struct file *file)
{
	kfree(file->private_data);

	return 0;
}

static ssize_t call_write(struct file *file, const char __user *user, size_t count,
			  loff_t *position)
{
	unsigned long word[1 + ARGUMENTS] = {};
	struct sbiret *last = file->private_data;
	char text[200], *rest = text, *next;
	int n = 0;

	if (count >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, user, count))
		return -EFAULT;
	text[count] = 0;

	rest = strim(rest);
	while ((next = strsep(&rest, " \t"))) {
		if (!*next)
			continue;
		if (n > ARGUMENTS || kstrtoul(next, 0, &word[n]))
			return -EINVAL;
		n++;
	}
	if (!n)
		return -EINVAL;

	*last = sbi_ecall(EXTENSION, word[0], word[1], word[2], word[3], word[4], word[5],
			  word[6]);

	return count;
}

static ssize_t call_read(struct file *file, char __user *user, size_t count, loff_t *position)
{
	struct sbiret *last = file->private_data;
	char text[64];
	int length;

	length = scnprintf(text, sizeof(text), "%ld %ld\n", last->error, last->value);
	/* Whatever was written or read before: the whole answer, again and again. */
	if (count > length)
		count = length;

	return copy_to_user(user, text, count) ? -EFAULT : count;
}

static const struct file_operations call_operations = {
	.owner = THIS_MODULE,
	.open = call_open,
	.read = call_read,
	.write = call_write,
	.release = call_release,
};

static int __init kvm_nacl_init(void)
{
	struct sbiret ret;

	ret = sbi_ecall(EXTENSION, READ_COUNTER, 0, 0, 0, 0, 0, 0);
	if (ret.error)
		return -ENODEV;

	folder = debugfs_create_dir("nacl", NULL);
	debugfs_create_file("counters", 0600, folder, NULL, &counters_operations);
	debugfs_create_file("call", 0600, folder, NULL, &call_operations);

	return 0;
}
module_init(kvm_nacl_init);

static void __exit kvm_nacl_exit(void)
{
	debugfs_remove(folder);
}
module_exit(kvm_nacl_exit);

MODULE_DESCRIPTION("The test extension of the NACL firmware, for tests of KVM");
MODULE_LICENSE("GPL");
