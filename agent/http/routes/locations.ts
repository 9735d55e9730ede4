import type { Contract } from '../../contract/contract-of.ts'
import { createLocation, updateLocation } from '../../contract/location.ts'
import { pageQuery } from '../../contract/page.ts'
import type { Application } from '../../till/application.ts'
import { change, readList, readOne } from '../handler.ts'

export function locationHandlers({ locations }: Application, contract: Contract) {
  return {
    locationsCreate: change(contract.of(createLocation), locations.create),
    locationsList: readList(pageQuery, locations.list),
    locationsGet: readOne(locations.get),
    locationsUpdate: change(contract.of(updateLocation), locations.update),
  }
}
