import { expect, test } from 'vitest'
import { PrinterActs } from '../../../agent/laws/italy/acts.ts'
import type { PrinterAct } from '../../../agent/laws/italy/printer-act.ts'
import { DeviceError } from '../../../drivers/errors.ts'
import type { RtPrinter, RtTotals } from '../../../drivers/ports/rt-printer.ts'

const baseline = { serial: '72IV6000001', z: 141, number: 3, non_fiscal: 0, restores: 0, at: '' }
const read = { device: 'rt-1', name: 'read', totals: true } as PrinterAct

/** A journal without events. */
const places = { of: async () => undefined, last: () => undefined }

/** No printer is enrolled. */
const nothing = { enrolledSerial: () => undefined, otherIdOf: () => undefined }

/** Acts on a printer that reports its totals so. */
function reading(dailyTotals: () => Promise<RtTotals>) {
  const unit = { kind: 'fiscal_printer', dailyTotals, baseline: async () => baseline } as unknown as RtPrinter
  const device = { unit, usable: true, identity: undefined, trouble: undefined, report: () => {}, worked: () => {} }
  const periodSums = async () => [{ z: 142, vat: [], payments: [], sales: 500, returns: 0, voids: 0 }]
  return new PrinterActs({ ...nothing, printerOf: () => device, places, periodSums }).perform(read)
}

test('a return that came out as a sale is not abandoned for what passes before that sale is annulled', async () => {
  const document = {
    kind: 'return',
    reference: 'op_1',
    lines: [],
    payments: [],
    original: { z: 1, number: 1, date: '' },
  }
  const act = { device: 'rt-1', client: 'REG-1', name: 'print', document, baseline } as unknown as PrinterAct
  const unit = { kind: 'fiscal_printer', settle: async () => 'misprinted' } as unknown as RtPrinter
  const device = { unit, usable: true, identity: undefined, trouble: undefined, report: () => {}, worked: () => {} }
  const acts = new PrinterActs({
    ...nothing,
    printerOf: () => device,
    places,
    periodSums: async () => [],
  })
  const outcome = await acts.askOutcome(act)
  expect(outcome.kind).toBe('absent')
  device.usable = false
  expect(await acts.perform(act)).toMatchObject({ kind: 'failed' })
  expect(await acts.perform('next' in outcome && outcome.next ? (outcome.next as PrinterAct) : act)).toMatchObject({
    kind: 'unknown',
  })
})

test('a printer that refuses to report its totals still closes its day, with the sums of the journal', async () => {
  const outcome = await reading(() => Promise.reject(new DeviceError('refused', 'none', 'not now')))
  const totals = { vat: [], payments: [], sales: 500, returns: 0, voids: 0 }
  expect(outcome).toEqual({ kind: 'done', act: 'read', result: { baseline, totals } })
})

test('a fault of this program at its totals is reported, and does not count as a printer without them', async () => {
  await expect(reading(() => Promise.reject(new TypeError('no such member')))).rejects.toThrow(TypeError)
})
