"""What programs log: one JSON object a line, of ours and of the libraries'."""

import asyncio
import json
import sys

PROGRAM = """
import logging
import structlog
from bootstrap.settings import LogSettings, read
read(LogSettings, {"CADENZA_LOG_LEVEL": "INFO"}).apply()
with structlog.contextvars.bound_contextvars(request_id="r-1"):
    structlog.get_logger().info("http_request", status=200, raw=b"x")
    structlog.get_logger().debug("not told")
    logging.getLogger("uvicorn.error").warning("of a library")
    try:
        1 / 0
    except ZeroDivisionError as error:
        structlog.get_logger().error("failed", exc_info=error)
"""


async def test_lines_of_ours_and_of_libraries_have_the_same_form() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    _, written = await process.communicate()

    request, library, failure = (json.loads(line) for line in written.splitlines())
    assert request.pop("timestamp").endswith("Z")
    assert request == {"event": "http_request", "status": 200, "raw": "b'x'", "level": "info", "request_id": "r-1"}
    assert (library["event"], library["level"], library["request_id"]) == ("of a library", "warning", "r-1")
    assert "ZeroDivisionError" in failure["exception"]
