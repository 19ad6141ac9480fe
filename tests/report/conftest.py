"""One finished run folder for all tests that only read it."""

import pytest

from tahdhib.store.run_folder import RunFolder
from tests.report.folders import build_run


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    return build_run(tmp_path_factory.mktemp("runs") / "demo")
