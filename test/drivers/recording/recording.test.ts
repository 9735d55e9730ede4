// @module-tag heavy
import { expect, test } from 'vitest'
import type { Dialect } from '../../../drivers/recording/dialect.ts'
import { Recording } from '../../../drivers/recording/recording.ts'
import { readRecording } from '../../recorded/recording-text.ts'

/** Questions begin with `?`; after `PIN ` comes a secret. */
const DIALECT: Dialect = {
  reads: (sent) => sent.startsWith('?'),
  answers: () => undefined,
  redacted: (text) => text.replace(/(?<=PIN )\w+/, (pin) => '0'.repeat(pin.length)),
}
const HEAD = { driver: 'tse-a', from: 'device', firmware: '1', time: '2026-11-29T12:00:00.000Z', program: '1' } as const

function recording() {
  return new Recording(DIALECT, { mono: () => 0n })
}

function textOf(ended: Recording): string {
  let text = ''
  ended.passTo({ level: 'look', ...HEAD }, (part) => {
    text += part
  })
  ended.end()
  return text
}

function bytes(text: string): Uint8Array {
  return Buffer.from(text, 'latin1')
}

test('each line is ASCII and one line, whatever bytes came, and is read back unchanged', () => {
  const made = recording()
  const answer = String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte))
  made.opened('serial 9600 8N1')
  made.sending(bytes('?'))
  made.heard(bytes(answer))
  made.broke('unplugged')
  made.say('a step\nwith ä')
  const text = textOf(made)
  expect(text.replace('ä', '')).toMatch(/^[\n -~]+$/)
  expect(readRecording(text).lines).toEqual([
    { sign: '=', text: 'serial 9600 8N1' },
    { sign: '>', text: '?' },
    { sign: '<', text: answer },
    { sign: 'x', text: 'unplugged' },
    { sign: '#', text: 'a step\\u000awith ä' },
  ])
})

test('bytes that do more than read do not leave at a look, and the file shows them', () => {
  const made = recording()
  expect(() => made.sending(bytes('delete all'))).toThrow(
    expect.objectContaining({ code: 'refused', effect: 'none', deviceCode: 'held_back' }),
  )
  made.allowEffects()
  made.sending(bytes('delete all'))
  expect(readRecording(textOf(made)).lines.map(({ sign }) => sign)).toEqual(['!', '>'])
})

test('a secret becomes zeros of its length, also one that came in two pieces', () => {
  const made = recording()
  made.hide('81726')
  made.sending(bytes('?PIN 81726'))
  made.heard(bytes('PIN 81'))
  made.heard(bytes('726 ok'))
  const { lines } = readRecording(textOf(made))
  expect(lines.map(({ text }) => text)).toEqual(['?PIN 00000', 'PIN 00', '000 ok'])
  expect(made.hasSecret).toBe(false)
})

test.each([
  ['plain', '?81726!'],
  ['in hexadecimal', '?3831373236'],
  ['in base64', '?ODE3MjY='],
])('a secret that is a whole field is found: %s', (_, sent) => {
  const made = recording()
  made.hide('81726')
  made.sending(bytes(sent))
  expect(made.hasSecret).toBe(true)
  let written = ''
  made.passTo({ level: 'look', ...HEAD }, (part) => {
    written += part
  })
  made.end()
  expect(written).toBe('')
})

test('digits within a longer field, and zeros, are not taken for a secret', () => {
  const made = recording()
  made.hide('81726')
  made.hide('00000')
  made.sending(bytes('?9817261 00000'))
  expect(made.hasSecret).toBe(false)
})

test('a path names no folder of its machine', () => {
  const made = recording()
  made.say('refused: /home/anna/shop/pin cannot be read, 2026/11 and and/or stay')
  expect(readRecording(textOf(made)).lines[0]?.text).toBe('refused: …/pin cannot be read, 2026/11 and and/or stay')
})

test('a secret that is read after the device sent it is found', () => {
  const made = recording()
  made.sending(bytes('?'))
  made.heard(bytes('serial 12345, 8'))
  made.hide('2345')
  expect(made.hasSecret).toBe(false)
  made.hide('12345')
  expect(made.hasSecret).toBe(true)
})

test('of a device that floods the line the beginning is kept, and that more came', () => {
  const made = recording()
  made.sending(bytes('?'))
  const piece = Buffer.alloc(1_048_576, 'x')
  for (let pieces = 0; pieces < 40; pieces += 1) made.heard(piece)
  const lines = textOf(made).split('\n')
  expect(lines.filter((line) => line.startsWith('< '))).toHaveLength(16)
  expect(lines.filter((line) => line.startsWith('x '))).toHaveLength(1)
})
