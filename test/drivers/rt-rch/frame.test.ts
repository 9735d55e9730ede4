import { describe, expect, test } from 'vitest'
import { decodeFrame, encodeFrame, FrameReader } from '../../../drivers/rt-rch/frame.ts'
import { fc } from '../../properties.ts'

function bytesOf(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex')
}

/** Worked dialogues and captured frames of the protocol's documentation. */
const vectors: readonly (readonly [data: string, pack: string, hex: string])[] = [
  ['=K', '0', '02 30 31 30 30 32 4E 3D 4B 30 33 39 03'],
  ['<</?m', '7', '02 30 31 30 30 35 4E 3C 3C 2F 3F 6D 37 33 32 03'],
  ['m72IV6000001', '5', '02 30 31 30 31 32 4E 6D 37 32 49 56 36 30 30 30 30 30 31 35 30 42 03'],
  ['<</?s', '0', '02 30 31 30 30 35 4e 3c 3c 2f 3f 73 30 32 42 03'],
  ['s000000RE0000', '8', '02 30 31 30 31 33 4e 73 30 30 30 30 30 30 52 45 30 30 30 30 38 32 33 03'],
  ['<</?7', '1', '02 30 31 30 30 35 4e 3c 3c 2f 3f 37 31 36 45 03'],
  [
    '=R1/$500/*2/(CAFFE IN GRANI)',
    '9',
    '02 30 31 30 32 38 4e 3d 52 31 2f 24 35 30 30 2f 2a 32 2f 28 43 41 46 46 45 20 49 4e 20 47 52 41 4e 49 29 39 32 34 03',
  ],
  ['ON00000100', '7', '02 30 31 30 31 30 4e 4f 4e 30 30 30 30 30 31 30 30 37 34 42 03'],
  ['="/?A/(REF A1)', '1', '02 30 31 30 31 34 4e 3d 22 2f 3f 41 2f 28 52 45 46 20 41 31 29 31 32 38 03'],
  ['=T4/$1250', '3', '02 30 31 30 30 39 4e 3d 54 34 2f 24 31 32 35 30 33 31 37 03'],
  ['=r/&140926/[142/]1', '1', '02 30 31 30 31 38 4e 3d 72 2f 26 31 34 30 39 32 36 2f 5b 31 34 32 2f 5d 31 31 30 42 03'],
  [
    '=r/&241126/[0/]0/(POS)',
    '4',
    '02 30 31 30 32 32 4e 3d 72 2f 26 32 34 31 31 32 36 2f 5b 30 2f 5d 30 2f 28 50 4f 53 29 34 36 39 03',
  ],
  ['=k/&140926/[142/]2', '9', '02 30 31 30 31 38 4e 3d 6b 2f 26 31 34 30 39 32 36 2f 5b 31 34 32 2f 5d 32 39 31 39 03'],
  ['=V-/*100/(BUONO)', '3', '02 30 31 30 31 36 4e 3d 56 2d 2f 2a 31 30 30 2f 28 42 55 4f 4e 4f 29 33 34 43 03'],
  ['=C3', '1', '02 30 31 30 30 33 4e 3d 43 33 31 30 32 03'],
  ['=C10', '6', '02 30 31 30 30 34 4e 3d 43 31 30 36 33 30 03'],
]

const anyFrame = fc.record({
  address: fc.constantFrom('00', '01'),
  protocol: fc.constantFrom('N', 'z'),
  pack: fc.constantFrom(...'0123456789abcXYZ'),
  data: fc.string({
    unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
    maxLength: 200,
  }),
})

describe('the frames of the RCH line', () => {
  test.each(vectors)('%s in packet %s is the documented frame', (data, pack, hex) => {
    const frame = { address: '01', protocol: 'N', pack, data }
    expect(encodeFrame(frame)).toEqual(bytesOf(hex))
    expect(decodeFrame(bytesOf(hex))).toEqual(frame)
  })

  test('another address and protocol letter have their own check', () => {
    const frame = { address: '00', protocol: 'z', pack: '0', data: '=K' }
    expect(encodeFrame(frame)).toEqual(bytesOf('02 30 30 30 30 32 7A 3D 4B 30 30 43 03'))
  })

  test('every frame is read back as it was written', () => {
    fc.assert(
      fc.property(anyFrame, (frame) => {
        expect(decodeFrame(encodeFrame(frame))).toEqual(frame)
      }),
    )
  })

  test('no flipped bit is missed', () => {
    fc.assert(
      fc.property(anyFrame, fc.nat(), fc.nat(7), (frame, at, bit) => {
        const bytes = encodeFrame(frame)
        const index = at % bytes.length
        bytes[index] = (bytes[index] ?? 0) ^ (1 << bit)
        expect(decodeFrame(bytes)).toBeUndefined()
      }),
    )
  })

  test('a reader finds frames however they are cut, after noise and after a cut frame', () => {
    const noise = Buffer.from([0xff, 0x00, 0x41, 0x03])
    fc.assert(
      fc.property(anyFrame, fc.integer({ min: 1, max: 9 }), fc.boolean(), (frame, size, isCut) => {
        const before = isCut ? encodeFrame(frame).subarray(0, 8) : noise
        const bytes = Buffer.concat([before, Buffer.of(0x06), isCut ? Buffer.alloc(0) : noise, encodeFrame(frame)])
        const reader = new FrameReader()
        const heard = []
        for (let at = 0; at < bytes.length; at += size) heard.push(...reader.read(bytes.subarray(at, at + size)))
        expect(heard.filter(({ kind }) => kind === 'frame')).toEqual([{ kind: 'frame', frame }])
      }),
    )
  })

  test('text that a frame cannot carry is refused before it is sent', () => {
    for (const data of ['È', 'a\n', 'x'.repeat(1000)])
      expect(() => encodeFrame({ address: '01', protocol: 'N', pack: '0', data })).toThrow(RangeError)
  })

  test('a long text between STX and ETX is read in the time of its length', () => {
    const text = 'MANUALE                       22%           1,13\r\n'.repeat(10_000)
    const bytes = Buffer.from(`\x02${text}\x03`, 'latin1')
    const reader = new FrameReader()
    const heard = []
    for (let at = 0; at < bytes.length; at += 4096) heard.push(...reader.read(bytes.subarray(at, at + 4096)))
    expect(heard).toEqual([{ kind: 'text', text }])
  })
})
