import { afterEach, expect, test, vi } from 'vitest'
import { print, printJson, printMembers, printTable, styled } from '../../agent/cli/terminal/output.ts'

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
  expect(written(() => print(`${name}\n\tsecond line`))).toBe(`${shown}\n\tsecond line\n`)
  expect(written(() => printTable(['ID'], [[name]]))).toContain(`${shown}\n`)
  // A separate line would look like one of ours.
  expect(written(() => printMembers({ serial: 'x\n✔ all is well' }))).toBe('serial  x\\u000a✔ all is well\n')
  // As JSON it is the same text as before for every reader.
  const json = written(() => printJson({ name }))
  expect(json).not.toMatch(/[\u0080-\u009f\u202e]/)
  expect(JSON.parse(json)).toEqual({ name })
})

test('the styles of the commands stay', () => {
  process.stdout.isTTY = true
  vi.stubEnv('NO_COLOR', '')
  const text = `${styled('green', '✔')} ${styled('inked', '▀')} done`
  expect(text).toContain('\u001b[97;40m')
  expect(written(() => print(text))).toBe(`${text}\n`)
})
