import { describe, expect, test } from 'vitest'
import type { Parameter } from '../../../drivers/tse-cryptovision/codec.ts'
import {
  ANSWER_DATA_MAX,
  commandCode,
  decodeAnswer,
  decodeCommand,
  decodeParameters,
  decodeRequest,
  dropBlocks,
  encodeAnswer,
  encodeCommand,
  encodeParametersAnswer,
  encodeRequest,
  nextBlock,
  readAnswerHead,
  responseMode,
  u32,
  wakeData,
} from '../../../drivers/tse-cryptovision/codec.ts'
import { errorOf } from '../../../drivers/tse-cryptovision/device-errors.ts'
import { longsAt, mappedClients, numberAt, textAt } from '../../../drivers/tse-cryptovision/values.ts'
import { fc } from '../../properties.ts'

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex')
}

function text(value: string): Parameter {
  return { type: 'text', value }
}

function bytes(value: Uint8Array): Parameter {
  return { type: 'bytes', value }
}
const HEADER = '41645661 6e634544 20536543 75526520 53442f4d 4d432043 41726401'

/** A block as the card leaves it: header, then the recorded bytes from offset 28, then the rest of the request. */
function recorded(fromOffset28: string): Buffer {
  const block = Buffer.alloc(8192, 0xee)
  hex(HEADER + fromOffset28).copy(block)
  return block
}

describe('requests of a recorded dialogue (firmware of 2019)', () => {
  const rows: readonly [string, Buffer, string][] = [
    ['waking', encodeRequest(wakeData, responseMode.disableSuspend), 'deadbeef 0002 5344 0000'],
    ['start', encodeRequest(encodeCommand(commandCode.start)), 'deadbeef 0006 0000 5c54 0000 0000'],
    [
      'a login',
      encodeRequest(encodeCommand(commandCode.authenticateUser, [text('TimeAdmin'), bytes(Buffer.from('22222222'))])),
      'deadbeef 001d 0000 5c54 0003 0017 04 0009 54696d6541646d696e 02 0008 3232323232323232',
    ],
    [
      'the time',
      encodeRequest(encodeCommand(commandCode.updateTime, [bytes(u32(0x5ec14360))])),
      'deadbeef 000d 0000 5c54 0007 0007 02 0004 5ec14360',
    ],
    [
      'a logout',
      encodeRequest(encodeCommand(commandCode.logout, [text('TimeAdmin')])),
      'deadbeef 0012 0000 5c54 0005 000c 04 0009 54696d6541646d696e',
    ],
    [
      'the whole archive',
      encodeRequest(
        encodeCommand(commandCode.exportData, [
          text(''),
          ...[0xffffffff, 0, 0xffffffff, 0, 0xffffffff, 0].map((value) => bytes(u32(value))),
        ]),
      ),
      'deadbeef 0033 0000 5c54 000d 002d 04 0000 02 0004 ffffffff 02 0004 00000000 02 0004 ffffffff 02 0004 00000000 02 0004 ffffffff 02 0004 00000000',
    ],
    ['the next block', encodeRequest(nextBlock), 'deadbeef 0001 0000 c5'],
    ['no more blocks', encodeRequest(dropBlocks), 'deadbeef 0001 0000 c4'],
  ]

  test.each(rows)('%s', (_name, block, expected) => {
    const start = hex(HEADER + expected)
    expect(block.subarray(0, start.length)).toEqual(start)
    expect(block.length % 512).toBe(0)
    expect(block.subarray(start.length).every((byte) => byte === 0)).toBe(true)
  })
})

