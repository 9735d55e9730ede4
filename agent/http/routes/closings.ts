import { createClosing } from '../../contract/closing.ts'
import { pageQuery } from '../../contract/page.ts'
import type { ReceiptForm } from '../../contract/receipt.ts'
import { byForm } from '../../contract/receipt-routes.ts'
import type { Draw } from '../../receipts/drawing.ts'
import type { Application } from '../../till/application.ts'
import type { ReadHandler } from '../handler.ts'
import { change, readList, readOne } from '../handler.ts'
import { receipt } from './receipts.ts'

export function closingHandlers(application: Application, draw: Draw) {
  const { closings } = application
  return {
    closingsCreate: change(createClosing, closings.create),
    closingsList: readList(pageQuery, closings.list),
    closingsReceipt: closingReceipt(application, draw),
    ...byForm('closings', (form) => closingReceipt(application, draw, form)),
    closingsGet: readOne(closings.get),
  }
}

/** Only for closings: other documents have a receipt too. */
function closingReceipt(application: Application, draw: Draw, form?: ReceiptForm): ReadHandler {
  const { run } = receipt(application, draw, form)
  return {
    kind: 'read',
    run: (call) => {
      application.closings.get(call, call.id)
      return run(call)
    },
  }
}
