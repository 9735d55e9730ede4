import { globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../cli/command.ts'
import { execFileSync } from '../waits.ts'

const KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=\s]{60}/

/** All of a copy without its history. */
function files(): string[] {
  try {
    const listed = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' })
    return listed.split('\0').filter((file) => file !== '')
  } catch {
    const exclude = (path: string): boolean => /(^|\/)(node_modules|\.git)$/.test(path)
    return globSync('**/*', { cwd: ROOT, exclude }).filter((file) => statSync(join(ROOT, file)).isFile())
  }
}

/** A test that writes to a folder without a name writes into the repository. */
test('no private key is in the repository, nor a folder that was meant for elsewhere', () => {
  const all = files()
  expect(all.length).toBeGreaterThan(1000)
  expect(all.filter((file) => /\[object|undefined|\bnull\b/.test(file))).toEqual([])
  expect(all.filter((file) => KEY.test(readFileSync(join(ROOT, file), 'latin1')))).toEqual([])
})
