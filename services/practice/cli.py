"""The command line of the practice servers: serve and reset."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import sys
from pathlib import Path
from typing import Any

from services.practice import process


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="python -P -m services.practice")
    commands = top.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="serve the practice world; prints it as one JSON object")
    serve.add_argument("--state", type=Path, required=True)
    serve.add_argument("--speed", type=float, default=60.0, help="world seconds per real second (60)")
    serve.add_argument("--items", type=int, default=0, help="seed a vault with this many protected items")
    serve.add_argument("--jobs", type=int, default=0, help="with --items: this many drills are running")
    serve.add_argument("--hyperv", type=int, default=0, help="a Hyper-V site with so many protected items")
    serve.add_argument("--faults", type=Path, help="a JSON file of fault rules")
    serve.add_argument("--record", type=Path, help="a folder for the recorded exchanges")
    serve.add_argument("--idle", type=float, default=600.0, help="end after so many seconds without a client")
    serve.add_argument("--detach", action="store_true", help="leave it running in a session of its own")
    serve.add_argument("--quiet", action="store_true", help=argparse.SUPPRESS)
    reset = commands.add_parser("reset", help="stop the servers and forget their world")
    reset.add_argument("--state", type=Path, required=True)
    return top


def arguments(options: argparse.Namespace) -> list[str]:
    """The options again, for the process that will serve."""
    given = ["--speed", str(options.speed), "--items", str(options.items), "--jobs", str(options.jobs)]
    given += ["--hyperv", str(options.hyperv), "--idle", str(options.idle)]
    for name in ("faults", "record"):
        if (value := getattr(options, name)) is not None:
            given += [f"--{name}", str(value.absolute())]
    return given


def serve(options: argparse.Namespace) -> int:
    """Serve in this process, unless one serves already: then its world is printed."""
    state: Path = options.state
    while (handle := process.locked(state)) is None:
        if (world := process.served(state)) is not None:
            print_world(world)
            return 0
    from services.practice.server import Options, Practice, clock_document, dumped
    from services.practice.tls import write_private

    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)

    def ready(world: dict[str, Any]) -> None:
        from services.practice.clock import stamp

        clock = practice.clock
        world |= {"pid": os.getpid(), "started": stamp(clock.anchor_real), "clock": clock_document(clock)}
        write_private(process.world_file(state), dumped(world))
        if not options.quiet:
            print_world(world)

    def closing() -> None:
        # Who starts from here on must not find this server any more.
        process.world_file(state).unlink(missing_ok=True)

    async def main() -> None:
        await practice.run(ready, closing)

    settings = Options(
        state,
        speed=options.speed,
        items=options.items,
        jobs=options.jobs,
        hyperv=options.hyperv,
        faults=options.faults,
        record=options.record,
        idle=options.idle,
    )
    practice = Practice(settings, process.server_folder(state))
    try:
        asyncio.run(main())
    finally:
        closing()
        os.close(handle)
    return 0


def print_world(world: dict[str, Any]) -> None:
    """One line on stdout."""
    print(json.dumps(world, separators=(",", ":")), flush=True)


def main(given: list[str] | None = None) -> int:
    """Run a command; the exit code."""
    options = parser().parse_args(given)
    options.state = options.state.absolute()
    try:
        if options.command == "reset":
            process.reset(options.state)
            return 0
        if options.detach:
            print_world(process.detached(options.state, arguments(options)))
            return 0
        return serve(options)
    except (RuntimeError, ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
