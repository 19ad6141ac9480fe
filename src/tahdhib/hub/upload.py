"""A published folder goes to a hub: only where it is asked for, by the hub's own client."""

from pathlib import Path

from tahdhib.config.environment import store_address
from tahdhib.errors import EndpointError, MissingExtraError

_FAILING_PACKAGES = ("huggingface_hub", "httpx", "httpcore", "requests")


def upload(folder: Path, repository: str, *, private: bool = False) -> str:
    """Put the files of `folder` into the model repository `repository` (OWNER/NAME), which is made
    where there is none. The address of the commit.

    The token is the one that the hub's own tools use (`HF_TOKEN`, or that of `hf auth login`).

    Raises:
        EndpointError: the hub cannot be reached or refuses.
    """
    try:
        from huggingface_hub import HfApi
    except ImportError as error:
        raise MissingExtraError("--upload", "hub") from error
    hub = HfApi(endpoint=store_address("hf"))
    try:
        hub.create_repo(repository, private=private, exist_ok=True)
        done = hub.upload_folder(
            repo_id=repository, folder_path=folder, commit_message="Model and card by Tahdhib"
        )
    except Exception as error:
        is_theirs = type(error).__module__.startswith(_FAILING_PACKAGES)
        if not is_theirs and not isinstance(error, OSError):
            raise
        seen = " ".join(str(error).split())[:300] or type(error).__name__
        raise EndpointError(
            f"--upload {repository}: the hub refuses or cannot be reached: {seen.rstrip('.')}. "
            f"{folder} is whole; check the name, the network and that HF_TOKEN may write, and "
            "call again."
        ) from error
    return str(done.commit_url)
