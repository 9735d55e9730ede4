import { expect, test } from 'vitest'
import { PrinterActs } from '../../../agent/regimes/rt/acts.ts'
import type { PrinterAct } from '../../../agent/regimes/rt/printer-act.ts'
import { DeviceError } from '../../../drivers/errors.ts'
import type { FiscalPrinter, RtTotals } from '../../../drivers/ports/fiscal-printer.ts'

const baseline = { serial: '72IV6000001', z: 141, number: 3, nonFiscal: 0, restores: 0, at: '' }
const read = { device: 'rt-1', name: 'read', totals: true } as PrinterAct

/** Acts on a printer that tells its totals so. */
const reading = (dailyTotals: () => Promise<RtTotals>) => {
  const unit = { kind: 'fiscal-printer', dailyTotals, baseline: async () => baseline } as unknown as FiscalPrinter
  const device = { unit, usable: true, identity: undefined, trouble: undefined, report: () => {}, worked: () => {} }
  const periodSums = async () => ({ vat: [], payments: [] })
  return new PrinterActs({ printerOf: () => device, enrolledSerial: () => undefined, periodSums }).perform(read)
}

test('a printer that refuses to tell its totals closes its day all the same', async () => {
  const outcome = await reading(() => Promise.reject(new DeviceError('refused', 'none', 'not now')))
  expect(outcome).toEqual({ kind: 'done', result: { baseline, totals: { vat: [], payments: [] } } })
})

test('a fault of this program at its totals is told, and is no printer without them', async () => {
  await expect(reading(() => Promise.reject(new TypeError('no such member')))).rejects.toThrow(TypeError)
})
