"""Takes from this process what decoding does not need: network, files, other programs, memory and time. Linux only."""

import ctypes
import errno
import platform
import resource
from dataclasses import dataclass

# prctl(2)
_SET_PDEATHSIG, _SET_DUMPABLE, _SET_SECCOMP, _SET_NO_NEW_PRIVS = 1, 4, 22, 38
_SIGKILL, _SECCOMP_MODE_FILTER = 9, 2
# unshare(2)
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
# bpf_common.h and seccomp.h
_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_NUMBER, _ARCHITECTURE = 0, 4

# What may be called, by architecture: its audit number, and the numbers of read write close fstat lseek mmap mprotect
# munmap brk rt_sigaction rt_sigprocmask rt_sigreturn readv writev sched_yield mremap madvise nanosleep getpid exit
# gettimeofday getrusage sigaltstack gettid futex clock_gettime clock_nanosleep exit_group newfstatat getrandom.
# All others answer EPERM.
_CALLS: dict[str, tuple[int, tuple[int, ...]]] = {
    "x86_64": (
        0xC000003E,
        (
            *(0, 1, 3, 5, 8, 9, 10, 11, 12, 13, 14, 15, 19, 20, 24),
            *(25, 28, 35, 39, 60, 96, 98, 131, 186, 202, 228, 230, 231, 262, 318),
        ),
    ),
    "aarch64": (
        0xC00000B7,
        (
            *(63, 64, 57, 80, 62, 222, 226, 215, 214, 134, 135, 139, 65, 66, 124),
            *(216, 233, 101, 172, 93, 169, 165, 132, 178, 98, 113, 115, 94, 79, 278),
        ),
    ),
}


@dataclass(frozen=True)
class Bounds:
    """The most that the process may use: memory and address space in bytes, processor time in seconds."""

    memory: int = 256 << 20
    address_space: int = 2 << 30
    cpu_seconds: int = 30


@dataclass(frozen=True)
class Locks:
    """Which of the locks that a kernel may refuse are in place."""

    network_namespace: bool
    system_calls: bool


class _Instruction(ctypes.Structure):
    _fields_ = (("code", ctypes.c_uint16), ("jt", ctypes.c_uint8), ("jf", ctypes.c_uint8), ("k", ctypes.c_uint32))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("filter", ctypes.POINTER(_Instruction)))


def lock(bounds: Bounds) -> Locks:
    """From here on no file can be opened, no socket made, no program or thread started, and limits hold.

    Everything that is needed later must be imported, and the input open. Raises OSError when limits cannot be set.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
    libc.prctl(_SET_DUMPABLE, 0, 0, 0, 0)
    isolated = libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0
    _limit(bounds)
    return Locks(isolated, _filter_calls(libc))


def _limit(bounds: Bounds) -> None:
    limits = {
        resource.RLIMIT_DATA: bounds.memory,
        resource.RLIMIT_AS: bounds.address_space,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: 3,
        resource.RLIMIT_NPROC: 0,
    }
    for kind, value in limits.items():
        resource.setrlimit(kind, (value, value))
    # By the soft limit it ends with a signal that nobody else sends.
    resource.setrlimit(resource.RLIMIT_CPU, (bounds.cpu_seconds, bounds.cpu_seconds + 1))


def _filter_calls(libc: ctypes.CDLL) -> bool:
    found = _CALLS.get(platform.machine())
    if found is None:
        return False
    architecture, calls = found
    steps = [
        _Instruction(_LOAD, 0, 0, _ARCHITECTURE),
        _Instruction(_JUMP_IF_EQUAL, 1, 0, architecture),
        _Instruction(_RETURN, 0, 0, _KILL),
        _Instruction(_LOAD, 0, 0, _NUMBER),
        *(_Instruction(_JUMP_IF_EQUAL, len(calls) - place, 0, call) for place, call in enumerate(calls)),
        _Instruction(_RETURN, 0, 0, _ERRNO | errno.EPERM),
        _Instruction(_RETURN, 0, 0, _ALLOW),
    ]
    program = _Program(len(steps), (_Instruction * len(steps))(*steps))
    if libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return bool(libc.prctl(_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) == 0)
