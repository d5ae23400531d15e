"""Mutants of a protocol's codec: each differs from the shipped one in a single literal of one of its modules.

What is no constant of the codec is left alone: docstrings, the texts of exceptions, annotations, slots of dataclasses.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import CodeType, ModuleType

from tests.firmware_protocols import golden

ALLOWED = {
    # Limits that no golden frame can reach from both sides; test_framing, test_mt_sics and test_wwks2 hold them.
    ("mt_sics", "LONGEST_LINE"),
    ("mt_sics", "LONGEST_COMMAND"),
    ("scanner_lines", "LONGEST"),
    ("grbl", "LONGEST_LINE"),
    ("grbl", "LONGEST_COMMAND"),
    ("wwks2", "STEP_BYTES"),
    ("wwks2", "STEP_CHILDREN"),
}


@dataclass(frozen=True)
class Mutant:
    """The modules of a protocol with one literal changed, and which one."""

    what: str
    modules: dict[str, ModuleType]


def of(protocol: str) -> Iterator[Mutant]:
    """Every mutant of this protocol that can be loaded at all; one that cannot is as good as noticed."""
    for part in golden.parts(protocol):
        source = Path(golden.shipped(protocol)[part].__file__ or "")
        tree = ast.parse(source.read_text())
        for node in list(_literals(protocol, tree)):
            shipped = node.value
            for value in _others(shipped):
                node.value = value
                modules = _loaded(protocol, part, tree)
                if modules is not None:
                    yield Mutant(f"{protocol}/{part}.py:{node.lineno}: {shipped!r} -> {value!r}", modules)
            node.value = shipped


def _literals(protocol: str, tree: ast.AST) -> Iterator[ast.Constant]:
    """The literals that are constants of the codec, in a fixed order."""
    for node in ast.iter_child_nodes(tree):
        match node:
            case ast.Expr(value=ast.Constant()) | ast.Raise() | ast.ImportFrom() | ast.arg():
                continue
            case ast.Assign(targets=[ast.Name(id=name)]) if (protocol, name) in ALLOWED:
                continue
            case ast.FunctionDef() | ast.ClassDef():
                for statement in node.body:
                    yield from _literals(protocol, ast.Module([statement], []))
                continue
            case ast.AnnAssign(value=value):
                if value is not None:
                    yield from _literals(protocol, ast.Module([ast.Expr(ast.Tuple([value]))], []))
                continue
            case ast.Constant(value=int() | bytes() | str()) if not isinstance(node.value, bool):
                yield node
        yield from _literals(protocol, node)


def _others(value: object) -> list[object]:
    match value:
        case int():
            return [value + 1, value - 1]
        case bytes():
            return [value + b"x", value[:-1]] if value else [b"x"]
        case str():
            return [value + "x", value[:-1]] if value else ["x"]
    return []


def _loaded(protocol: str, part: str, tree: ast.Module) -> dict[str, ModuleType] | None:
    """Fresh modules with the changed one among them; those behind it see it, and nobody else does."""
    shipped = golden.shipped(protocol)
    modules = dict(shipped)
    parts = golden.parts(protocol)
    names = {one: f"firmware_protocols.{protocol}.{one}" for one in parts}
    try:
        modules[part] = sys.modules[names[part]] = _run(names[part], compile(tree, f"<{part}>", "exec"))
        for user in parts[parts.index(part) + 1 :] if part not in {"host", "device"} else ():
            modules[user] = sys.modules[names[user]] = _run(names[user], _code(Path(shipped[user].__file__ or "")))
    except Exception:  # noqa: BLE001 - a mutant that does not load is noticed by the first import
        return None
    finally:
        sys.modules.update({names[one]: module for one, module in shipped.items()})
    return modules


@cache
def _code(source: Path) -> CodeType:
    return compile(source.read_text(), source, "exec")


def _run(name: str, code: CodeType) -> ModuleType:
    module = ModuleType(name)
    exec(code, module.__dict__)
    return module
