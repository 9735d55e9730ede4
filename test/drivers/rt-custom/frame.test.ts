import { describe, expect, test } from 'vitest'
import { decodeFrame, encodeFrame, FrameReader } from '../../../drivers/rt-custom/frame.ts'
import { parseDayCounters, parseLastReceipt } from '../../../drivers/rt-custom/replies.ts'
import { fc } from '../../properties.ts'

const anyFrame = fc.record({
  counter: fc.integer({ min: 0, max: 99 }),
  body: fc.string({
    unit: fc.integer({ min: 0x20, max: 0x7d }).map((code) => String.fromCharCode(code)),
    minLength: 4,
    maxLength: 100,
  }),
})

describe('the frames of the Custom line', () => {
  test('the serial number is asked for as the manual shows', () => {
    const bytes = Buffer.from('0230313031303038343603', 'hex')
    expect(encodeFrame({ counter: 1, body: '1008' })).toEqual(bytes)
    expect(decodeFrame(bytes)).toEqual({ counter: 1, body: '1008' })
  })

  test('every frame is read back, however it is cut', () => {
    fc.assert(
      fc.property(anyFrame, fc.integer({ min: 1, max: 7 }), (frame, size) => {
        const bytes = Buffer.concat([Buffer.of(0x06, 0xff), encodeFrame(frame)])
        const reader = new FrameReader()
        const heard = []
        for (let at = 0; at < bytes.length; at += size) heard.push(...reader.read(bytes.subarray(at, at + size)))
        expect(heard).toEqual([{ kind: 'ack' }, { kind: 'frame', frame }])
      }),
    )
  })

  test('a wrong sum is bad, and characters above 7Dh are never sent', () => {
    const bytes = encodeFrame({ counter: 7, body: '1012' })
    bytes[5] = 0x39
    expect(new FrameReader().read(bytes)).toEqual([{ kind: 'bad' }])
    expect(() => encodeFrame({ counter: 1, body: '3012~' })).toThrow(RangeError)
  })

  test('the last receipt reports time, number, total, type and status', () => {
    expect(parseLastReceipt('1409261000000100000125010')).toEqual({
      at: '2026-09-14T10:00',
      number: 1,
      totalCents: 1250n,
      isFiscal: true,
      isCancelled: false,
    })
  })

  test.each([
    ['with totals of all kinds', '0003000000000', '0002000000000'],
    ['with counts of credit notes and cancelled ones alone', '0003', '0002'],
    ['with more kinds between', '0003', '00020001000000500'],
  ])('the counters of the day are read %s', (_what, creditNotes, others) => {
    const data = `0012000015000${creditNotes}${others}00010000012500004000000500`
    expect(parseDayCounters(data)).toEqual({
      receipts: { count: 12, cents: 15_000n },
      creditNotes: 3,
      voids: { count: 1, cents: 1250n },
      returns: { count: 4, cents: 500n },
    })
  })
})
