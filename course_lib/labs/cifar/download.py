"""CIFAR-10's archive from where torchvision takes it, in as many attempts as it needs."""

import hashlib
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from course_lib.errors import DamagedFileError, WeightsUnavailableError
from course_lib.progress import progress_bar

_CHUNK = 2**16
_SECONDS = 60  # without a byte, after which a connection counts as lost
_NOTHING_LEFT = 416  # HTTP's answer to who asks for what follows the last byte


def fetch(root: Path) -> None:
    """CIFAR-10 in a folder, as torchvision keeps it; what is there and whole is not fetched again.

    Raises:
        WeightsUnavailableError: (an OSError and a ValueError) there is no connection, or it was
            lost; the next call goes on from there.
        DamagedFileError: (a ValueError) what arrived has another hash; it is not kept.
    """
    from torchvision.datasets import CIFAR10  # it loads PyTorch's compiler, in seconds

    try:
        CIFAR10(str(root))
        return
    except RuntimeError:  # not there, or damaged
        pass
    archive = root / CIFAR10.filename
    try:
        root.mkdir(parents=True, exist_ok=True)
        if not archive.exists() or _md5(archive) != CIFAR10.tgz_md5:
            unfinished = archive.with_name(archive.name + ".part")
            _resume(CIFAR10.url, unfinished)
            if (found := _md5(unfinished)) != CIFAR10.tgz_md5:
                unfinished.unlink()
                raise DamagedFileError(
                    f"What {CIFAR10.url} sent is not CIFAR-10 (MD5 {found[:8]}..., expected "
                    f"{CIFAR10.tgz_md5[:8]}...), and nothing of it is kept: try again."
                )
            unfinished.replace(archive)
        CIFAR10(str(root), download=True)  # only unpacks: the archive is there
    except (OSError, HTTPException) as error:
        raise WeightsUnavailableError(
            f"CIFAR-10 is not in {root} and could not be downloaded ({error}). Try again, which "
            "goes on from there, or set COURSE_CIFAR to a folder that has it."
        ) from error
    archive.unlink()


def _resume(url: str, path: Path) -> None:
    """The rest of a file whose beginning is there.

    Raises:
        OSError: no connection, or it was lost; what came is kept.
    """
    done = path.stat().st_size if path.exists() else 0
    asked = Request(url, headers={"Range": f"bytes={done}-"} if done else {})
    try:
        answer: Any = urlopen(asked, timeout=_SECONDS)
    except HTTPError as error:
        if error.code == _NOTHING_LEFT:
            return
        raise
    with answer:
        done = done if answer.status == 206 else 0  # else it sends all of it
        total = done + int(answer.headers.get("Content-Length", 0))
        bar = progress_bar((), "downloading CIFAR-10", total=total)
        bar.unit, bar.unit_scale = "B", True
        with open(path, "ab" if done else "wb") as file, bar:
            bar.update(done)
            while chunk := answer.read(_CHUNK):
                file.write(chunk)
                bar.update(len(chunk))
    if (came := path.stat().st_size) < total:
        raise OSError(f"the connection was lost after {came:,} of {total:,} bytes")


def _md5(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
