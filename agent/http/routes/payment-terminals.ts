import { pageQuery } from '../../contract/page.ts'
import { createPaymentTerminal, updatePaymentTerminal } from '../../contract/payment-terminals.ts'
import type { Application } from '../../till/application.ts'
import { change, readList, readOne } from '../handler.ts'

export function paymentTerminalHandlers({ paymentTerminals }: Application) {
  return {
    paymentTerminalsCreate: change(createPaymentTerminal, paymentTerminals.create),
    paymentTerminalsList: readList(pageQuery, paymentTerminals.list),
    paymentTerminalsGet: readOne(paymentTerminals.get),
    paymentTerminalsUpdate: change(updatePaymentTerminal, paymentTerminals.update),
  }
}
