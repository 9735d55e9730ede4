import { describe, expect, test } from 'vitest'
import {
  ArchiveReader,
  command,
  decodeBuffered,
  decodeDate,
  decodeHex,
  decodeNumber,
  decodeRequests,
  encodeAnswer,
  encodeDate,
  encodeRequest,
  findAnswer,
} from '../../../drivers/tse-diebold/codec.ts'
import { errorOf } from '../../../drivers/tse-diebold/device-errors.ts'
import { fc } from '../../properties.ts'

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex')
}
const ASB_ID = '380d7771-4462-4ff9-965a-f63755bd8c8d'

function text(values: readonly Buffer[]): string[] {
  return values.map((value) => value.toString('latin1'))
}

describe('a dialogue captured in 2020', () => {
  const asb =
    '1b90 303033 1b92 30 1b99 33383064373737312d343436322d346666392d393635612d663633373535626438633864 1b9d 1b9f'
  const asbAnswer = '1b91 303033 1b99 33383064373737312d343436322d346666392d393635612d663633373535626438633864 1b9f'
  const reset =
    '1b90 333039 1b92 31 1b99 66326339393266382d633438652d343166622d393033392d666566393065376637393335 1b9d 1b9f'
  const status =
    '1b91 303031 1b92 30303030 1b92 3030 1b99 66653862333533332d386631652d346530642d383464332d346234326163303738633064 1b9f'
  const slot =
    `1b91 313039 1b92 3033 1b92 3030 1b92 30 1b92 30303031303030333030303130303034 1b92 303036393739333231383536
    1b92 303036393739333231383536 1b92 32302e30372e323032372032333a35393a3539 1b92 30303139393939393934
    1b92 65636473612d706c61696e2d534841333834 1b99 65383165636363382d633339372d346161372d623261642d363865613331326133613161 1b9f`.replaceAll(
      /\s/g,
      '',
    )

  test('status messages are switched off', () => {
    const request = encodeRequest({ command: command.setAsb, parameters: ['0'], id: ASB_ID })
    expect(request).toEqual(hex(asb))
    expect(findAnswer(hex(asbAnswer), command.setAsb, ASB_ID)).toMatchObject({ answer: { values: [] } })
    expect(encodeAnswer({ command: command.setAsb, id: ASB_ID, values: [] })).toEqual(hex(asbAnswer))
  })

  test('the export buffer is reset', () => {
    const id = 'f2c992f8-c48e-41fb-9039-fef90e7f7935'
    expect(encodeRequest({ command: command.resetExportBuffer, parameters: ['1'], id })).toEqual(hex(reset))
  })

  test('the status names no error', () => {
    const reply = findAnswer(hex(status), command.getMfcStatus, 'fe8b3533-8f1e-4e0d-84d3-4b42ac078c0d')
    expect(text(reply?.answer.values ?? [])).toEqual(['0000', '00'])
  })

  test('a slot reports its TSE', () => {
    const reply = findAnswer(hex(slot), command.getSlotInfo, 'e81eccc8-c397-4aa7-b2ad-68ea312a3a1a')
    const values = reply?.answer.values ?? []
    expect(text(values).slice(0, 4)).toEqual(['03', '00', '0', '0001000300010004'])
    expect([values[4], values[5], values[7]].map(decodeNumber)).toEqual([6_979_321_856, 6_979_321_856, 19_999_994])
    expect(decodeDate(values[6])).toBe(Date.parse('2027-07-20T23:59:59Z'))
    expect(text(values)[8]).toBe('ecdsa-plain-SHA384')
  })
})

describe('an answer is found by its id', () => {
  const answer = (id: string, ...values: string[]): Buffer =>
    encodeAnswer({ command: '109', id, values: values.map((value) => Buffer.from(value)) })
  const id = 'e81eccc8-c397-4aa7-b2ad-68ea312a3a1a'
  const late = 'fe8b3533-8f1e-4e0d-84d3-4b42ac078c0d'

  test('after status messages, late answers and halves of them', () => {
    for (const before of [hex('1b6b 0014 0f'), answer(late, 'x'), answer(late, 'x').subarray(9), hex('1b91 3130')]) {
      const reply = findAnswer(Buffer.concat([before, answer(id, '7')]), '109', id)
      expect(text(reply?.answer.values ?? [])).toEqual(['7'])
    }
  })

  test('not before it is whole, and never by another id', () => {
    const whole = answer(id, '7')
    for (let bytes = 0; bytes < whole.length; bytes += 1)
      expect(findAnswer(whole.subarray(0, bytes), '109', id)).toBeUndefined()
    expect(findAnswer(answer(late, '7'), '109', id)).toBeUndefined()
    expect(() => findAnswer(whole, '108', id)).toThrow(expect.objectContaining({ code: 'garbled' }))
  })

  test('a piece of a buffered answer has its stated length, whatever marks are in it', () => {
    const inner = encodeAnswer({ command: '306', id: late, values: [Buffer.from('QQ==')] })
    for (let cut = 1; cut < inner.length; cut += 1) {
      const pieces = [inner.subarray(0, cut), inner.subarray(cut)].map((data, packet) => {
        const values = ['2', String(packet), packet === 0 ? '00' : '01', String(data.length).padStart(5, '0')]
        const all = [...values.map((value) => Buffer.from(value)), data]
        return encodeAnswer({ command: command.getCommandResponse, id, values: all })
      })
      const read = pieces.map((piece) => {
        expect(findAnswer(piece.subarray(0, -1), command.getCommandResponse, id)).toBeUndefined()
        const values = findAnswer(Buffer.concat([hex('1b91 303034'), piece]), command.getCommandResponse, id)?.answer
          .values
        return values?.[4] ?? Buffer.alloc(0)
      })
      expect(text(decodeBuffered(Buffer.concat(read), '306').values)).toEqual(['QQ=='])
    }
  })
})

