"""CPU time and memory of running processes, as the kernel counts them (Linux: /proc).

A tree's sum covers the processes that live and, in the counts of those that waited for them, those that have
ended. The kernel hands times out in ticks of 10 ms a process: measure what takes many of them.
"""

import os
from pathlib import Path

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")
PARENT, USER, SYSTEM, CHILDREN_USER, CHILDREN_SYSTEM = 1, 11, 12, 13, 14
"""Places in /proc/<pid>/stat behind the program's name, see proc(5)."""


def cpu_seconds(root: int) -> float:
    """User and system time of `root` and everything below it."""
    places = (USER, SYSTEM, CHILDREN_USER, CHILDREN_SYSTEM)
    return sum(stat[place] for stat in _tree(root).values() for place in places) / TICKS


def resident_mb(root: int) -> float:
    """Memory of `root` and everything below it; what processes share is divided among them."""
    total = 0
    for pid in _tree(root):
        rollup = (PROC / str(pid) / "smaps_rollup").read_text()
        total += sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return total / 1024


def parent_of(pid: int) -> int:
    return _stats()[pid][PARENT]


def children_of(pid: int) -> list[int]:
    """The processes that `pid` started and that live."""
    return [child for child, stat in _stats().items() if stat[PARENT] == pid]


def _tree(root: int) -> dict[int, list[int]]:
    stats = _stats()
    return {pid: stat for pid, stat in stats.items() if pid == root or _is_below(pid, root, stats)}


def _is_below(pid: int, root: int, stats: dict[int, list[int]]) -> bool:
    while pid in stats and pid != root:
        pid = stats[pid][PARENT]
    return pid == root


def _stats() -> dict[int, list[int]]:
    """By pid, the numbers behind the program's name; the state, a letter, stands as 0."""
    stats = {}
    for directory in PROC.iterdir():
        if directory.name.isdecimal():
            try:
                text = (directory / "stat").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue
            words = text.rpartition(")")[2].split()
            stats[int(directory.name)] = [0, *(int(word) for word in words[1:15])]
    return stats
