import type { DeviceKind } from '../../drivers/ports/device.ts'
import type { DeviceSupervisor } from '../devices/supervisor.ts'
import type { Warning } from '../devices/warning.ts'
import { FiskalError } from '../errors.ts'
import type { DeviceMemory } from '../laws/device-memory.ts'
import type { Duty } from '../laws/duty.ts'
import type { Emergencies } from '../laws/emergencies.ts'
import type { ExportType } from '../laws/export-type.ts'
import type { InParts, Law, LawParts, LawRules, OpenLaw, RegisterTrouble } from '../laws/law.ts'
import type { LawNotices } from '../laws/notices.ts'
import type { PrinterReadings } from '../laws/printer-readings.ts'
import type { ReceiptLaw } from '../receipts/receipt-law.ts'

/** The memories of the devices of all laws. */
export type DeviceMemories = Omit<DeviceMemory, 'warnAtPercent'> & {
  /** Undefined for a kind whose memory no law watches. */
  warnAtPercent(kind: DeviceKind): number | undefined
}

/** The laws of this agent, combined. */
export type Laws = {
  laws: readonly LawRules[]
  receiptLaws: readonly ReceiptLaw[]
  exportTypes: Readonly<Record<string, ExportType>>
  deviceMemory: DeviceMemories
  /** These and the emergencies are of the law that has printers. */
  printerReadings: PrinterReadings | undefined
  emergencies: Emergencies | undefined
  /** Tasks for a person, with the acts of clients that do them. */
  duties: () => InParts<Duty>
  /** The notices to authorities that a person sends as files. */
  notices: (location: string | undefined, isTrial: boolean) => InParts<LawNotices>
  /** Causes, other than devices, that prevent registers from recording. */
  registerTroubles: () => RegisterTrouble[]
  /** Warnings about a device. */
  lawConcernsOf: (device: string) => Warning[]
  /** The devices that can sign for a register of that device, itself first. */
  unitsOf: (device: string) => readonly string[]
  /** Undefined for a register or device of no law with such reports. */
  reportOutage: NonNullable<OpenLaw['reportOutage']>
  /** Called after each probe of a healthy device. */
  look: (device: DeviceSupervisor) => void
  /** Starts the scheduled work. */
  start: () => void
  stop: () => Promise<void>
}

/** Every law of the list over this agent's devices, journal and keys. */
export function openLaws<Settings>(list: readonly Law<Settings>[], parts: LawParts<Settings>): Laws {
  const laws = list.map((law) => law.open(parts))
  return {
    laws: laws.map(({ rules: law }) => law),
    receiptLaws: list.map(({ receipt }) => receipt),
    exportTypes: Object.assign({}, ...laws.map((law) => law.exports)),
    deviceMemory: memoryOf(laws),
    printerReadings: laws.find((law) => law.printerReadings !== undefined)?.printerReadings,
    emergencies: laws.find((law) => law.emergencies !== undefined)?.emergencies,
    duties: () => dutiesOf(laws),
    notices: (location, isTrial) => noticesOf(laws, location, isTrial),
    registerTroubles: () => laws.flatMap((law) => law.registerTroubles?.() ?? []),
    lawConcernsOf: (device) => laws.flatMap((law) => law.concernsOf?.(device) ?? []),
    unitsOf: (device) => [...new Set([device, ...laws.flatMap((law) => law.unitsOf?.(device) ?? [])])],
    reportOutage: (view, id, asked) => {
      for (const law of laws) {
        const report = law.reportOutage?.(view, id, asked)
        if (report !== undefined) return report
      }
      return undefined
    },
    look: (device) => {
      const { kind } = device.device.unit
      for (const { rules, look } of laws) if (rules.facts.deviceKinds.includes(kind)) look?.(device)
    },
    start: () => {
      for (const law of laws) law.start?.()
    },
    stop: async () => {
      await Promise.all(laws.map((law) => law.stop?.()))
    },
  }
}

function* dutiesOf(laws: readonly OpenLaw[]): InParts<Duty> {
  for (const law of laws) if (law.duties !== undefined) yield* law.duties()
}

function* noticesOf(laws: readonly OpenLaw[], location: string | undefined, isTrial: boolean): InParts<LawNotices> {
  for (const law of laws) if (law.notices !== undefined) yield* law.notices(location, isTrial)
}

function memoryOf(laws: readonly OpenLaw[]): DeviceMemories {
  const memories = laws.flatMap(({ memory, rules: law }) => (memory === undefined ? [] : [{ memory, law: law.facts }]))
  return {
    warnAtPercent: (kind) => memories.find(({ law }) => law.deviceKinds.includes(kind))?.memory.warnAtPercent,
    archive: async (device, deletes) => {
      const { kind } = device.device.unit
      // A law for another kind of device refuses this one with a reason.
      const of = memories.find(({ law }) => law.deviceKinds.includes(kind)) ?? memories[0]
      if (of === undefined) throw new FiskalError('unprocessable_entity', `No law here archives a ${kind}.`, {})
      return of.memory.archive(device, deletes)
    },
  }
}
