import type { Location } from '../../../contract/location.ts'
import { registerIds } from '../../../journal/documents/registers.ts'
import type { View } from '../../../journal/projections/view.ts'
import type { LawNotices, MissingField, PlaceNotice } from '../../notices.ts'
import { formXml, listOf } from './form.ts'
import type { Notice, Notices } from './notices.ts'
import { isDue, recordsOf } from './notices.ts'
import { sheetOf } from './sheet.ts'
import type { Till } from './tills.ts'
import { missingFacts } from './tills.ts'

/** `notice`: undefined for a trial. */
type Place = { readonly location: Location; readonly tills: readonly Till[]; readonly notice: Notice | undefined }

/** The file and the sheet of each place whose facts are complete, and what the others lack. */
export function noticeFiles(view: View, notices: Notices, wanted: string | undefined, isTrial: boolean): LawNotices {
  const ids = wanted === undefined ? placesOf(view) : [wanted]
  const places = ids.flatMap((id): Place[] => {
    const location = view.location(id)?.shown
    const notice = isTrial ? undefined : notices.present(id)
    const tills = notice?.tills ?? notices.trial(id)
    return location === undefined || (tills.length === 0 && wanted === undefined) ? [] : [{ location, tills, notice }]
  })
  const missing = places.flatMap(missingIn)
  const incomplete = new Set(missing.map(({ location_id: id }) => id))
  const complete = places.filter(({ location }) => !incomplete.has(location.id))
  return { notices: complete.map((place) => fileOf(view, place)), missing }
}

function placesOf(view: View): string[] {
  return [...new Set(registerIds(view).flatMap((id) => view.register(id)?.shown.location_id ?? []))]
}

const NO_TILL = 'No till of this location has a certified TSE; --trial takes any unit'

function missingIn({ location: { id }, tills }: Place): MissingField[] {
  if (tills.length === 0) return [{ location_id: id, field: 'systems', how: NO_TILL }]
  return missingFacts(tills).map(({ registerId, device_id, field, how }) => {
    const device = device_id === undefined ? {} : { device_id }
    return { location_id: id, register_id: registerId, ...device, field, how }
  })
}

function fileOf(view: View, { location, tills, notice }: Place): PlaceNotice {
  const records = recordsOf(tills)
  return {
    location_id: location.id,
    xml: formXml(records),
    sheet: sheetOf({ location, merchant: view.merchant(location.merchant_id)?.shown, tills, notice }),
    list: listOf(records),
    systems: records.length,
    duty_id: notice !== undefined && isDue(notice) ? notice.id : null,
  }
}
