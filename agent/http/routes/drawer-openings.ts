import type { CreateDrawerOpening } from '../../contract/drawer-opening.ts'
import { createDrawerOpening } from '../../contract/drawer-opening.ts'
import { registerPageQuery } from '../../contract/page.ts'
import { FiskalError } from '../../errors.ts'
import type { Application } from '../../till/application.ts'
import { change, readList, readOne } from '../handler.ts'

export function drawerOpeningHandlers({ drawerOpenings }: Application) {
  return {
    drawerOpeningsCreate: change(createDrawerOpening, drawerOpenings.create),
    drawerOpeningsCreateForRegister: change(createDrawerOpening, (mutation, input, id) =>
      drawerOpenings.create(mutation, ofRegister(input, id)),
    ),
    drawerOpeningsList: readList(registerPageQuery, drawerOpenings.list),
    drawerOpeningsGet: readOne(drawerOpenings.get),
  }
}

/** The path names the register; a body that names another one contradicts it. */
function ofRegister(input: CreateDrawerOpening, registerId: string): CreateDrawerOpening {
  if (input.register_id !== undefined && input.register_id !== registerId) {
    throw new FiskalError('invalid_request', '/register_id: must be the register of the path.', {
      reason: 'schema',
      errors: [{ pointer: '/register_id', message: 'must be the register of the path' }],
    })
  }
  return { ...input, register_id: registerId }
}
