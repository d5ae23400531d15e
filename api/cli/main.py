"""`galenic`: every command. The answer goes to standard output, talk to standard error; a module per command."""

from __future__ import annotations

import sys
import traceback
from importlib.metadata import version
from typing import Annotated

import typer

from api.cli import bench, check, completion, demo, devices, ledger, run, simulate, tls, topics, user, wire
from api.cli.exits import Exit, exit_of
from drivers.faults import Fault

PROGRAM = "galenic"
HELP = """Runs a station: its drawers, its ledger, its API.

\b
Examples:
  galenic demo                                 a whole ward, simulated, in one command
  galenic check station.toml                   is this site file right?
  galenic user first-run --site station.toml   makes the first administrator
  galenic run station.toml                     the daemon
  galenic devices station.toml                 which wires are there, and who has them
  galenic ledger verify ledger.sqlite3         is the record whole?
  source <(galenic completion bash)            Tab completes
"""

app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode=None, add_completion=False, pretty_exceptions_enable=False)
app.command("demo", short_help="A whole simulated ward in one command.")(demo.demo)
app.command("check", short_help="Everything that is wrong with a site file.")(check.check)
app.command("run", short_help="The daemon of one station.")(run.run)
app.command("simulate", short_help="The far end of every wire of a site file.")(simulate.simulate)
app.command("devices", short_help="Which wires are there, and who has them.")(devices.devices)
app.command("wire", short_help="What went over a wire, decoded.")(wire.wire)
app.add_typer(ledger.app, name="ledger", short_help="Verify or export a station's record.")
app.add_typer(user.app, name="user", short_help="People, terminals and programs.")
app.add_typer(tls.app, name="tls", short_help="The certificate that the network sees.")
app.command("bench", short_help="Our figures beside their floor.")(bench.bench)
app.command("completion", short_help="What makes Tab work.")(completion.completion)
app.command("help", short_help="What the exit codes mean.")(topics.topics)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"{PROGRAM} {version('galenic')}")
        raise typer.Exit


@app.callback()
def galenic(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="The version alone.")] = False,
) -> None:
    """The options that stand before a command."""


def main() -> None:
    """The program. Ends with one of `galenic help exit-codes`."""
    completion.prepare()
    try:
        app(prog_name=PROGRAM)
    except Fault as fault:
        sys.stderr.write(f"{fault}\n")
        sys.exit(exit_of(fault))
    except BrokenPipeError:
        sys.stderr.close()  # whoever read has gone: nobody is left to be told
    except Exception:  # noqa: BLE001 - the outermost place: what ends here is a defect of ours, told with its trace
        traceback.print_exc()
        sys.stderr.write("This is a defect of ours, not of what you typed.\n")
        sys.exit(Exit.DEFECT)


if __name__ == "__main__":
    main()
