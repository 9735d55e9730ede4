import { expect, test } from 'vitest'
import { curveOfParams, paramsOfCurve, plainSignature, unwrapPoint } from '../../../drivers/native/pkcs11-codec.ts'
import { curveByName, curves } from '../../../drivers/tr03151/algorithms.ts'
import { plainToDer } from '../../../drivers/tr03151/ecdsa.ts'
import { fc } from '../../properties.ts'

const p256 = curveByName('P-256')
const point = Buffer.concat([Buffer.of(0x04), Buffer.alloc(64, 0x11)])

test('CKA_EC_PARAMS names the curve', () => {
  for (const curve of curves) expect(curveOfParams(paramsOfCurve(curve))).toBe(curve)
  expect(Buffer.from(paramsOfCurve(p256)).toString('hex')).toBe('06082a8648ce3d030107')
  expect(curveOfParams(Buffer.from('06052b8104000a', 'hex'))).toBeUndefined()
})

test.each([
  ['a DER OCTET STRING', Buffer.concat([Buffer.of(0x04, 0x41), point])],
  ['the bare point', point],
])('CKA_EC_POINT is read as %s', (_form, value) => {
  expect(unwrapPoint(value, p256)).toEqual(point)
})

test.each([
  ['too short', point.subarray(1)],
  ['compressed', Buffer.concat([Buffer.of(0x02), point.subarray(1)])],
  ['in a wrapping of another length', Buffer.concat([Buffer.of(0x04, 0x40), point])],
  ['empty', Buffer.alloc(0)],
])('a point that is %s is invalid', (_form, value) => {
  expect(unwrapPoint(value, p256)).toBeUndefined()
})

test('a DER signature and r‖s give the same, leading zeros included', () => {
  const half = fc.uint8Array({ minLength: 32, maxLength: 32 })
  fc.assert(
    fc.property(half, half, (r, s) => {
      const plain = Buffer.concat([r, s])
      expect(plainSignature(plain, p256)).toEqual(plain)
      const der = plainToDer(plain)
      if (der.length !== plain.length) expect(Buffer.from(plainSignature(der, p256) ?? [])).toEqual(plain)
    }),
  )
})

test('bytes that are not a signature are refused', () => {
  for (const bytes of [Buffer.alloc(0), Buffer.alloc(63, 1), Buffer.from('3006020101', 'hex'), Buffer.alloc(96)]) {
    expect(plainSignature(bytes, p256)).toBeUndefined()
  }
})