test('an archive is decoded as its pieces come, and one that breaks off is invalid', () => {
  const archive = Buffer.from('a tar archive of any length, not a multiple of three')
  const frame = encodeAnswer({ command: '300', id: ASB_ID, values: [Buffer.from(archive.toString('base64'))] })
  for (let size = 1; size < 40; size += 3) {
    const reader = new ArchiveReader('300')
    const parts: Buffer[] = []
    for (let at = 0; at < frame.length; at += size) parts.push(Buffer.from(reader.read(frame.subarray(at, at + size))))
    reader.finish()
    expect(Buffer.concat(parts)).toEqual(archive)
  }
  const inLines = archive.toString('base64').replace(/.{10}/g, '$&\r\n')
  const lines = encodeAnswer({ command: '300', id: ASB_ID, values: [Buffer.from(inLines)] })
  for (let size = 1; size < 40; size += 3) {
    const reader = new ArchiveReader('300')
    const parts: Buffer[] = []
    for (let at = 0; at < lines.length; at += size) parts.push(Buffer.from(reader.read(lines.subarray(at, at + size))))
    expect(reader.finish()).toBe(ASB_ID)
    expect(Buffer.concat(parts)).toEqual(archive)
  }
  const broken = new ArchiveReader('300')
  broken.read(frame.subarray(0, 30))
  expect(() => broken.finish()).toThrow(expect.objectContaining({ code: 'garbled' }))
})

test('a second archive is one of another key, which the unit says and the line has not garbled', () => {
  const value = Buffer.from(Buffer.from('logs').toString('base64'))
  const frame = encodeAnswer({ command: '300', id: ASB_ID, values: [value, value] })
  const foreign = { code: 'refused', effect: 'none', message: expect.stringContaining('two keys') }
  expect(() => new ArchiveReader('300').read(frame)).toThrow(expect.objectContaining(foreign))
  const spoilt = Buffer.concat([frame.subarray(0, 12), Buffer.from([0x1b, 0x41]), frame.subarray(12)])
  expect(() => new ArchiveReader('300').read(spoilt)).toThrow(expect.objectContaining({ code: 'garbled' }))
})

test('every request is read back unchanged, in any portions', () => {
  const value = fc.string({ unit: 'grapheme-ascii', maxLength: 20 })
  fc.assert(
    fc.property(fc.array(value, { maxLength: 6 }), fc.uuid(), fc.nat(40), (parameters, id, cut) => {
      const request = { command: '205', parameters, id, buffer: undefined }
      const bytes = encodeRequest(request)
      const first = decodeRequests(bytes.subarray(0, cut))
      const all = decodeRequests(Buffer.concat([first.rest, bytes.subarray(cut)]))
      expect([...first.requests, ...all.requests]).toEqual([request])
    }),
  )
})

test('dates go to the second in UTC, hexadecimal digits come in either case, an error keeps its code', () => {
  const ms = Date.parse('2026-02-28T23:59:59Z')
  expect(encodeDate(ms)).toBe('28.02.2026 23:59:59')
  expect(decodeDate(Buffer.from(encodeDate(ms)))).toBe(ms)
  expect([decodeHex(Buffer.from('0A')), decodeHex(Buffer.from('0a'))]).toEqual([10, 10])
  expect(decodeNumber(Buffer.from('00000000000000000042'))).toBe(42)
  expect(() => decodeNumber(Buffer.from('12345678901234567890'))).toThrow('decimal')
  expect(errorOf('010C')).toMatchObject({ code: 'self_test_due', effect: 'none', deviceCode: '010c' })
  expect(errorOf('0102')).toMatchObject({ code: 'certificate_expired', effect: 'unknown' })
})
