// @module-tag heavy
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { spawnSync } from '../waits.ts'

const root = resolve(import.meta.dirname, '..', '..')

function run(tests: string): { last: string; output: string; code: number | null } {
  const tree = mkdtempSync(join(tmpdir(), 'reporter-'))
  mkdirSync(join(tree, 'test'))
  symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'))
  writeFileSync(join(tree, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(tree, 'test', 'it.test.ts'), `import { expect, test } from 'vitest'\n${tests}`)
  const args = ['run', '--root', tree, '--config', join(root, 'vitest.config.ts')]
  // Its node_modules is a link.
  const env = { ...process.env, NODE_PRESERVE_SYMLINKS: '' }
  const ran = spawnSync(join(root, 'node_modules', '.bin', 'vitest'), args, { cwd: tree, encoding: 'utf8', env })
  return { last: ran.stdout.trimEnd().split('\n').at(-1) ?? '', output: ran.stdout + ran.stderr, code: ran.status }
}

test('the last line counts what passed and what failed', () => {
  const { last, output, code } = run(`
    test('good', () => expect(1).toBe(1))
    test('also good', () => expect(2).toBe(2))
    test('bad', () => expect('apples').toBe('pears'))
    test.skip('left out', () => undefined)`)
  expect(last).toBe('2 passed, 2 failed')
  expect(output).toContain('✖ test/it.test.ts > bad')
  expect(output).toContain('pears')
  expect(output).toContain('left out')
  expect(code).toBe(1)
})

test('the failures are repeated after the last test', () => {
  const { output } = run(`
    test('bad', () => expect('apples').toBe('pears'))
    test('good', () => expect(1).toBe(1))`)
  const end = output.slice(output.indexOf('All failures again:'))
  expect(end).toMatch(/^All failures again:\n✖ test\/it.test.ts > bad\n[\s\S]*pears[\s\S]*\n1 passed, 1 failed\n/)
})

test('a failure is reported with its cause', () => {
  const { output } = run(`
    test('reset', () => {
      const cause = Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' })
      throw new TypeError('fetch failed', { cause })
    })`)
  expect(output).toMatch(/fetch failed[\s\S]*caused by UND_ERR_SOCKET: Error: other side closed/)
})

test('a file that cannot be read fails', () => {
  const { last, code } = run("import './nowhere.ts'\ntest('never', () => undefined)")
  expect(last).toBe('0 passed, 1 failed')
  expect(code).toBe(1)
})

test('the seconds of each folder are before the last line', () => {
  const { output, last } = run("test('good', () => expect(1).toBe(1))")
  expect(output).toMatch(/\nSeconds of the test files by folder:\n +\d+\.\d s {2}test\n/)
  expect(last).toBe('1 passed, 0 failed')
})
