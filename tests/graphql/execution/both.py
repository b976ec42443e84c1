"""The same document by our engine and by graphql-core's."""

from typing import Any, cast

from graphql import ExecutionResult, OperationDefinitionNode, execute, get_operation_ast, parse
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from graphql_api.core.documents.prices import Cost
from graphql_api.core.documents.reading import Operation
from graphql_api.core.execution.program import Program
from tests.graphql.execution.zoo import SCHEMA

CORE = SCHEMA._schema


def operation(text: str) -> Operation:
    """Without a check of the document; its price is not looked at here."""
    document = parse(text)
    node = cast(OperationDefinitionNode, get_operation_ast(document))
    return Operation(document, node, None, node.operation, cast(Cost, None), introspects=False)


def program(text: str) -> Program:
    return Program(SCHEMA, operation(text))


async def by_core(text: str, variables: dict[str, Any], context: Any) -> ExecutionResult:
    found = execute(
        CORE,
        parse(text),
        context_value=context,
        variable_values=variables,
        executor_class=StrawberryGraphQLCoreExecutionContext,
    )
    return cast(ExecutionResult, found if isinstance(found, ExecutionResult) else await cast(Any, found))


def told(result: ExecutionResult) -> tuple[Any, list[tuple[str, str]]]:
    """Data, and where what went wrong; in no order, because of two errors either may come first."""
    return result.data, sorted((str(error.path), error.message) for error in result.errors or ())
