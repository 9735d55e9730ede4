import { describe, expect, test } from 'vitest'
import { integer, readAll, readInteger, readTlv, tlv } from '../../../drivers/tr03151/der.ts'
import { derToPlain, plainToDer } from '../../../drivers/tr03151/ecdsa.ts'
import { fc } from '../../properties.ts'

describe('DER', () => {
  test('every safe non-negative integer comes back, in the fewest bytes', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        const { content } = readTlv(integer(value))
        expect(readInteger(content)).toBe(value)
        expect(content[0] === 0 && content.length > 1 ? (content[1] ?? 0) >= 0x80 : true).toBe(true)
      }),
    )
  })

  test('200 is 02 02 00 c8 and zero is 02 01 00', () => {
    expect(Buffer.from(integer(200)).toString('hex')).toBe('020200c8')
    expect(Buffer.from(integer(0)).toString('hex')).toBe('020100')
  })

  test('contents of every length come back', () => {
    for (const length of [0, 1, 127, 128, 255, 256, 65_535, 65_536]) {
      const content = Buffer.alloc(length, 0x5a)
      const element = readTlv(tlv(0x04, content))
      expect(Buffer.from(element.content).equals(content)).toBe(true)
    }
  })

  test('arbitrary bytes are read or refused, never looped over or read beyond', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          const total = readAll(bytes).reduce((sum, element) => sum + element.encoded.length, 0)
          expect(total).toBe(bytes.length)
        } catch (error) {
          expect(error).toMatchObject({ code: 'malformed' })
        }
      }),
    )
  })

  test('nested indefinite lengths have a limit', () => {
    expect(() => readTlv(Buffer.alloc(100_000, Buffer.from([0x30, 0x80])))).toThrowError(/levels/)
  })
})

test('r‖s and DER signatures turn into each other', () => {
  const half = fc.uint8Array({ minLength: 48, maxLength: 48 })
  fc.assert(
    fc.property(half, half, (r, s) => {
      const plain = Buffer.concat([r, s])
      expect(Buffer.from(derToPlain(plainToDer(plain), 48)).equals(plain)).toBe(true)
    }),
  )
})
