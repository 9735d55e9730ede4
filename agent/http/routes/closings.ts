import { createClosing } from '../../contract/closing.ts'
import { pageQuery } from '../../contract/page.ts'
import { parse } from '../../contract/parse.ts'
import type { Draw } from '../../receipts/drawing.ts'
import type { Application } from '../../till/application.ts'
import type { ReadHandler } from '../handler.ts'
import { change, jsonReply, readOne } from '../handler.ts'
import { receipt } from './operations.ts'

export function closingHandlers(application: Application, draw: Draw) {
  const { closings } = application
  const closingsList: ReadHandler = {
    kind: 'read',
    run: ({ req, caller, merchantId, id }) => {
      const { data, next_cursor } = closings.list(caller, merchantId, id, parse(pageQuery, req.query))
      return jsonReply(200, { data, next_cursor })
    },
  }
  return {
    closingsCreate: change(createClosing, (mutation, id, input) => closings.create(mutation, id, input)),
    closingsList,
    closingsReceipt: receipt(application, draw),
    closingsGet: readOne((caller, merchantId, id) => closings.get(caller, merchantId, id)),
  }
}
