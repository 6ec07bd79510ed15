"""Which values an argument of a function can get anywhere in our own code, found by reading the code: calls are followed back to whoever names it."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any, TypeGuard

ROOT = Path(__file__).parents[1]
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Unreadable(Exception):
    """This expression is not understood here. The text says where it stands."""


@dataclass(frozen=True)
class Call:
    """A call with the function that it stands in (None at the top of a module) and the module's name."""

    node: ast.Call
    inside: Function | None
    module: str


@cache
def trees() -> Mapping[str, ast.Module]:
    """All modules of the program by their names."""
    paths = sorted((ROOT / "directory").rglob("*.py"))
    names = {path: ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in paths}
    return {name: ast.parse(path.read_text(encoding="utf-8")) for path, name in names.items()}


@cache
def calls() -> Mapping[str, tuple[Call, ...]]:
    """All calls by the last word of what is called."""
    found: dict[str, list[Call]] = {}
    for module, tree in trees().items():
        for call in _calls_in(tree, None, module):
            called = call.node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            found.setdefault(name, []).append(call)
    return {name: tuple(all_of_them) for name, all_of_them in found.items()}


def _calls_in(node: ast.AST, inside: Function | None, module: str) -> Iterator[Call]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call):
            yield Call(child, inside, module)
        yield from _calls_in(child, child if isinstance(child, Function) else inside, module)


def expressions_given(function: str, argument: str) -> list[ast.expr]:
    """What stands in the code as this argument, in every call of a function that names it."""
    return [word.value for call in calls()[function] for word in call.node.keywords if word.arg == argument]


def values_given(function: str, argument: str) -> set[object]:
    """What is given by name as this argument, in any call of a function. Raises Unreadable."""
    given = [(call, word.value) for call in calls()[function] for word in call.node.keywords if word.arg == argument]
    return {value for call, expression in given for value in _values(expression, call.inside, call.module)}


def _values(node: ast.expr, inside: Function | None, module: str) -> set[object]:
    """All values that an expression can have."""
    if isinstance(node, ast.Constant):
        return {node.value}
    if isinstance(node, ast.IfExp):
        return _values(node.body, inside, module) | _values(node.orelse, inside, module)
    if isinstance(node, ast.FormattedValue):
        return _values(node.value, inside, module)
    if isinstance(node, ast.JoinedStr):
        parts = [_values(part, inside, module) for part in node.values]
        return {"".join(str(word) for word in words) for words in product(*parts)}
    if isinstance(node, ast.Attribute):
        return {getattr(value, node.attr) for value in _values(node.value, inside, module)}
    if isinstance(node, ast.Subscript):
        return {value for table in _values(node.value, inside, module) for value in dict(table).values()}  # type: ignore[call-overload]
    if isinstance(node, ast.Await):
        return _values(node.value, inside, module)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return _returned(node.func.id, module)
    if isinstance(node, ast.Name):
        return _named(node.id, inside, module)
    raise Unreadable(f"{module}:{node.lineno}: {ast.unparse(node)}")


def _named(name: str, inside: Function | None, module: str) -> set[object]:
    if inside is not None:
        if name in _arguments(inside):
            return _passed(inside, name, module)
        if local := _assigned(inside, name):
            return {value for expression in local for value in _values(expression, inside, module)}
    if not hasattr(_loaded(module), name):
        raise Unreadable(f"{module}: {name}")
    return {_hashable(getattr(_loaded(module), name))}


def _returned(name: str, module: str) -> set[object]:
    """What a function of the same module gives."""
    found = [node for node in trees()[module].body if isinstance(node, Function) and node.name == name]
    ends = [(each, node.value) for each in found for node in ast.walk(each) if isinstance(node, ast.Return)]
    if not ends:
        raise Unreadable(f"{module}: {name}()")
    return {value for each, given in ends if given for value in _values(given, each, module)}


def _loaded(module: str) -> ModuleType:
    return importlib.import_module(module)


def _hashable(value: object) -> object:
    return tuple(value.items()) if isinstance(value, dict) else value


def _arguments(function: Function) -> list[str]:
    return [each.arg for each in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)]


def _passed(function: Function, name: str, module: str) -> set[object]:
    """What all callers pass as this argument."""
    found: set[object] = set()
    for call in calls().get(function.name, ()):
        if not _is_call_of(call, function, module):
            continue
        if (expression := _given(call.node, function, name)) is not None:
            found |= _values(expression, call.inside, call.module)
        elif (otherwise := _default(function, name)) is not None:
            found |= _values(otherwise, None, module)
    return found


def _default(function: Function, name: str) -> ast.expr | None:
    places, words = function.args.args, function.args.kwonlyargs
    last = zip(reversed(places), reversed(function.args.defaults), strict=False)
    found = {each.arg: value for each, value in (*last, *zip(words, function.args.kw_defaults, strict=True))}
    return found.get(name)


def _is_call_of(call: Call, function: Function, module: str) -> bool:
    """Whether it is this function that is called, and no other of the same name. Methods are known by their names alone."""
    called = call.node.func
    if "self" in _arguments(function):
        return isinstance(called, ast.Attribute)
    near = getattr(_loaded(call.module), called.value.id if _is_dotted(called) else function.name, None)
    meant = getattr(near, function.name, None) if isinstance(near, ModuleType) else near
    return getattr(meant, "__module__", None) == module


def _is_dotted(called: ast.expr) -> TypeGuard[Any]:
    return isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name)


def _given(call: ast.Call, function: Function, name: str) -> ast.expr | None:
    for word in call.keywords:
        if word.arg == name:
            return word.value
    places = [each.arg for each in (*function.args.posonlyargs, *function.args.args) if each.arg != "self"]
    place = places.index(name) if name in places else len(call.args)
    return call.args[place] if place < len(call.args) else None


def _assigned(function: Function, name: str) -> list[ast.expr]:
    """What a name is set to within a function."""
    found: list[ast.expr] = []
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            found += [value for target in node.targets for value in _paired(target, node.value, name)]
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
            found += _paired(node.target, node.value, name)
    return found


def _paired(target: ast.expr, value: ast.expr, name: str) -> list[ast.expr]:
    if isinstance(target, ast.Name) and target.id == name:
        return [value]
    if isinstance(value, ast.IfExp):
        return [*_paired(target, value.body, name), *_paired(target, value.orelse, name)]
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        return [each for pair in zip(target.elts, value.elts, strict=True) for each in _paired(*pair, name)]
    return []
