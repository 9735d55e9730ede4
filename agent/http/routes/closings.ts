import { createClosing } from '../../contract/closing.ts'
import { pageQuery } from '../../contract/page.ts'
import type { Draw } from '../../receipts/drawing.ts'
import type { Application } from '../../till/application.ts'
import { change, readList, readOne } from '../handler.ts'
import { receipt } from './operations.ts'

export function closingHandlers(application: Application, draw: Draw) {
  const { closings } = application
  return {
    closingsCreate: change(createClosing, closings.create),
    closingsList: readList(pageQuery, closings.list),
    closingsReceipt: receipt(application, draw),
    closingsGet: readOne(closings.get),
  }
}
