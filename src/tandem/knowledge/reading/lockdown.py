"""Taking away from the current process what a document reader does not need. Used in the child only.

`limit` bounds processor, memory and output; `shut` then forbids opening files, talking to anyone and
starting programs: by resource limits everywhere, by an empty network and a seccomp filter where the
kernel lets us. Linux; elsewhere only the resource limits hold.
"""

import ctypes
import os
import platform
import resource
import signal
import struct
import sys

from tandem.knowledge.reading.document import Limits

PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 22, 38
SECCOMP_MODE_FILTER = 2
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000

NICENESS = 10
"""Reading gives way to answering: the same machine serves customers meanwhile."""

# Numbers of the system calls refused after `shut`, from the kernel's syscall tables: open*, creat,
# socket*, connect, exec*, fork, vfork, clone*, ptrace, kill, set limits, unlink*, rename*, mkdir*,
# mount, bpf, io_uring_setup, process_vm_*. Threads cannot start either, and no parser here needs one.
REFUSED = {
    "x86_64": (
        *(2, 85, 257, 437, 41, 42, 53, 59, 322, 57, 58, 56, 435, 101, 62, 160, 302),
        *(87, 263, 82, 264, 316, 83, 258, 165, 321, 425, 310, 311),
    ),
    "aarch64": (
        *(56, 437, 198, 199, 203, 221, 281, 220, 435, 117, 129, 164, 261),
        *(35, 38, 276, 34, 40, 280, 425, 270, 271),
    ),
}
AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
X32_CALLS = 0x40000000

LOAD, JUMP_EQUAL, JUMP_AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050001, 0x80000000  # REFUSE is "error 1", EPERM


def limit(limits: Limits) -> None:
    """Bound this process for good: seconds of processor, address space, no core, no written files."""
    cap = resource.setrlimit
    cap(resource.RLIMIT_CORE, (0, 0))
    cap(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 1))
    cap(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    os.nice(NICENESS)
    if sys.platform == "linux":
        _libc().prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def shut() -> None:
    """Close every door. What is imported is imported; nothing can be opened from here on."""
    if sys.platform == "linux":
        _leave_the_network()
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))  # stdin, stdout, stderr are there; no fourth
    if sys.platform == "linux":
        _filter_system_calls()


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _leave_the_network() -> None:
    """Move to a network without interfaces. Refused in some containers; then the other limits hold."""
    libc = _libc()
    if libc.unshare(CLONE_NEWNET) != 0:
        libc.unshare(CLONE_NEWUSER | CLONE_NEWNET)


def _filter_system_calls() -> None:
    """Install the seccomp filter for this machine's processor, if we know it and the kernel agrees."""
    machine = platform.machine()
    if machine not in REFUSED:
        return
    program = _program(AUDIT_ARCH[machine], REFUSED[machine])
    code = ctypes.create_string_buffer(program, len(program))

    class Filter(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))

    prog = Filter(len(program) // 8, ctypes.addressof(code))
    libc = _libc()
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(prog), 0, 0)


def _program(arch: int, refused: tuple[int, ...]) -> bytes:
    """Classic BPF, eight bytes a step: another architecture is killed, the refused calls get EPERM."""
    steps = [(LOAD, 0, 0, 4), (JUMP_EQUAL, 1, 0, arch), (RETURN, 0, 0, KILL), (LOAD, 0, 0, 0)]
    steps.append((JUMP_AT_LEAST, len(refused) + 1, 0, X32_CALLS))
    steps += [(JUMP_EQUAL, len(refused) - i, 0, call) for i, call in enumerate(refused)]
    steps += [(RETURN, 0, 0, ALLOW), (RETURN, 0, 0, REFUSE)]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)
