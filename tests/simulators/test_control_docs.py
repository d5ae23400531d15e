"""docs/reference/control-api.md says what is so: its curl lines work as they stand, and every route, fault and member is in it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import get_args

import pytest

import sites
from simulators.control import router
from simulators.faults.faults import AnyFault
from simulators.robot_control import robots
from simulators.twin.routes import router as twin
from tests.simulators.test_process import free_port, played

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "control-api.md"


def test_every_route_fault_and_member_is_in_the_page() -> None:
    page = PAGE.read_text()
    for route in (*router.routes, *robots.routes, *twin.routes):
        path = re.sub(r"\{(id|pack|file)\}", r"[^/ `]+", getattr(route, "path", "?"))
        assert re.search(rf"(`[A-Z]+ |\$CONTROL){path}[ `?]", page), path
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    told = {kind: row for row in rows for kind in re.findall(r"`([a-z-]+)`", row.split("|")[1])}
    for fault in get_args(get_args(AnyFault)[0]):
        (kind,) = get_args(fault.model_fields["kind"].annotation)
        row = told[kind].replace("the same", "`link`, `what`, `count`")
        assert all(f"`{name}`" in row for name in fault.model_fields if name != "kind"), kind


@pytest.mark.processes
def test_its_curl_lines_work_as_they_stand(tmp_path: Path) -> None:
    curl = shutil.which("curl")
    assert curl, "curl is one of the programs a fresh machine has"
    ward = Path(sites.__file__).parent
    shutil.copytree(ward / "ward", tmp_path / "ward")
    text = (ward / "ward.toml").read_text().replace("/tmp/galenic-ward", str(tmp_path)).replace(":5020", f":{free_port()}")
    (tmp_path / "ward.toml").write_text(text)
    lines = [line for block in re.findall(r"```sh\n(.*?)```", PAGE.read_text(), re.DOTALL) for line in block.splitlines()]
    asked = [line.replace("curl ", "curl -w '\\n%{http_code}' ") for line in lines if line.startswith("curl ")]
    assert len(asked) == 14
    with played(tmp_path / "ward.toml", "--hands", "auto") as here:
        control = str(here.control.base_url).rstrip("/")
        script = "\n".join([f"CONTROL={control}", *(f"{line}; echo" for line in asked)])
        done = subprocess.run(["sh", "-eu", "-c", script], capture_output=True, text=True, timeout=25, check=True)
        codes = re.findall(r"^(\d{3})$", done.stdout, re.MULTILINE)
        assert codes == ["200", "200", "201", "200", "200", "200", "202", "202", "200", "200", "200", "201", "201", "204"], (
            done.stdout
        )
