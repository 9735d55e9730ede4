import { pageQuery } from '../../contract/page.ts'
import { createPrintout } from '../../contract/printout.ts'
import { createRegister, decommissionRegister, fiscalizeRegister, updateRegister } from '../../contract/register.ts'
import type { Application } from '../../till/application.ts'
import { change, readList, readOne } from '../handler.ts'

export function registerHandlers({ registers }: Application) {
  return {
    registersCreate: change(createRegister, registers.create),
    registersList: readList(pageQuery, registers.list),
    registersGet: readOne(registers.get),
    registersUpdate: change(updateRegister, registers.update),
    registersFiscalize: change(fiscalizeRegister, registers.fiscalize),
    registersDecommission: change(decommissionRegister, registers.decommission),
    registersPrint: change(createPrintout, registers.print),
  }
}
