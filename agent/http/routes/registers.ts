import * as z from 'zod'
import { pageQuery } from '../../contract/page.ts'
import { createRegister, fiscalizeRegister, updateRegister } from '../../contract/register.ts'
import type { Application } from '../../till/application.ts'
import { change, readList, readOne } from '../handler.ts'

/** Nothing is read from it, but a till may send `{}` where a POST needs some body. */
const noBody = z
  .strictObject({})
  .optional()
  .transform(() => undefined)

export function registerHandlers({ registers }: Application) {
  return {
    registersCreate: change(createRegister, (mutation, _id, input) => registers.create(mutation, input)),
    registersList: readList(pageQuery, (caller, merchantId, query) => registers.list(caller, merchantId, query)),
    registersGet: readOne((caller, merchantId, id) => registers.get(caller, merchantId, id)),
    registersUpdate: change(updateRegister, (mutation, id, input) => registers.update(mutation, id, input)),
    registersFiscalize: change(fiscalizeRegister, (mutation, id, input) => registers.fiscalize(mutation, id, input)),
    registersDecommission: change(noBody, (mutation, id) => registers.decommission(mutation, id, undefined)),
    registersSession: readOne((caller, merchantId, id) => registers.session(caller, merchantId, id)),
  }
}
