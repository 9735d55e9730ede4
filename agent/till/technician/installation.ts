import type { Json } from '../../../base/canonical.ts'
import { rfc3339 } from '../../../base/clock.ts'
import { tsesOf } from '../../devices/enrolment.ts'
import type { Outage } from '../../devices/outages.ts'
import { outagesOf } from '../../devices/outages.ts'
import type { DeviceSupervisor } from '../../devices/supervisor.ts'
import { isUncertifiedSerial } from '../../devices/uncertified.ts'
import { allRegisters, registerIds } from '../../journal/documents.ts'
import type { Journal } from '../../journal/journal.ts'
import type { View } from '../../journal/projections/view.ts'
import { publicDocument } from '../recording/document.ts'

const RESOURCES_MAX = 10_000
/** Of each device, the newest. */
const OUTAGES_MAX = 500

/** What stands in this shop: who sells, where, with what, and when a device was out. For the papers of an auditor. */
export function installationOf(journal: Journal, devices: ReadonlyMap<string, DeviceSupervisor>): Json {
  const { view } = journal
  const all = (type: 'merchant' | 'location' | 'register'): Json[] =>
    view.resources(type, {}, 0, RESOURCES_MAX).flatMap(({ id }) => {
      const document = view[type](id)
      return document === undefined ? [] : [publicDocument(document)]
    })
  return {
    chain: journal.chain,
    events: journal.headSeq,
    first_event_at: view.event(1)?.at ?? null,
    merchants: all('merchant'),
    locations: all('location'),
    registers: all('register'),
    retired_tses: retiredTses(view),
    uncertified_units: uncertifiedUnits(view, [...devices.keys()]),
    outages: [...devices.keys()].map((device) => ({
      device,
      outages: newest(outagesOf(view, device)).map(({ fromMs, toMs, cause }) => ({
        from: rfc3339(fromMs),
        to: toMs === undefined ? null : rfc3339(toMs),
        cause: cause ?? null,
      })),
    })),
  }
}

/** TSEs on which registers have sold and that were taken out of use: what they signed stays in the books. */
function retiredTses(view: View): Json[] {
  return tsesOf(view, registerIds(view)).flatMap((serial) => {
    const { retired_at, retirement } = view.tse(serial)?.shown ?? {}
    return retired_at === undefined ? [] : [{ serial, retired_at, retirement: retirement ?? null }]
  })
}

/** Serial numbers of the TSEs and cards that signed, or are to, and that no authority has certified. */
function uncertifiedUnits(view: View, devices: readonly string[]): string[] {
  const started = allRegisters(view).flatMap(({ fiscalization }) => fiscalization?.tse_serial ?? [])
  const enrolled = devices.flatMap((id) => view.enrolledSerial(id) ?? [])
  const serials = new Set([...tsesOf(view, registerIds(view)), ...started, ...enrolled])
  return [...serials].filter((serial) => isUncertifiedSerial(view, serial))
}

/** The last of them, whatever their number. */
function newest(outages: Iterable<Outage>): Outage[] {
  let kept: Outage[] = []
  for (const outage of outages) {
    kept.push(outage)
    if (kept.length >= 2 * OUTAGES_MAX) kept = kept.slice(-OUTAGES_MAX)
  }
  return kept.slice(-OUTAGES_MAX)
}
