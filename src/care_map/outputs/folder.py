"""A run's folder is swapped in whole: a run that fails or is killed leaves the last one as it was.

A run writes into a hidden sibling of its target. On Linux the two change places in one step
(``renameat2`` with ``RENAME_EXCHANGE``), so that the target is complete at every moment. Elsewhere
the old run steps aside first; a run killed between the two renames leaves it under the hidden
name of :func:`_aside`, from where :func:`recover` brings it back.
"""

import contextlib
import ctypes
import errno
import hashlib
import os
import secrets
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from care_map.errors import OutputError, Problem
from care_map.outputs.manifest import is_run

if sys.platform != "win32":
    import fcntl

__all__ = ["recover", "swapped_folder"]

_RENAME_EXCHANGE = 2
_AT_FDCWD = -100
_NOT_OFFERED = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP)
_STALE_S = 7 * 86_400.0
_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EFBIG)


@contextmanager
def swapped_folder(target: str | Path) -> Iterator[Path]:
    """Give a fresh folder to write in, and swap it in for `target` when all went well.

    Parameters
    ----------
    target
        Folder of the run; missing, empty, or a run of ours (its ``manifest.json`` says so).

    Yields
    ------
    pathlib.Path
        An empty folder beside `target`. When the block ends it becomes `target` and the old run
        is removed; when the block raises it is removed and `target` stays as it was.

    Raises
    ------
    OutputError
        `target` holds something that is not a run of ours, or cannot be written, or the disk is
        full.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as parent:
    ...     with swapped_folder(Path(parent) / "run") as folder:
    ...         _ = (folder / "manifest.json").write_text('{"program": "care-map"}')
    ...     print([path.name for path in (Path(parent) / "run").iterdir()])
    ['manifest.json']
    """
    target = Path(target).resolve()
    with _as_output_error(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        recover(target)
        _refuse_foreign(target)
        _remove_stale(target)
        fresh, lock = _make_fresh(target)
    try:
        with _as_output_error(target, only=_DISK):
            yield fresh
        with _as_output_error(target):
            _refuse_foreign(target)
            _swap(fresh, target)
    finally:
        # After a swap the old run stands under this name, after a failure the unfinished one.
        shutil.rmtree(fresh, ignore_errors=True)
        if lock is not None:
            os.close(lock)


def recover(target: str | Path) -> None:
    """Bring back the old run that a swap by two renames left aside when it was killed.

    Parameters
    ----------
    target
        Folder of a run. If it is missing and its old run stands aside, that is put back; if both
        are there the swap was done, and the old run is removed. Else nothing happens.
    """
    target = Path(target).resolve()
    aside = _aside(target)
    if not aside.is_dir():
        return
    if target.exists():
        shutil.rmtree(aside, ignore_errors=True)
    else:
        aside.rename(target)


def _stem(target: Path) -> str:
    """Name of our hidden siblings: of fixed length, whatever the target's name is made of."""
    return f".care-map-{hashlib.sha256(os.fsencode(target.name)).hexdigest()[:16]}"


def _aside(target: Path) -> Path:
    return target.with_name(f"{_stem(target)}.old")


def _make_fresh(target: Path) -> tuple[Path, int | None]:
    while True:
        fresh = target.with_name(f"{_stem(target)}-{secrets.token_hex(6)}.tmp")
        fresh.mkdir()
        # Another run may take the folder for a stale one before it is locked.
        with contextlib.suppress(FileNotFoundError, BlockingIOError):
            lock = _lock(fresh)
            if fresh.exists():
                return fresh, lock


def _refuse_foreign(target: Path) -> None:
    if not target.exists():
        return
    if not target.is_dir():
        raise OutputError([Problem("output_is_file", source=str(target))])
    if any(target.iterdir()) and not is_run(target):
        raise OutputError([Problem("output_not_ours", source=str(target))])


def _remove_stale(target: Path) -> None:
    """Remove what killed runs left; a folder that a living run holds is locked."""
    for stale in sorted(target.parent.glob(f"{_stem(target)}-*.tmp")):
        with contextlib.suppress(FileNotFoundError, BlockingIOError):
            lock = _lock(stale)
            if lock is not None or time.time() - stale.stat().st_mtime > _STALE_S:
                shutil.rmtree(stale, ignore_errors=True)
            if lock is not None:
                os.close(lock)


def _lock(folder: Path) -> int | None:
    """Lock a folder until the process ends; None where the system cannot.

    Raises
    ------
    BlockingIOError
        Another run holds it.
    """
    if sys.platform == "win32":
        return None
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        if isinstance(error, BlockingIOError):
            raise
        return None
    return descriptor


def _swap(fresh: Path, target: Path) -> None:
    if not target.exists():
        fresh.rename(target)
    elif not _exchange(fresh, target):
        _step_aside(fresh, target)


def _exchange(fresh: Path, target: Path) -> bool:
    """Let two folders change places in one step; False where the system cannot."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    names = os.fsencode(fresh), os.fsencode(target)
    if renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in _NOT_OFFERED:
        return False
    raise OSError(code, os.strerror(code), str(target))


def _step_aside(fresh: Path, target: Path) -> None:
    aside = _aside(target)
    target.rename(aside)
    try:
        fresh.rename(target)
    except OSError:
        aside.rename(target)
        raise
    shutil.rmtree(aside, ignore_errors=True)


@contextmanager
def _as_output_error(target: Path, *, only: tuple[int, ...] = ()) -> Iterator[None]:
    try:
        yield
    except OutputError:
        raise
    except OSError as error:
        if only and error.errno not in only:
            raise
        detail = error.strerror or str(error)
        problem = Problem("output_unwritable", source=str(target), values={"detail": detail})
        raise OutputError([problem]) from error
