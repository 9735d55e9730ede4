import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../cli/command.ts'

const PAGE = readFileSync(join(ROOT, 'docs/performance.md'), 'utf8')
const SCRIPTS = join(ROOT, 'scripts/bench')
const BENCH = readFileSync(join(SCRIPTS, 'bench.ts'), 'utf8')

test('the page names each section of the bench, and no other', () => {
  const sections = [...BENCH.matchAll(/^ {4}\[\s*'([a-z-]+)',\s*\(\) =>/gm)].map(([, name = '']) => name)
  const named = [...PAGE.matchAll(/--(?:only ([a-z,-]+)|(against) COMMIT)/g)]
  const names = named.flatMap(([, only, against]) => (only ?? against ?? '').split(','))
  expect([...new Set(names)].sort()).toEqual(sections.toSorted())
})

test('the page names each script of the bench, or one that it names runs it', () => {
  const scripts = new Map(
    globSync('*.ts', { cwd: SCRIPTS }).map((name) => [name, readFileSync(join(SCRIPTS, name), 'utf8')] as const),
  )
  const reached = new Set(['bench.ts', ...[...scripts.keys()].filter((name) => PAGE.includes(`scripts/bench/${name}`))])
  for (const script of reached)
    for (const other of scripts.keys())
      if (new RegExp(`['/]${other}'`).test(scripts.get(script) ?? '')) reached.add(other)
  expect([...scripts.keys()].filter((name) => !reached.has(name))).toEqual([])
})
