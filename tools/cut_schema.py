"""Cut the official Admin GraphQL schema down to what our operations use.

    python tools/cut_schema.py admin_2026-10.json.gz

The argument is the introspection result that Shopify publishes in its npm package `@shopify/dev-mcp` (ISC, see the
licence beside the result), or the same schema as text, in a file whose name ends in `.graphql`. Selected fields stay,
with all their arguments; input types and enums stay whole, so that the cut schema refuses what the official one
refuses. Run it after adding an operation, then `make client`.
"""

import gzip
import json
import sys
from pathlib import Path

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    build_client_schema,
    build_schema,
    concat_ast,
    get_named_type,
    parse,
    print_schema,
    validate,
    visit,
)

ROOT = Path(__file__).resolve().parent.parent
OPERATIONS = ROOT / "shopify_imagegen/adapters/shopify/operations"
CUT = ROOT / "shopify_imagegen/sandbox/admin_2026-10.graphql"
ALWAYS = {"id"}  # of a selected type; a stand-in needs it to find the row


class Selected(Visitor):
    """Collects which field of which type the operations name."""

    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self._info = info
        self.fields: dict[str, set[str]] = {}

    def enter_field(self, node, *_):  # type: ignore[no-untyped-def]
        parent = self._info.get_parent_type()
        if not node.name.value.startswith("__"):
            self.fields.setdefault(parent.name, set()).add(node.name.value)


def load(path: Path) -> GraphQLSchema:
    if path.suffix == ".graphql":
        return build_schema(path.read_text(), assume_valid=True)
    with gzip.open(path) as file:
        return build_client_schema(json.load(file)["data"], assume_valid=True)


def selected_fields(schema: GraphQLSchema) -> dict[str, set[str]]:
    document = concat_ast([parse(path.read_text()) for path in sorted(OPERATIONS.glob("*.graphql"))])
    problems = validate(schema, document)
    if problems:
        sys.exit("\n".join(str(problem) for problem in problems))
    info = TypeInfo(schema)
    collector = Selected(info)
    visit(document, TypeInfoVisitor(info, collector))
    return collector.fields


def spread_to_implementations(schema: GraphQLSchema, fields: dict[str, set[str]]) -> None:
    """What is selected on an interface exists on each type that implements it. `Node` alone would keep them all."""
    for name in list(fields):
        kind = schema.type_map[name]
        if isinstance(kind, GraphQLInterfaceType) and name != "Node":
            for possible in schema.get_possible_types(kind):
                fields.setdefault(possible.name, set()).update(fields[name])


def reached(schema: GraphQLSchema, fields: dict[str, set[str]]) -> dict[str, GraphQLNamedType]:
    """Every type that the kept fields return or take, inputs and enums through and through."""
    kept: dict[str, GraphQLNamedType] = {}
    waiting = [schema.type_map[name] for name in fields]
    while waiting:
        kind = waiting.pop()
        if kind.name in kept:
            continue
        kept[kind.name] = kind
        if isinstance(kind, GraphQLInputObjectType):
            waiting += [get_named_type(field.type) for field in kind.fields.values()]
        elif isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for name in fields.get(kind.name, set()) | (ALWAYS & kind.fields.keys()):
                field = kind.fields[name]
                waiting.append(get_named_type(field.type))
                waiting += [get_named_type(argument.type) for argument in field.args.values()]
    return kept


def trim(kind: GraphQLNamedType, keep: set[str], kept: dict[str, GraphQLNamedType]) -> None:
    """Drop, in place, what the cut schema does not need: other fields, other interfaces, descriptions."""
    kind.description = None
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        interfaces = [each for each in kind.interfaces if each.name in kept]
        required = keep | ALWAYS
        kind.__dict__["interfaces"] = interfaces
        kind.__dict__["fields"] = {name: bare(field) for name, field in kind.fields.items() if name in required}
    elif isinstance(kind, GraphQLInputObjectType):
        for field in kind.fields.values():
            field.description = None
    elif isinstance(kind, GraphQLEnumType):
        for value in kind.values.values():
            value.description = None


def bare(field: GraphQLField) -> GraphQLField:
    field.description = None
    for argument in field.args.values():
        assert isinstance(argument, GraphQLArgument)
        argument.description = None
    return field


def cut(schema: GraphQLSchema) -> str:
    fields = selected_fields(schema)
    spread_to_implementations(schema, fields)
    kept = reached(schema, fields)
    for kind in kept.values():
        if isinstance(kind, GraphQLUnionType):
            sys.exit(f"{kind.name} is a union: teach this script to keep its members")
        trim(kind, fields.get(kind.name, set()), kept)
    roots = {"query": schema.query_type, "mutation": schema.mutation_type}
    return print_schema(GraphQLSchema(**roots, types=sorted(kept.values(), key=str), assume_valid=True)) + "\n"


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    CUT.write_text(cut(load(Path(sys.argv[1]))))
    print(f"{CUT.relative_to(ROOT)}: {len(CUT.read_text().splitlines())} lines")


if __name__ == "__main__":
    main()
