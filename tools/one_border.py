"""ariadne-codegen plugin: generated methods read answers through `BaseClient.read`, so that a surprise becomes ours."""

import ast

from ariadne_codegen.plugins.base import Plugin
from graphql import OperationDefinitionNode


class OneBorder(Plugin):
    """Turn `return Answer.model_validate(data)` into `return self.read(Answer, data)`."""

    def generate_client_method(
        self, method_def: ast.FunctionDef | ast.AsyncFunctionDef, operation_definition: OperationDefinitionNode
    ) -> ast.FunctionDef | ast.AsyncFunctionDef:
        last = method_def.body[-1]
        if not (isinstance(last, ast.Return) and ast.unparse(last).endswith(".model_validate(data)")):
            raise ValueError(f"{method_def.name} does not end as expected: {ast.unparse(last)}")
        model = ast.unparse(last.value).removesuffix(".model_validate(data)")
        last.value = ast.parse(f"self.read({model}, data)", mode="eval").body
        return method_def
