import { lstatSync, mkdirSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fileToWrite } from '../../agent/cli/files/file-to-write.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { fiskalEdge, ownConfig } from './command.ts'

test('a file, a folder and a missing path are places to write to; other kinds of files are not', async () => {
  const folder = await temporaryDirectory()
  const at = (name: string): string => join(folder, name)
  writeFileSync(at('file'), '')
  mkdirSync(at('folder'))
  symlinkSync('file', at('link'))
  for (const name of ['file', 'folder', 'link', 'new']) expect(fileToWrite(at(name))).toBe(at(name))
  symlinkSync('/proc/self/fd/1', at('stdout'))
  for (const path of [at('stdout'), '/dev/null']) expect(() => fileToWrite(path)).toThrow(/It is not a file/)
})

test('an export to standard output leaves /dev/stdout unchanged', async () => {
  const link = join(await temporaryDirectory(), 'stdout')
  symlinkSync('/proc/self/fd/1', link)
  const config = ['--config', ownConfig()]
  for (const command of [
    ['export', 'journal', '--out', link],
    ['backup', link, '--no-secrets'],
    ['support', 'bundle', link],
    ['tls', 'init', '--out', link],
  ])
    expect(await fiskalEdge(...command, ...config)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/It is not a file/),
    })
  expect([lstatSync(link).isSymbolicLink(), readlinkSync(link)]).toEqual([true, '/proc/self/fd/1'])
})
