import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeFrame, encodeFrame, FrameReader } from '../../../drivers/rt-custom/frame.ts'
import {
  parseCheck,
  parseDayCounters,
  parseLastReceipt,
  parseRest,
  parseTotals,
  parseUnsent,
} from '../../../drivers/rt-custom/replies.ts'
import { parseState } from '../../../drivers/rt-custom/state.ts'

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

  test('the slip of a card terminal has the documented sum', () => {
    const body = '7114R03POS241126'
    expect(encodeFrame({ counter: 5, body }).toString('latin1')).toBe(`\x02050${body}81\x03`)
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
      isAborted: false,
    })
  })

  test('the counters of the day have a count and a total of six kinds, of which the aborted have no number', () => {
    const counters = [
      '0012000015000',
      '0003000000000',
      '0002000000000',
      '0000000000000',
      '0001000001250',
      '0004000000500',
    ]
    const data = counters.join('')
    expect(parseDayCounters(data)).toEqual({
      text: data,
      receipts: { count: 12, cents: 15_000n },
      creditNotes: { count: 3, cents: 0n },
      voids: { count: 1, cents: 1250n },
      returns: { count: 4, cents: 500n },
    })
    expect(parseDayCounters(data.slice(13))).toBeUndefined()
  })

  test('the totals have the subtotal at 36 and the last number at 56; a rest below 0 is change', () => {
    expect(parseTotals(`${'0'.repeat(36)}-000001250+00000000000071`)).toEqual({ totalCents: 1250n, lastNumber: 7 })
    expect(parseTotals('000001250')).toBeUndefined()
    expect([parseRest('+000000250'), parseRest('-000000100'), parseRest('-000000000'), parseRest('250')]).toEqual([
      ...[250n, -100n, 0n, undefined],
    ])
  })

  test('the state of the printer is read by its places; any trouble makes its documents worthless', () => {
    const sound = `12CISF000001${'0'.repeat(10)}1111010126${'0'.repeat(20)}`
    const changed = (place: number, digit: string) => `${sound.slice(0, place)}${digit}${sound.slice(place + 1)}`
    expect(parseState(changed(37, '1'))).toEqual({
      ...{ serial: '2CISF000001', trouble: undefined, hasLottery: true, splitsVat: false },
    })
    expect(parseState(changed(35, '1'))).toMatchObject({ splitsVat: true, hasLottery: false, trouble: undefined })
    const places = [0, 25, 32, 33, 51] as const
    const troubles = places.map((place) => parseState(changed(place, place > 25 ? '1' : '0'))?.trouble)
    expect(troubles.map((words) => words?.split(' ').slice(-2).join(' '))).toEqual([
      ...['native RT', 'service yet', 'are worthless', 'are worthless', 'of service'],
    ])
    expect(parseState('2CISF000001')).toBeUndefined()
  })

  test('files and periodic check: the type before the counts has one digit or four', () => {
    const unsent = { failed: 1, waiting: 2 }
    expect([parseUnsent('0000100020003'), parseUnsent('0000000100020003')]).toEqual([unsent, unsent])
    expect(['00140926', '10140926', '01140926', ''].map(parseCheck)).toEqual(['ok', 'expiring', 'expired', 'ok'])
  })
})