describe('answers of a recorded dialogue', () => {
  test('the card is busy, then names firmware and unique id', () => {
    expect(decodeAnswer(recorded('00000000 ffff'))).toBe('pending')
    const answer = decodeAnswer(
      recorded(
        '00000000 0033 0031 04 001b 3436323037362044656320313820323031392030303a31313a3530 02 0010 0103d047f5001b8559efc7f5aaf54c67',
      ),
    )
    if (answer === 'pending') throw new Error('an answer was expected')
    expect(readAnswerHead(answer)).toEqual({ kind: 'parameters', bytes: 51 })
    const parameters = decodeParameters(answer.subarray(2))
    expect(textAt(parameters, 0)).toBe('462076 Dec 18 2019 00:11:50')
    expect(parameters[1]).toEqual(bytes(hex('0103d047f5001b8559efc7f5aaf54c67')))
    expect(encodeParametersAnswer(parameters)).toEqual(Buffer.from(answer))
  })

  test('a login succeeds with three tries left, a command without login is refused without effect', () => {
    const login = decodeAnswer(recorded('00000000 000b 0009 01 0001 00 03 0002 0003'))
    if (login === 'pending') throw new Error('an answer was expected')
    expect([0, 1].map((index) => numberAt(decodeParameters(login.subarray(2)), index))).toEqual([0, 3])
    const refused = decodeAnswer(recorded('00000000 0002 8008'))
    if (refused === 'pending') throw new Error('an answer was expected')
    expect(readAnswerHead(refused)).toEqual({ kind: 'error', code: 0x8008 })
    expect(errorOf(0x8008)).toMatchObject({ code: 'not_authorised', effect: 'none', deviceCode: '8008' })
  })

  test('an archive announces its length and comes in blocks', () => {
    const first = decodeAnswer(recorded('00000000 1fde 9000 0000000000004e00'))
    if (first === 'pending') throw new Error('an answer was expected')
    expect(first).toHaveLength(ANSWER_DATA_MAX)
    expect(readAnswerHead(first)).toEqual({ kind: 'archive', bytes: 10 + 19_968 })
    const last = decodeAnswer(recorded('00000000 0e4e'))
    expect(first.length - 10 + ANSWER_DATA_MAX + last.length).toBe(19_968)
  })

  test('an empty block, an unanswered request and another header are distinguished', () => {
    expect(decodeAnswer(Buffer.alloc(8192))).toBe('pending')
    expect(decodeAnswer(recorded('deadbeef 0002'))).toBe('pending')
    expect(() => decodeAnswer(Buffer.alloc(8192, 1))).toThrow(expect.objectContaining({ code: 'garbled' }))
    expect(() => decodeAnswer(recorded('00000000 ff45'))).toThrow(expect.objectContaining({ code: 'timeout' }))
    expect(() => decodeAnswer(recorded('00000000 ff12'))).toThrow(
      expect.objectContaining({ code: 'unavailable', effect: 'unknown', deviceCode: 'ff12' }),
    )
  })

  test('only the open transactions that arrived count, whatever length was announced', () => {
    const list = [1, 2, 3, 4].map((value) => u32(value))
    const answer = Buffer.concat([hex('0015 05 0010'), ...list])
    expect(answer).toHaveLength(21)
    expect(readAnswerHead(answer)).toEqual({ kind: 'parameters', bytes: 23 })
    expect(longsAt(decodeParameters(answer.subarray(2, 23)), 0)).toEqual([1, 2, 3, 4])
  })

  test('clients are read from mappings whose outer lengths are wrong', () => {
    const mapping = (id: string): Buffer =>
      Buffer.concat([Buffer.of(0x30, 0x7f), Buffer.of(0x04, id.length), Buffer.from(id), hex('0402abcd')])
    const list = Buffer.concat([Buffer.of(0x30, 0x02), mapping('till-1'), mapping('till-2')])
    expect(mappedClients(list)).toEqual(['till-1', 'till-2'])
  })
})

const parameter = fc.oneof(
  fc.integer({ min: 0, max: 255 }).map((value): Parameter => ({ type: 'byte', value })),
  fc.uint8Array({ maxLength: 200 }).map((value) => bytes(Buffer.from(value))),
  fc.integer({ min: 0, max: 65_535 }).map((value): Parameter => ({ type: 'short', value })),
  fc.string({ maxLength: 40, unit: 'grapheme-ascii' }).map((value) => text(value)),
  fc
    .array(fc.integer({ min: 0, max: 0xffffffff }), { maxLength: 20 })
    .map((value): Parameter => ({ type: 'longs', value })),
)

test('every request and answer is read back unchanged', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 255 }), fc.array(parameter, { maxLength: 8 }), (code, parameters) => {
      const request = encodeRequest(encodeCommand(code, parameters))
      const command = decodeCommand(decodeRequest(request)?.data ?? Buffer.alloc(0))
      expect(command).toEqual({ code, parameters })
      const answer = encodeParametersAnswer(parameters)
      expect(decodeAnswer(encodeAnswer(request, answer))).toEqual(answer)
    }),
  )
})

test('no bytes of a block make the reader fail in an undocumented way', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 2, maxLength: 64 }), (noise) => {
      const block = recorded('00000000')
      block.set(noise, 32)
      try {
        const answer = decodeAnswer(block)
        if (answer !== 'pending' && readAnswerHead(answer).kind === 'parameters') decodeParameters(answer.subarray(2))
      } catch (error) {
        expect(error).toMatchObject({ name: 'DeviceError' })
      }
    }),
  )
})
