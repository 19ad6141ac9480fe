"""Files in stores far away: the Hugging Face Hub (`hf://`), S3 (`s3://`), Google's (`gs://`).

S3 and Google's come with Arrow, so that only the Hub needs a package of its own. Whatever goes
wrong on the way there is one sentence for the user: a file that breaks off because a line went
down must not look like a damaged one.
"""

import glob
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache, partial
from types import TracebackType
from typing import IO, Any, NamedTuple, Protocol, TypeVar, cast

import pyarrow as pa

from tahdhib.config.environment import store_address, store_region
from tahdhib.errors import DataError, MissingExtraError

_T = TypeVar("_T")

_CREDENTIALS = {
    "hf": "HF_TOKEN, or a login with 'hf auth login', for private data sets",
    "s3": "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or a profile in ~/.aws, AWS_REGION, and "
    "AWS_ENDPOINT_URL for another server than Amazon's",
    "gs": "GOOGLE_APPLICATION_CREDENTIALS, or a login with 'gcloud auth application-default login'",
}
_BUFFER_BYTES = 1 << 22
_PATIENCE = timedelta(seconds=30)
_FAILING_PACKAGES = ("huggingface_hub", "httpx", "httpcore")


class RemoteFile(NamedTuple):
    """A file in a store: its size in bytes, and what tells this version of it from another (a
    checksum where the store has one, else size and time)."""

    path: str
    size: int
    version: str


class _Store(Protocol):
    """What a store can do; paths are without the scheme."""

    def files(self, path: str) -> list[RemoteFile]:
        """The file at `path`, or all files below it; none where there is neither."""

    def open(self, path: str, is_stream: bool) -> Any:
        """Open a file: to be read from front to end, or here and there."""


def is_remote(path: str) -> bool:
    """Whether `path` lies in a store.

    Raises:
        DataError: it has a scheme, and an unknown one.
    """
    scheme, sign, _ = path.partition("://")
    if sign and scheme not in _CREDENTIALS:
        known = ", ".join(f"{name}://" for name in _CREDENTIALS)
        raise DataError(f"{path}: {scheme}:// is unknown; known: {known}, and files on this disk.")
    return bool(sign)


def list_remote(pattern: str) -> list[RemoteFile]:
    """The files that `pattern` (a file, a folder, a glob) names, sorted by path.

    Raises:
        DataError: there are none, or the store cannot be reached.
        MissingExtraError: the store needs a package that is not installed.
    """
    scheme, _, inner = pattern.partition("://")
    with _telling(pattern):
        store = _store(scheme, inner)
        base = inner.rstrip("/")
        if glob.has_magic(inner):
            base = re.split(r"[^/]*[*?\[]", inner, maxsplit=1)[0].rstrip("/")
        found = store.files(base)
    if glob.has_magic(inner):
        matches = _glob(inner)
        found = [file for file in found if matches.fullmatch(file.path)]
    if not found:
        raise DataError(f"{pattern}: no such file or folder, or no file matches.")
    return sorted(file._replace(path=f"{scheme}://{file.path}") for file in found)


def open_remote(path: str, *, is_stream: bool) -> IO[bytes]:
    """Open a file of a store; `is_stream`: it is read from front to end.

    Raises:
        DataError: it cannot be reached; also later, while it is read.
    """
    scheme, _, inner = path.partition("://")
    with _telling(path):
        return cast(IO[bytes], _Handle(path, _store(scheme, inner).open(inner, is_stream)))


def versions(paths: Iterable[str]) -> Iterator[tuple[RemoteFile, str]]:
    """Yield each file with a hash of its version: a content that changes changes it.

    Files of one folder are looked at together, in one listing.
    """
    folders: dict[str, set[str]] = {}
    for path in paths:
        folders.setdefault(path.rpartition("/")[0], set()).add(path)
    for folder, wanted in folders.items():
        listed = list_remote(folder if len(wanted) > 1 else next(iter(wanted)))
        for file in (file for file in listed if file.path in wanted):
            yield file, hashlib.sha256(f"{file.size} {file.version}".encode()).hexdigest()


def _store(scheme: str, inner: str) -> _Store:
    if scheme == "hf":
        return _Hub()
    address = store_address(scheme)
    if scheme == "s3":
        return _Arrow(_s3(inner.split("/")[0], address, store_region()))
    return _Arrow(_gs(address))


@cache
def _s3(bucket: str, address: str | None, region: str | None) -> Any:
    from pyarrow import fs

    if address is None and region is None:
        try:
            region = fs.resolve_s3_region(bucket)
        except OSError:  # what is wrong with the bucket, its listing says better
            region = None
    seconds = _PATIENCE.total_seconds()
    return fs.S3FileSystem(
        endpoint_override=address, region=region, connect_timeout=seconds, request_timeout=seconds
    )


