"""Secrets and machine paths from the environment, and from nowhere else."""

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from tahdhib.errors import RecipeError


def secret(variable: str, instead: str = "--set annotate.openai.api_key_env=NAME, or null") -> str:
    """Return the secret that `variable` holds; recipes name variables, never secrets. `instead`
    says how another one, or none, is named.

    Raises:
        RecipeError: the variable is not set.
    """
    value = os.environ.get(variable, "")
    if not value:
        raise RecipeError(
            f"environment: {variable} is not set; the recipe names it as the place of an API key. "
            f"Set it (export {variable}=...), or name another variable with {instead} for a "
            "server that needs none."
        )
    return value


def tell_libraries(settings: Mapping[str, str]) -> None:
    """Set variables that a library reads when it is imported, and has no other switch for."""
    os.environ.update(settings)


def variables() -> dict[str, str]:
    """The whole environment, for a process that was started before it became what it is."""
    return dict(os.environ)


def set_variables(environment: Mapping[str, str]) -> None:
    """Make the environment that of another process."""
    os.environ.clear()
    os.environ.update(environment)


def store_address(scheme: str) -> str | None:
    """Where the store of `hf://`, `s3://` or `gs://` listens, if not at its usual place; under
    the names that these stores' own tools read."""
    names = {
        "hf": ("HF_ENDPOINT",),
        "s3": ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"),
        "gs": ("STORAGE_EMULATOR_HOST",),
    }
    return next((os.environ[name] for name in names[scheme] if os.environ.get(name)), None)


def store_region() -> str | None:
    """The region of S3, where it is set."""
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")


def openai_address() -> str:
    """Where OpenAI's service or one that speaks its protocol listens; under the name that its own
    tools read."""
    return os.environ.get("OPENAI_BASE_URL") or "https://api.openai.com/v1"


def account_headers() -> dict[str, str]:
    """The organization and project that OpenAI's service is to bill, where they are set; under the
    names that its own tools read."""
    names = {
        "OpenAI-Organization": "OPENAI_ORG_ID",
        "OpenAI-Project": "OPENAI_PROJECT_ID",
    }
    return {header: os.environ[name] for header, name in names.items() if os.environ.get(name)}


def proxy_for(address: str) -> str | None:
    """The proxy through which a URL is to be asked, as `HTTPS_PROXY`, `NO_PROXY` … say."""
    parts = urlsplit(address)
    if not parts.hostname or proxy_bypass(parts.hostname):
        return None
    proxies = getproxies()
    return proxies.get(parts.scheme) or proxies.get("all")


def answers_folder() -> Path:
    """Where bought answers lie that belong to no run (`TAHDHIB_ANSWERS`)."""
    named = os.environ.get("TAHDHIB_ANSWERS")
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(named) if named else caches / "tahdhib" / "answers"


def cpu_count() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def shared_data() -> Path:
    """Folder of the real data sets that tests and studies read (`TAHDHIB_SHARED`)."""
    return Path(os.environ.get("TAHDHIB_SHARED", "../shared")) / "data"


def is_data_required() -> bool:
    """Whether a missing real data set fails a test instead of skipping it."""
    return os.environ.get("TAHDHIB_REQUIRE_DATA") == "1"
