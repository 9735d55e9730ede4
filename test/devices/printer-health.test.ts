import { describe, expect, test } from 'vitest'
import { printerHealth, printerObstacle, printerWarnings } from '../../agent/devices/printer-health.ts'
import type { RtHealth } from '../../drivers/ports/rt-printer.ts'

const WELL: RtHealth = {
  paper: 'ok',
  cover: 'closed',
  memory: 'ok',
  inService: true,
  pendingFiles: 0,
  pendingFilesMax: 25,
  oldestPendingAt: undefined,
  periodicCheck: 'ok',
  clockSkewMs: 0,
  documentOpen: false,
  z: 141,
  description: 'fw 8',
}
const NOON = Date.parse('2026-11-20T11:00:00Z')

function codes(changes: Partial<RtHealth>): string[] {
  return printerWarnings({ ...WELL, ...changes }, NOON).map(({ code }) => code)
}

describe('a printer is watched before the law stops the shop', () => {
  test('a file is sent within 12 days: warned from the third on, with the day it is due', () => {
    expect(codes({ pendingFiles: 1, oldestPendingAt: '2026-11-18T20:00' })).toEqual([])
    const old = { ...WELL, pendingFiles: 2, oldestPendingAt: '2026-11-16T20:00' }
    expect(printerWarnings(old, NOON)).toMatchObject([{ code: 'printer_transmission_due', due: '2026-11-28' }])
    expect(printerHealth(old, NOON)).toMatchObject({
      pending_files: 2,
      oldest_pending_at: '2026-11-16T19:00:00.000Z',
      oldest_pending_days: 3,
    })
  })

  test('files that fill the printer, its memory, its check and its clock', () => {
    expect(codes({ pendingFiles: 20 })).toEqual(['printer_transmission_pending'])
    expect(codes({ memory: 'nearly_full', paper: 'low' })).toEqual(['device_memory_low', 'printer_paper_low'])
    expect(codes({ periodicCheck: 'expiring' })).toEqual(['printer_periodic_check_due'])
    expect(codes({ clockSkewMs: -120_000 })).toEqual(['device_clock_skew'])
    expect(codes({})).toEqual([])
  })
})

test('conditions that keep a responding printer from printing', () => {
  const reasons = [{ inService: false }, { memory: 'full' }, { paper: 'out' }, { cover: 'open' }, {}] as const
  const obstacles = reasons.map((changes) => printerObstacle({ ...WELL, ...changes })?.code)
  expect(obstacles).toEqual(['out_of_service', 'memory_full', 'paper_out', 'cover_open', undefined])
})

test('a printer that does not report its files has an unknown number of them, and no warning about them', () => {
  const unknown = { pendingFiles: undefined, pendingFilesMax: undefined }
  expect(printerHealth({ ...WELL, ...unknown }, NOON)).toMatchObject({ pending_files: null, pending_files_max: null })
  expect(codes(unknown)).toEqual([])
})