@cache
def _gs(address: str | None) -> Any:
    from pyarrow import fs

    if address is None:
        return fs.GcsFileSystem(retry_time_limit=_PATIENCE)
    scheme, _, host = address.rpartition("://")
    return fs.GcsFileSystem(
        anonymous=True,
        scheme=scheme or "http",
        endpoint_override=host,
        retry_time_limit=_PATIENCE,
    )


class _Arrow:
    """A store that Arrow speaks with."""

    def __init__(self, system: Any) -> None:
        self._system = system

    def files(self, path: str) -> list[RemoteFile]:
        from pyarrow import fs

        info = self._system.get_file_info(path)
        if info.type == fs.FileType.NotFound:
            return []
        found = [info]
        if info.type == fs.FileType.Directory:
            found = self._system.get_file_info(fs.FileSelector(path, recursive=True))
        return [
            RemoteFile(item.path, item.size, f"{item.mtime_ns}")
            for item in found
            if item.type == fs.FileType.File
        ]

    def open(self, path: str, is_stream: bool) -> Any:
        if is_stream:
            return self._system.open_input_stream(path, compression=None, buffer_size=_BUFFER_BYTES)
        return self._system.open_input_file(path)


class _Hub:
    """The Hugging Face Hub."""

    def __init__(self) -> None:
        try:
            from huggingface_hub import HfFileSystem
        except ImportError:
            raise MissingExtraError("Reading hf://", "hub") from None
        self._system: Any = HfFileSystem(endpoint=store_address("hf"), skip_instance_cache=True)

    def files(self, path: str) -> list[RemoteFile]:
        try:
            info = self._system.info(path)
        except FileNotFoundError as error:
            if "repository not found" in str(error):
                raise
            return []
        found = [info]
        if info["type"] == "directory":
            found = self._system.find(path, detail=True).values()
        return [RemoteFile(item["name"], item["size"], _checksum(item)) for item in found]

    def open(self, path: str, is_stream: bool) -> Any:
        return self._system.open(path, "rb", **({"block_size": 0} if is_stream else {}))


def _checksum(item: dict[str, Any]) -> str:
    return str((item.get("lfs") or {}).get("sha256") or item["blob_id"])


class _Handle:
    """A file of a store whose failures, at whatever moment, are told as such."""

    def __init__(self, path: str, handle: Any) -> None:
        self._path, self._handle = path, handle

    def _do(self, action: Callable[[], _T]) -> _T:
        with _telling(self._path):
            return action()

    def read(self, count: int = -1) -> bytes:
        return self._do(partial[bytes](self._handle.read, count))

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._do(partial[int](self._handle.seek, offset, whence))

    def tell(self) -> int:
        return self._do(partial[int](self._handle.tell))

    @property
    def closed(self) -> bool:
        return bool(self._handle.closed)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return bool(self._handle.seekable())

    def writable(self) -> bool:
        return False

    def flush(self) -> None:
        pass

    def close(self) -> None:
        self._do(self._handle.close)

    def __enter__(self) -> "_Handle":
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()


@contextmanager
def _telling(path: str) -> Iterator[None]:
    """Turn what a store's client raises into a sentence."""
    try:
        yield
    except Exception as error:
        package = type(error).__module__.split(".")[0]
        if not isinstance(error, OSError | pa.ArrowException) and not package.startswith(
            _FAILING_PACKAGES
        ):
            raise
        seen = " ".join(str(error).split())[:300] or type(error).__name__
        scheme = path.partition("://")[0]
        raise DataError(
            f"{path}: the store cannot be reached or refuses: {seen.rstrip('.')}. "
            f"Check the path, the network and the credentials ({_CREDENTIALS[scheme]})."
        ) from error


def _glob(pattern: str) -> re.Pattern[str]:
    """The expression of a glob: `**/` is any number of folders, `*` and `?` stay in one."""
    parts: list[str] = []
    for token in re.findall(r"\*\*/|\*\*|\*|\?|\[[^\]]+\]|.", pattern, re.S):
        match token:
            case "**/":
                parts.append("(?:.*/)?")
            case "**":
                parts.append(".*")
            case "*":
                parts.append("[^/]*")
            case "?":
                parts.append("[^/]")
            case _ if token.startswith("[") and len(token) > 1:
                parts.append("[" + token[1:].replace("!", "^", 1) if token[1] == "!" else token)
            case _:
                parts.append(re.escape(token))
    return re.compile("".join(parts))
