/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Lets Criterion run under the thread sanitizer.
 *
 * Criterion shares memory with its workers at random addresses that mincore()
 * calls free. The sanitizer has reserved nearly all of them (Criterion issue
 * 274). Here they are moved to where the sanitizer allows a program to have
 * memory and has none itself: from 0x5600'0000'0000 up to 0x5680'0000'0000 on
 * x86-64. tests/launch turns off the randomisation that could put the program
 * there.
 */
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FREE_BASE 0x560000000000ULL
#define FREE_MASK 0x7fffff0000ULL /* of the 512 GiB there */

#define EXPORTED __attribute__((visibility("default")))

static void *moved(void *address)
{
	return (void *)(FREE_BASE | ((uintptr_t)address & FREE_MASK));
}

/* What goes by the names of libc here, and what the sanitizer has under them.
 */
EXPORTED int moved_mincore(void *address, size_t size,
			   unsigned char *ret) __asm__("mincore");
EXPORTED void *moved_mmap(void *address, size_t size, int protection, int flags,
			  int fd, off_t offset) __asm__("mmap64");
void *tsan_mmap(void *address, size_t size, int protection, int flags, int fd,
		off_t offset) __asm__("__interceptor_mmap64");

int moved_mincore(void *address, size_t size, unsigned char *ret)
{
	return (int)syscall(SYS_mincore, moved(address), size, ret);
}

void *moved_mmap(void *address, size_t size, int protection, int flags, int fd,
		 off_t offset)
{
	if (fd >= 0 && flags == (MAP_FIXED | MAP_SHARED))
		address = moved(address);
	return tsan_mmap(address, size, protection, flags, fd, offset);
}
