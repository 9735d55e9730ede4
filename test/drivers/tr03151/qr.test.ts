import { describe, expect, test } from 'vitest'
import { findCurve, plainToDer, spkiOfPoint } from '../../../drivers/tr03151/ecdsa.ts'
import type { QrFields } from '../../../drivers/tr03151/qr.ts'
import { buildQr, verifyQr } from '../../../drivers/tr03151/qr.ts'
import { fc } from '../../properties.ts'
import { point, signed } from './signed-qr.ts'
import { OFFICIAL_QR, OFFICIAL_SERIAL, PETROL_STATION_QR } from './vectors.ts'

/** Its fields, whether its signature is right or not. */
function fieldsOf(qr: string): QrFields {
  const { fields, findings } = verifyQr(qr)
  if (fields === undefined) throw new Error(findings.join())
  return fields
}

describe('the QR code', () => {
  test('the official example is read, written again and verifies', () => {
    expect(buildQr(fieldsOf(OFFICIAL_QR))).toBe(OFFICIAL_QR)
    expect(verifyQr(OFFICIAL_QR)).toMatchObject({ valid: true, serial: OFFICIAL_SERIAL, findings: [] })
  })

  test('semicolons inside an order do not shift the fields', () => {
    const processData = '2;"Eisbecher ""Himbeere""";3.99\r1;"Eiskaffee";2.99'
    const qr = buildQr(signed({ processType: 'Bestellung-V1', processData }))
    expect(fieldsOf(qr).processData).toBe(processData)
    expect(verifyQr(qr).valid).toBe(true)
  })

  test('any field comes back', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.integer({ min: 1, max: 20_000_000 }),
        (processData, transaction) => {
          const fields = { ...signed({}), processData, transaction }
          const back = fieldsOf(buildQr(fields))
          expect({ ...back, signature: undefined, publicKey: undefined }).toEqual({
            ...fields,
            signature: undefined,
            publicKey: undefined,
          })
        },
      ),
    )
  })

  test('numbers are read as far as they are exact, and no further', () => {
    const most = signed({ transaction: Number.MAX_SAFE_INTEGER, signatureCounter: Number.MAX_SAFE_INTEGER })
    expect(verifyQr(buildQr(most))).toMatchObject({ valid: true, findings: [] })
    const beyond = OFFICIAL_QR.replace(';44131;', ';9007199254740992;')
    expect(verifyQr(beyond)).toMatchObject({ fields: undefined, findings: ['the signature counter is too large'] })
  })

  test('a changed amount, number or finish time is found out', () => {
    const qr = buildQr(signed({}))
    for (const [from, to] of [
      ['7.00:Bar', '6.00:Bar'],
      [';7;15;', ';8;15;'],
      [';15;', ';16;'],
      ['10:00:09', '10:00:08'],
      ['till-1', 'till-2'],
    ])
      expect(verifyQr(qr.replace(from ?? '', to ?? ''))).toMatchObject({
        valid: false,
        findings: ['the signature does not fit the data'],
      })
  })

  test('utcTime is tried with and without seconds', () => {
    expect(verifyQr(buildQr(signed({ timeFormat: 'utcTime' }, 'utcTimeWithSeconds'))).valid).toBe(true)
    expect(verifyQr(buildQr(signed({ timeFormat: 'utcTimeWithSeconds' }, 'utcTime'))).valid).toBe(true)
    expect(verifyQr(buildQr(signed({ timeFormat: 'unixTime' }, 'utcTime'))).valid).toBe(false)
  })

  test('a log of version 3 is tried too: the code does not state its version', () => {
    expect(verifyQr(buildQr(signed({}, undefined, 3))).valid).toBe(true)
    expect(verifyQr(buildQr(signed({ timeFormat: 'utcTime' }, 'utcTimeWithSeconds', 3))).valid).toBe(true)
  })

  test('DER signatures and SubjectPublicKeyInfo keys are accepted on reading and named', () => {
    const fields = signed({})
    const report = verifyQr(
      buildQr({
        ...fields,
        signature: plainToDer(fields.signature),
        publicKey: spkiOfPoint(point, findCurve(point).curve),
      }),
    )
    expect(report.valid).toBe(true)
    expect(report.findings).toHaveLength(2)
  })

  test('a genuine code with local times and a hexadecimal signature verifies, and its oddities are named', () => {
    const report = verifyQr(PETROL_STATION_QR)
    expect(report).toMatchObject({ valid: true, fields: { finishMs: Date.UTC(2022, 4, 12, 13, 43, 43) } })
    expect(report.findings).toEqual([
      'times with an offset, UTC was expected',
      'the signature is hexadecimal, base64 was expected',
      'processData does not match Kassenbeleg-V1',
    ])
    for (const [from, to] of [
      ['15:43:43+02', '15:43:44+02'],
      ['43+02:00;ecdsa', '43+01:00;ecdsa'],
      ['15,45:', '15,46:'],
      ['7768', '7769'],
    ])
      expect(verifyQr(PETROL_STATION_QR.replace(from ?? '', to ?? '')).valid).toBe(false)
    expect(verifyQr(PETROL_STATION_QR.replace('43+02:00;ecdsa', '43+25:00;ecdsa')).fields).toBeUndefined()
  })

  test.each([
    [
      { processType: 'KassenBeleg-V1' },
      'the processType is not one of Kassenbeleg-V1, Bestellung-V1, SonstigerVorgang',
    ],
    [{ processData: 'Beleg^3,000.00_0.00_0.00_0.00_0.00^3,000.00:Bar' }, 'processData does not match Kassenbeleg-V1'],
    [{ processData: 'Beleg^0.00_8.20_0.00_0.00_1.80^' }, undefined],
    [{ processData: 'Beleg^7.00_0.00_0.00_0.00_-3.00^5.00:Bar:CHF_-1.00:Unbar' }, undefined],
    [{ processType: 'SonstigerVorgang', processData: 'Kassenschublade' }, undefined],
  ])('a malformed signed text is named: %o', (change, note) => {
    expect(verifyQr(buildQr(signed(change)))).toMatchObject({ valid: true, findings: note === undefined ? [] : [note] })
  })

  test('text that is not a QR code is reported, not thrown', () => {
    for (const text of [
      '',
      'V0',
      OFFICIAL_QR.replace('V0', 'V1'),
      `${OFFICIAL_QR};`,
      OFFICIAL_QR.replace('unixTime', 'sundial'),
      OFFICIAL_QR.replace('44131', '4413x'),
    ])
      expect(verifyQr(text)).toMatchObject({ valid: false, fields: undefined })
  })
})
