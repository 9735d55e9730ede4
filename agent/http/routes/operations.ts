import { allocationGroupQuery } from '../../contract/allocation-groups.ts'
import { amendOperation } from '../../contract/amendment.ts'
import type { Contract } from '../../contract/contract-of.ts'
import { issueOperation } from '../../contract/issued.ts'
import { completeOperation, createOperation, voidOperation } from '../../contract/operation.ts'
import { lastOperationQuery, operationQuery } from '../../contract/operation-query.ts'
import { byForm } from '../../contract/receipt-routes.ts'
import { vatRateQuery } from '../../contract/vat-rates.ts'
import type { Draw } from '../../receipts/drawing.ts'
import type { Application } from '../../till/application.ts'
import { change, readList, readOne, readOneBy } from '../handler.ts'
import { receipt } from './receipts.ts'

export function operationHandlers(application: Application, contract: Contract, draw: Draw) {
  const { operations } = application
  return {
    operationsCreate: change(contract.of(createOperation), operations.create),
    operationsList: readList(operationQuery, operations.list),
    registersLastOperation: readOneBy(lastOperationQuery, operations.last),
    allocationGroupsList: readList(allocationGroupQuery, operations.allocationGroups),
    vatRatesList: readList(vatRateQuery, operations.vatRates),
    operationsGet: readOne(operations.get),
    operationsAmend: change(contract.of(amendOperation), operations.amend),
    operationsComplete: change(contract.of(completeOperation), operations.complete),
    operationsVoid: change(voidOperation, operations.void),
    operationsIssue: change(issueOperation, operations.issue),
    operationsExplain: readOne(operations.explain),
    operationsReceipt: receipt(application, draw),
    ...byForm('operations', (form) => receipt(application, draw, form)),
  }
}
