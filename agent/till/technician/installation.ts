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
/** Maximum number of outages per device, the newest ones. */
const OUTAGES_MAX = 500

/** The shop's installation for an auditor's documents: merchants, locations, devices and their outages. */
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

/** TSEs that registers used and that were retired: their signatures remain in the books. */
function retiredTses(view: View): Json[] {
  return tsesOf(view, registerIds(view)).flatMap((serial) => {
    const { retired_at, retirement } = view.tse(serial)?.shown ?? {}
    return retired_at === undefined ? [] : [{ serial, retired_at, retirement: retirement ?? null }]
  })
}

/** Serial numbers of the TSEs and cards in use, now or before, that no authority has certified. */
function uncertifiedUnits(view: View, devices: readonly string[]): string[] {
  const started = allRegisters(view).flatMap(({ fiscalization }) => fiscalization?.tse_serial ?? [])
  const enrolled = devices.flatMap((id) => view.enrolledSerial(id) ?? [])
  const serials = new Set([...tsesOf(view, registerIds(view)), ...started, ...enrolled])
  return [...serials].filter((serial) => isUncertifiedSerial(view, serial))
}

/** The newest ones, up to the limit. */
function newest(outages: Iterable<Outage>): Outage[] {
  let kept: Outage[] = []
  for (const outage of outages) {
    kept.push(outage)
    if (kept.length >= 2 * OUTAGES_MAX) kept = kept.slice(-OUTAGES_MAX)
  }
  return kept.slice(-OUTAGES_MAX)
}
