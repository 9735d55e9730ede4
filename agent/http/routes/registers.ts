import * as z from 'zod'
import { pageQuery } from '../../contract/page.ts'
import { createRegister, fiscalizeRegister, updateRegister } from '../../contract/register.ts'
import type { Application } from '../../till/application.ts'
import { change, readList, readOne } from '../handler.ts'

/** Ignored, but a till may send `{}` if its client needs a body for a POST. */
const noBody = z
  .strictObject({})
  .optional()
  .transform(() => undefined)

export function registerHandlers({ registers }: Application) {
  return {
    registersCreate: change(createRegister, registers.create),
    registersList: readList(pageQuery, registers.list),
    registersGet: readOne(registers.get),
    registersUpdate: change(updateRegister, registers.update),
    registersFiscalize: change(fiscalizeRegister, registers.fiscalize),
    registersDecommission: change(noBody, registers.decommission),
  }
}
