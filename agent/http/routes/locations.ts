import { createLocation, updateLocation } from '../../contract/location.ts'
import { pageQuery } from '../../contract/page.ts'
import type { Application } from '../../till/application.ts'
import { change, readList, readOne } from '../handler.ts'

export function locationHandlers({ locations }: Application) {
  return {
    locationsCreate: change(createLocation, (mutation, _id, input) => locations.create(mutation, input)),
    locationsList: readList(pageQuery, (caller, merchantId, query) => locations.list(caller, merchantId, query)),
    locationsGet: readOne((caller, merchantId, id) => locations.get(caller, merchantId, id)),
    locationsUpdate: change(updateLocation, (mutation, id, input) => locations.update(mutation, id, input)),
  }
}
