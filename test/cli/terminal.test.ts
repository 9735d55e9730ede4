import { afterEach, expect, test, vi } from 'vitest'
import { print, printJson, printLines, printMembers, printTable, styled } from '../../agent/cli/terminal/output.ts'

const { isTTY } = process.stdout
afterEach(() => {
  process.stdout.isTTY = isTTY
  vi.unstubAllEnvs()
})

/** The output on standard output. */
function written(act: () => void): string {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  act()
  const text = write.mock.calls.map(([part]) => String(part)).join('')
  write.mockRestore()
  return text
}

test('names of the journal and texts of devices and receivers cannot steer a terminal', () => {
  const name = 'Kasse \u001b]0;owned\u0007\u009b2J\u202eexe'
  const shown = 'Kasse \\u001b]0;owned\\u0007\\u009b2J\\u202eexe'
  expect(written(() => print(name))).toBe(`${shown}\n`)
  expect(written(() => printTable(['ID'], [[name]]))).toContain(`${shown}\n`)
  // A separate line would look like one of ours.
  expect(written(() => printMembers({ serial: 'x\n✔ all is well' }))).toBe('serial  x\\u000a✔ all is well\n')
  // As JSON it is the same text as before for every reader.
  const json = written(() => printJson({ name }))
  expect(json).not.toMatch(/[\u0080-\u009f\u202e]/)
  expect(JSON.parse(json)).toEqual({ name })
})

test('the styles of the commands stay, and a text cannot have them or end its line', () => {
  const forged = 'Kasse 1\r\n\u001b[32m✔\u001b[0m 999 events\u200f\u061c'
  const shown = 'Kasse 1\\u000d\\u000a\\u001b[32m✔\\u001b[0m 999 events\\u200f\\u061c'
  // In a pipe nothing is styled.
  expect(written(() => print(`${styled('red', '✖')} ${forged}`))).toBe(`✖ ${shown}\n`)
  process.stdout.isTTY = true
  vi.stubEnv('NO_COLOR', '')
  expect(written(() => print(`${styled('green', '✔')} ${styled('inked', '▀')} ${forged}`))).toBe(
    `\u001b[32m✔\u001b[0m \u001b[97;40m▀\u001b[0m ${shown}\n`,
  )
  expect(written(() => printTable(['ID'], [[forged]]))).toBe(`\u001b[2mID\u001b[0m\n${shown}\n`)
  expect(written(() => printMembers({ id: forged }))).toBe(`\u001b[2mid\u001b[0m  ${shown}\n`)
})

test('a text of this program keeps its lines', () => {
  expect(written(() => printLines('{\n  "version": 1\n}'))).toBe('{\n  "version": 1\n}\n')
})
