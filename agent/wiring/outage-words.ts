import type { Clock } from '../../base/clock.ts'
import { DAY_MS } from '../../base/clock.ts'
import type { Language } from '../contract/receipt.ts'
import type { Register } from '../contract/register.ts'
import type { DeviceSupervisor } from '../devices/supervisor.ts'
import { allRegisters, isFiscalized } from '../journal/documents/registers.ts'
import type { Journal } from '../journal/journal.ts'
import { BACK_TEXTS, OUTAGE_TEXTS } from '../texts/outages.ts'
import { lawOfRegister } from '../till/laws.ts'
import type { OverviewOptions } from '../till/reading/overview.ts'
import { sellingOf } from '../till/reading/overview.ts'
import type { UnsignedReceipts } from '../watch/unsigned-receipts.ts'

export type OutageSources = Pick<OverviewOptions, 'laws' | 'unitsOf'> & {
  journal: Pick<Journal, 'view'>
  clock: Clock
  devices: ReadonlyMap<string, Pick<DeviceSupervisor, 'device' | 'usable'>>
  unsigned: Pick<UnsignedReceipts, 'of'>
}

/** An alert. */
type About = { readonly rule: string; readonly subject: { readonly device?: string }; readonly sinceMs: number }
/** As AlertWords has them. */
type Words = { selling?: string; over?: { message: string; unsigned?: string } }

/** The consequences of an alert about a device for its registers: their law says whether they sell without it. */
export function outageWords(
  sources: OutageSources,
  { rule, subject, sinceMs }: About,
  endedMs: number | undefined,
  language: Language,
): Words {
  const { journal, devices } = sources
  const device = devices.get(subject.device ?? '')
  const registers = allRegisters(journal.view).filter(
    (register) => register.fiscal_device === subject.device && isFiscalized(register),
  )
  if (endedMs === undefined) {
    const say = (register: Register): string[] => sellingWords(sources, register, language)
    const selling = [...new Set(device?.usable === true ? [] : registers.flatMap(say))].join(' ')
    return selling === '' ? {} : { selling }
  }
  if (rule !== 'devices' || device?.usable !== true) return {}
  const unsigned = unsignedWords(sources, registers, { fromMs: sinceMs, toMs: endedMs }, language)
  const message = BACK_TEXTS[device.device.unit.kind][language]
  return { over: { message, ...(unsigned !== undefined && { unsigned }) } }
}

/** Nothing for a register with an emergency register, whose warning says how it sells. */
function sellingWords(sources: OutageSources, register: Register, language: Language): string[] {
  const { selling, reason } = sellingOf(sources, { selling: 'yes', reason: null }, register)
  const { sells_on: on, sells_nothing: nothing, notice } = OUTAGE_TEXTS
  if (selling === 'yes') return [on[language]]
  if (reason !== 'device_down') return []
  if (selling === 'no') return [nothing[language]]
  const words = lawOfRegister(sources.laws, register)?.facts.outageText
  return [on[language], ...(words === undefined ? [] : [notice[language].replace('{}', words)])]
}

/** Undefined if nothing is sold without the device. The receipts of the last 24 hours are known. */
function unsignedWords(
  { laws, unsigned, clock }: OutageSources,
  registers: readonly Register[],
  span: { fromMs: number; toMs: number },
  language: Language,
): string | undefined {
  const selling = registers.filter((register) => lawOfRegister(laws, register)?.outage.sells === true)
  if (selling.length === 0) return undefined
  const counts = selling.map(({ id }) => unsigned.of(id, undefined, span)?.count ?? 0)
  const count = counts.reduce((sum, one) => sum + one, 0)
  const { unsigned_none: none, unsigned_one: one, unsigned: many, last_day: lastDay } = OUTAGE_TEXTS
  const row = count === 0 ? none : count === 1 ? one : many
  const words = row[language].replace('{}', String(count))
  return clock.now() - span.fromMs < DAY_MS ? words : lastDay[language].replace('{}', words)
}
