import { expect, test } from 'vitest'
import { Recording } from '../../drivers/recording/recording.ts'
import { RCH_DIALECT } from '../../drivers/rt-rch/dialect.ts'
import { patientClock } from '../patient-clock.ts'
import { shownBy, shownByFolder } from './levels.ts'

/** The text of a file of which only its head and words are there. */
function textOf(from: 'device' | 'capture', ...words: readonly string[]): string {
  const recording = new Recording(RCH_DIALECT, patientClock)
  words.forEach(recording.say)
  let text = ''
  const time = '2026-11-29T12:00:00.000Z'
  const of = { firmware: '1.0', time, program: '1.0.0', model: 'Print! F', by: 'N. N.' }
  recording.passTo({ level: 'test unit', driver: 'rt-rch', from, ...of }, (part) => {
    text += part
  })
  recording.end()
  return text
}

test('the bytes captured in 2020 play as a CryptoVision and a Diebold TSE, and stay captures', async () => {
  const shown = [...(await shownByFolder()).values()].map(({ driver, status }) => [driver, status])
  const captures = ['tse-cryptovision', 'tse-diebold'].map((driver) => [driver, 'proven on captures'])
  expect(shown).toEqual(captures)
})

test('the level of a file is that of its completed steps when it is played, never that of its head', async () => {
  const forged = textOf('device', 'asks for the matricola', '  matricola 72IV6000001', 'asks for its state', '  1.0')
  expect(await shownBy(forged)).toMatchObject({ driver: 'rt-rch', status: 'simulated' })
})

test('a file whose bytes are neither of a device nor a capture is refused', async () => {
  const other = textOf('simulator' as 'device', 'asks for the matricola')
  await expect(shownBy(other)).rejects.toThrow('from: simulator is neither device nor capture')
})
