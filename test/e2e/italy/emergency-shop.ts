import type { DeviceAct } from '../../../agent/till/administration.ts'
import { verifyJournal } from '../../verified-journal.ts'
import type { Bench, Register } from '../bench.ts'
import type { Members } from '../client.ts'
import { PrinterBeside } from './printer-beside.ts'
import { italianTill } from './shop.ts'

export type Shop = { bench: Bench; printer: PrinterBeside; register: Register; emergency: string }

export function act(bench: Bench, asked: DeviceAct): Promise<Members> {
  return bench.agent.administration.deviceAct('rt-1', asked) as Promise<Members>
}

export function open(bench: Bench, more: Members = {}): Promise<Members> {
  return act(bench, { act: 'emergency-open', reason: 'Scheda madre guasta', ...more })
}

export function refusal(work: Promise<unknown>): Promise<{ code: string; message: string }> {
  return work.then(
    (answer) => Promise.reject(new Error(`not refused: ${JSON.stringify(answer)}`)),
    (error: { code: string; message: string }) => error,
  )
}

export async function findings(bench: Bench): Promise<string[]> {
  return (await verifyJournal(bench.config.state)).codes.map(({ code }) => code)
}

/** A printer that died after one sale, and the register of the shop in its place. */
export async function inEmergency(
  use: (shop: Shop) => Promise<void>,
  before?: (shop: Omit<Shop, 'emergency'>) => Promise<void>,
): Promise<void> {
  await using printer = await PrinterBeside.open()
  await using bench = await printer.agent({ deadlineMs: 1500 })
  const register = await italianTill(bench, '50.00')
  await before?.({ bench, printer, register })
  await printer.unplug()
  const { id } = await open(bench)
  await use({ bench, printer, register, emergency: String(id) })
}

export function voidOf({ id }: Register, original: string): Members {
  return { type: 'void', register_id: id, currency: 'EUR', related_operation_id: original }
}

/** The printer answers again: an open emergency is an alarm of its device. */
export async function untilBack(bench: Bench): Promise<void> {
  await bench.until(async () =>
    bench.agent.application.devices().some(({ state }) => state === 'ready' || state === 'degraded'),
  )
}
