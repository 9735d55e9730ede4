import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { compileRooms } from '../../scripts/package/contents.ts'
import { ROOT } from '../cli/command.ts'

const folder = mkdtempSync(join(tmpdir(), 'contents-'))
compileRooms(ROOT, folder)
afterAll(() => rmSync(folder, { recursive: true }))

test('what a package starts or loads by the address of a file is a file that it holds', () => {
  const named = globSync('{agent,base,drivers,sync}/**/*.js', { cwd: folder }).flatMap((file) =>
    [...readFileSync(join(folder, file), 'utf8').matchAll(/new URL\('([^']+)', import\.meta\.url\)/g)].map(
      ([, name = '']) => join(folder, dirname(file), name),
    ),
  )
  const ours = named.filter((file) => !file.endsWith('package.json'))
  expect(ours.filter((file) => file.endsWith('-child.js') || file.endsWith('-worker.js')).length).toBeGreaterThan(5)
  expect(ours.filter((file) => !existsSync(file))).toEqual([])
})

test('a package holds every file that the status page loads, as it is in the source', () => {
  const page = join('agent', 'http', 'page', 'status')
  const files = globSync('*.{html,css,js,svg}', { cwd: join(ROOT, page) })
  expect(files.length).toBeGreaterThan(8)
  expect(globSync('*', { cwd: join(folder, page) }).sort()).toEqual(files.sort())
  for (const file of files) expect(readFileSync(join(folder, page, file))).toEqual(readFileSync(join(ROOT, page, file)))
})
