"""Show the ledger in a browser."""

import gc
import socket
import sys
from contextlib import suppress
from typing import Annotated

import typer

from cli.arguments import option
from cli.context import app_context
from cli.errors.exit_codes import cannot, usage_failure
from cli.output.formats import write_lines
from cli.web.libraries import require_web

PORT = 8411
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def serve(
    context: typer.Context,
    port: Annotated[int, option("--port", "N", "Where it listens.", min=0, max=65_535)] = PORT,
    host: Annotated[
        str, option("--host", "ADDRESS", "The address of this machine to listen on.")
    ] = "127.0.0.1",
    allow_host: Annotated[
        list[str] | None,
        option("--allow-host", "NAME", "A host that requests may name; may be given again."),
    ] = None,
    read_timeout: Annotated[
        float, option("--read-timeout", "S", "Seconds of the processor for a page.", min=0.1)
    ] = 2.0,
) -> None:
    """Show the ledger in a browser: its pages, with the clocks in each address.

    It prints its address and runs until Ctrl-C. It reads and never writes; there is no login, so
    put a proxy in front where others than you may come. JSON, CSV and proofs are beside each page.

    \b
    Examples:
      depositary serve
      depositary serve --port 8000
      depositary serve --host 0.0.0.0 --allow-host ledger.example.org
    """
    app = app_context(context, no_csv=True)
    if host not in LOOPBACK and not allow_host:
        why = f"--host {host} lets others in, and requests must name a host that is allowed"
        usage_failure("which hosts may requests name?", why, "--allow-host NAME")
    place = app.place
    with app.record():  # what is wrong with the ledger is said before anything listens
        pass
    with require_web():
        import uvicorn

        from cli.web.application import LOOPBACK as HOSTS
        from cli.web.application import application
        from cli.web.snapshot import Snapshots

    gc.enable()  # a command turns it off, and this one goes on
    with Snapshots(place, read_timeout) as snapshots, _listening(host, port) as listening:
        hosts = {*HOSTS, *(name.lower() for name in allow_host or ())}
        config = uvicorn.Config(
            application(snapshots, hosts),
            log_level="warning",
            access_log=False,
            lifespan="off",
            server_header=False,
            ws="none",
            limit_concurrency=500,
        )
        shown = f"[{host}]" if ":" in host else host
        write_lines([f"http://{shown}:{listening.getsockname()[1]}/"])
        sys.stdout.flush()
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listening])


def _listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens; exit 7 where the port is taken or not to be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        found = socket.create_server((host, port), family=family, backlog=256)
    except OSError as error:
        why = f"{host}:{port}: {error.strerror or error}"
        cannot("cannot listen there", why, f"depositary serve --port {port + 1 if port else 0}")
    return found
