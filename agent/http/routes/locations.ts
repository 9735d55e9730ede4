import { createLocation, updateLocation } from '../../contract/location.ts'
import { pageQuery } from '../../contract/page.ts'
import type { Application } from '../../till/application.ts'
import { change, create, readList, readOne } from '../handler.ts'

export function locationHandlers({ locations }: Application) {
  return {
    locationsCreate: create(createLocation, locations.create),
    locationsList: readList(pageQuery, locations.list),
    locationsGet: readOne(locations.get),
    locationsUpdate: change(updateLocation, locations.update),
  }
}
