"""ariadne-codegen plugin: generated enums take values that they do not know yet.

Shopify may add a value to an enum inside a stable API version. A closed enum would then refuse a whole answer because
of one word that we never look at.
"""

import ast

from ariadne_codegen.plugins.base import Plugin
from graphql import GraphQLEnumType

OPEN_ENUM = '''
class OpenEnum(str, Enum):
    """An enum of text whose unknown values are members too, named by themselves."""

    @classmethod
    def _missing_(cls, value: object) -> "OpenEnum | None":
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_ = member._value_ = value
        return member
'''


class OpenEnums(Plugin):
    """Derive every enum from one that accepts any text."""

    def generate_enum(self, class_def: ast.ClassDef, enum_type: GraphQLEnumType) -> ast.ClassDef:
        class_def.bases = [ast.Name(id="OpenEnum", ctx=ast.Load())]
        return class_def

    def generate_enums_module(self, module: ast.Module) -> ast.Module:
        first_class = next(place for place, each in enumerate(module.body) if isinstance(each, ast.ClassDef))
        module.body[first_class:first_class] = ast.parse(OPEN_ENUM).body
        return module
