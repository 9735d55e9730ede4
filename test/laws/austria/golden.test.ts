import { createSecretKey, X509Certificate } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { FieldAmounts } from '../../../agent/laws/austria/amounts.ts'
import { noAmounts } from '../../../agent/laws/austria/amounts.ts'
import { certificateHolder } from '../../../agent/laws/austria/certificate.ts'
import { nextReceipt, seal } from '../../../agent/laws/austria/chain.ts'
import { newChain } from '../../../agent/laws/austria/chain-state.ts'
import { fiscalInformation } from '../../../agent/laws/austria/fiscal-information.ts'
import { chainValue, payloadOfJws } from '../../../agent/laws/austria/jws.ts'
import { parsePayload, payloadOf } from '../../../agent/laws/austria/machine-code.ts'
import { SHAPES } from '../../../agent/laws/austria/shapes.ts'
import type { ReceiptKind } from '../../../agent/laws/austria/special-receipts.ts'
import { aesKeyCheckValue, aesKeyText, encryptTurnover } from '../../../agent/laws/austria/turnover.ts'
import { shortSerial } from '../../../drivers/tr03151/certificate.ts'
import { counterIn } from '../../../verify/rksv/dep7-counter.ts'
import { aesKey, certificate, goldenUnit, vectors } from './vectors.ts'

describe('golden values', () => {
  test.each(vectors.chain_start)('the Startbeleg of $kassen_id is chained to its Kassen-ID', (start) => {
    expect(chainValue(start.kassen_id)).toBe(start.sig_voriger_beleg)
  })

  test.each(vectors.turnover_counter)('counter $value_cents of $kassen_id, receipt $belegnummer', (row) => {
    const { kassen_id: box, belegnummer: number } = row
    expect(encryptTurnover(aesKey, box, number, BigInt(row.value_cents))).toBe(row.encrypted['8'])
    for (const field of Object.values(row.encrypted))
      expect(counterIn({ cashBoxId: box, number, counter: field }, aesKey)).toBe(BigInt(row.value_cents))
  })

  test('the counter of the official demo register', () => {
    const key = createSecretKey('WQRtiiya3hYh/Uz44Bv3x8ETl1nrH6nCdErn69g5/lU=', 'base64')
    expect(encryptTurnover(key, 'CASHBOX-DEMO-1', 'CASHBOX-DEMO-1-Receipt-ID-82', 0n)).toBe('NLoiSHL3bsM=')
  })

  test('a counter beyond 8 bytes is refused, never wrapped round', () => {
    const max = 2n ** 63n - 1n
    const counter = encryptTurnover(aesKey, 'A', '1', max)
    expect(counterIn({ cashBoxId: 'A', number: '1', counter }, aesKey)).toBe(max)
    for (const cents of [max + 1n, -max - 2n])
      expect(() => encryptTurnover(aesKey, 'A', '1', cents)).toThrowError(/does not fit/)
  })

  test('the check value of the AES key is that of its 44 characters', () => {
    expect(aesKeyText(aesKey)).toBe(vectors.aes_key)
    expect(aesKeyCheckValue(vectors.aes_key)).toBe(vectors.aes_key_check_value)
  })

  test('the serial number of the certificate', () => {
    expect(shortSerial(new X509Certificate(certificate))).toBe(vectors.unit.serial_field)
    expect(certificateHolder(certificate)).toBeUndefined()
  })
})

const kinds: readonly [ReceiptKind, Partial<FieldAmounts>][] = [
  ['start', {}],
  ['standard', { normal: 1990n, reduced1: 450n }],
  ['standard', { normal: -1990n }],
  ['training', { normal: 500n, reduced2: 1300n, zero: 5000n, special: 250n }],
  ['void', { reduced1: -450n }],
  ['standard', { zero: 5000n }],
  ['standard', { normal: 1234567n, special: 99n }],
  ['collective', {}],
]

test('one chain of every kind of receipt is the golden one: payload, JWS, QR, OCR, chain and counter', () => {
  let state = newChain('GW-AT-001')
  for (const [index, [kind, amounts]] of kinds.entries()) {
    const golden = vectors.chain[index]
    if (!golden) throw new Error('a golden receipt was expected')
    const nowMs = Date.parse('2026-01-02T07:00:00Z') + index * 7 * 60_000
    const request = { kind, amounts: { ...noAmounts, ...amounts } }
    const planned = nextReceipt(state, request, goldenUnit, nowMs, aesKey)
    expect(planned.payload).toBe(golden.payload)
    const isOut = golden.jws.endsWith('.U2ljaGVyaGVpdHNlaW5yaWNodHVuZyBhdXNnZWZhbGxlbg')
    expect(isOut).toBe(index === 6)
    const sealed = seal(state, planned, isOut ? undefined : Buffer.from(golden.sig, 'base64'))
    expect(sealed).toMatchObject({ jws: golden.jws, qr: golden.qr, ocr: golden.ocr, deviceFailed: isOut })
    expect(sealed.state).toMatchObject({ turnoverCents: BigInt(golden.total), previous: golden.next_prev })
    expect(payloadOfJws(sealed.jws)).toBe(golden.payload)
    expect(payloadOf(parsePayload(golden.payload))).toBe(golden.payload)
    const information = SHAPES.fiscalInformation.parse(fiscalInformation(kind, sealed))
    expect(information).toMatchObject({ receipt_number: String(index + 1), signature: golden.sig })
    state = sealed.state
  }
})

describe('the fields of the machine-readable code', () => {
  const good = parsePayload(vectors.chain[1]?.payload ?? '')

  test.each([
    ['suite', 'R1-AT01'],
    ['cashBoxId', 'A_B'],
    ['cashBoxId', ' A'],
    ['number', ''],
    ['number', '1 '],
    ['stamp', '2026-01-02 08:00:00'],
    ['stamp', '2026-01-02T08:00:00Z'],
    ['counter', 'WQssGYHP2/o'],
    ['serial', '2A91F3C4'],
    ['serial', '02a91f3c4'],
    ['previous', '+a8ze0SW1U'],
  ] as const)('%s may not be "%s"', (field, value) => {
    expect(() => payloadOf({ ...good, [field]: value })).toThrowError(/malformed/)
  })

  test('AT0 names company and key', () => {
    expect(payloadOf({ ...good, suite: 'R1-AT0', serial: 'U:ATU12345678-K1' })).toContain('_U:ATU12345678-K1_')
  })

  test.each(['-0,00', '0', '1.990,00', '19.90', '+1,00', '00,10', '1,5'])('no amount is written "%s"', (text) => {
    expect(() => parsePayload((vectors.chain[1]?.payload ?? '').replace('19,90', text))).toThrowError(/malformed/)
  })
})
