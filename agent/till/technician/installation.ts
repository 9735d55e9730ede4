import type { Json } from '../../../base/canonical.ts'
import { isTrialDevice } from '../../devices/certification.ts'
import { tsesOf } from '../../devices/enrolment.ts'
import type { DeviceSupervisor } from '../../devices/supervisor.ts'
import { isUncertifiedSerial } from '../../devices/uncertified.ts'
import { allRegisters, registerIds } from '../../journal/documents/registers.ts'
import type { Journal } from '../../journal/journal.ts'
import type { View } from '../../journal/projections/view.ts'
import { publicDocument } from '../recording/answers.ts'

const RESOURCES_MAX = 10_000

/** The shop's installation for an auditor's documents: merchants, locations and units. */
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
    signing_tses: signingTses(view, devices),
    uncertified_units: [...new Set([...uncertifiedUnits(view, [...devices.keys()]), ...trialUnits(devices)])],
    enrolments: view.enrolments(),
  }
}

/** TSEs whose present unit has signed for a register, also for one that has another device now. */
function signingTses(view: View, devices: ReadonlyMap<string, DeviceSupervisor>): string[] {
  const used = new Set(tsesOf(view, registerIds(view)))
  const tses = [...devices].filter(([, { device }]) => device.unit.kind === 'tse')
  return tses.flatMap(([id]) => (used.has(view.enrolledSerial(id) ?? '') ? [id] : []))
}

/** TSEs that registers used and that were retired: their signatures remain in the books. */
function retiredTses(view: View): Json[] {
  return tsesOf(view, registerIds(view)).flatMap((serial) => {
    const { retired_at, retirement } = view.tse(serial)?.shown ?? {}
    return retired_at === undefined ? [] : [{ serial, retired_at, retirement: retirement ?? null }]
  })
}

/** Serial numbers of simulated units and printers that answer. */
function trialUnits(devices: ReadonlyMap<string, DeviceSupervisor>): string[] {
  return [...devices.values()].flatMap((device) => (isTrialDevice(device) ? (device.identity?.serial ?? []) : []))
}

/** Serial numbers of the TSEs and cards in use, now or before, that no authority has certified. */
function uncertifiedUnits(view: View, devices: readonly string[]): string[] {
  const started = allRegisters(view).flatMap(({ fiscalization }) => fiscalization?.tse_serial ?? [])
  const enrolled = devices.flatMap((id) => view.enrolledSerial(id) ?? [])
  const serials = new Set([...tsesOf(view, registerIds(view)), ...started, ...enrolled])
  return [...serials].filter((serial) => isUncertifiedSerial(view, serial))
}
