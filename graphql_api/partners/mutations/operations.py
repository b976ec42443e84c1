"""Registering operations and retiring them."""

from typing import Annotated

import strawberry

from domain.partners.operations import OperationUpload
from domain.partners.services.operations import OperationRegistry
from graphql_api.core.context import Info
from graphql_api.core.documents.reading import Documents
from graphql_api.core.ids import local_id
from graphql_api.core.problems import Forbidden, NotFound, Unauthenticated, ValidationFailed
from graphql_api.partners.inputs import RegisterOperationsInput, RetireOperationsInput
from graphql_api.partners.inspection import DocumentInspector
from graphql_api.partners.mutations.organisations import organisation_id
from graphql_api.partners.operation_types import RegisteredOperation
from graphql_api.partners.types import OperationsRefused


@strawberry.type(description="All of the documents may be run.")
class RegisterOperationsSuccess:
    operations: list[RegisteredOperation] = strawberry.field(description="One for each document, in their order.")


@strawberry.type(description="None of the operations may be run any more; servers forget them within seconds.")
class RetireOperationsSuccess:
    retired_count: int = strawberry.field(description="How many of them there were.")


RegisterOperationsResult = Annotated[
    RegisterOperationsSuccess | ValidationFailed | OperationsRefused | NotFound | Forbidden | Unauthenticated,
    strawberry.union("RegisterOperationsResult", description="How registering ended."),
]
RetireOperationsResult = Annotated[
    RetireOperationsSuccess | ValidationFailed | NotFound | Forbidden | Unauthenticated,
    strawberry.union("RetireOperationsResult", description="How retiring ended."),
]


@strawberry.type
class OperationMutation:
    @strawberry.mutation(description="Registers documents, all of them or none. Repeating it changes nothing.")
    async def register_operations(
        self, info: Info, input: Annotated[RegisterOperationsInput, strawberry.argument(description="The documents.")]
    ) -> RegisterOperationsResult:
        uploads = [OperationUpload(document.text, document.id) for document in input.documents]
        registered = await info.context.service(OperationRegistry).register(
            info.context.caller,
            organisation_id(input.organisation_id),
            uploads,
            DocumentInspector(info.context.service(Documents)),
        )
        return RegisterOperationsSuccess(operations=[RegisteredOperation.of(operation) for operation in registered])

    @strawberry.mutation(description="Retires operations.")
    async def retire_operations(
        self, info: Info, input: Annotated[RetireOperationsInput, strawberry.argument(description="Which ones.")]
    ) -> RetireOperationsResult:
        ids = [local_id(given, "RegisteredOperation", "operationIds") for given in input.operation_ids]
        count = await info.context.service(OperationRegistry).retire(
            info.context.caller, organisation_id(input.organisation_id), ids
        )
        return RetireOperationsSuccess(retired_count=count)
