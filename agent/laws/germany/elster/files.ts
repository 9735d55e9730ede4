import type { Location } from '../../../contract/location.ts'
import type { View } from '../../../journal/projections/view.ts'
import type { InParts } from '../../law.ts'
import type { LawNotices, MissingField, PlaceNotice } from '../../notices.ts'
import { formXml, listOf } from './form.ts'
import type { Notice, Notices, TillPlace } from './notices.ts'
import { isDue, recordsOf } from './notices.ts'
import { placeFacts } from './place-facts.ts'
import { sheetOf } from './sheet.ts'
import type { Till } from './tills.ts'
import { documentsAt, missingFacts } from './tills.ts'

/** `notice`: undefined for a trial. */
type Parts = { readonly location: Location; readonly tills: readonly Till[]; readonly notice: Notice | undefined }

/** File and sheet of each place whose facts are complete, or its missing facts. */
export function* noticeFiles(
  view: View,
  notices: Notices,
  wanted: string | undefined,
  isTrial: boolean,
): InParts<LawNotices> {
  const places = yield* notices.places()
  for (const place of wanted === undefined ? places : [placeNamed(places, wanted)]) {
    const notice = isTrial ? undefined : yield* notices.present(place)
    const tills = notice?.tills ?? (yield* notices.trial(place))
    const location = view.location(place.location)?.shown
    if (location === undefined || (tills.length === 0 && wanted === undefined)) continue
    const parts = { location, tills, notice }
    const missing = missingIn(parts)
    yield { notices: missing.length > 0 ? [] : [fileOf(view, parts)], missing }
  }
}

function placeNamed(places: readonly TillPlace[], wanted: string): TillPlace {
  return places.find(({ location }) => location === wanted) ?? { location: wanted, registers: [] }
}

const NO_TILL = 'No till of this location has a certified TSE; --trial takes any unit'

function missingIn({ location: { id }, tills }: Parts): MissingField[] {
  if (tills.length === 0) return [{ location_id: id, field: 'systems', how: NO_TILL }]
  return missingFacts(tills).map(({ registerId, device_id, field, how }) => {
    const device = device_id === undefined ? {} : { device_id }
    return { location_id: id, register_id: registerId, ...device, field, how }
  })
}

function fileOf(view: View, { location, tills, notice }: Parts): PlaceNotice {
  const records = recordsOf(tills)
  return {
    location_id: location.id,
    xml: formXml(records),
    sheet: sheetOf({ location, merchant: view.merchant(location.merchant_id)?.shown, tills, notice }),
    list: listOf(records, notice?.place ?? placeFacts(documentsAt(view), location.id)),
    systems: records.length,
    duty_id: notice !== undefined && isDue(notice) ? notice.id : null,
  }
}
