import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../cli/command.ts'
import { execFileSync } from '../waits.ts'

const FOLDER = 'docs/adr'
/** More are not read: why a single function is as it is belongs to its comment. */
const DECISIONS_MAX = 30

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8')
}

const decisions = globSync(`${FOLDER}/[0-9]*.md`, { cwd: ROOT }).toSorted()

test('the index of decisions lists each file once, with its title', () => {
  const listed = [...read(`${FOLDER}/README.md`).matchAll(/^- \[(\d{3})\]\((\S+)\) (.+)$/gm)]
  const titles = decisions.map((file) => [basename(file), /^# (.+)$/m.exec(read(file))?.[1]])
  expect(listed.map(([, number, file, title]) => [file, `${number}. ${title}`]).toSorted()).toEqual(titles.toSorted())
  for (const [, number, file] of listed) expect(file?.startsWith(`${number}-`)).toBe(true)
  expect(decisions.length).toBeLessThanOrEqual(DECISIONS_MAX)
})

test.each(decisions)('%s has context, decision and consequence', (file) => {
  expect([...read(file).matchAll(/^## (.+)$/gm)].map(([, head]) => head)).toEqual([
    'Context',
    'Decision',
    'Consequence',
  ])
})

test('each decision that a source or a page names by its number exists', () => {
  const numbers = new Set(decisions.map((file) => basename(file).slice(0, 3)))
  const output = execFileSync(
    'git',
    ['grep', '-nEi', 'docs/adr/[0-9]{3}|decision [0-9]{3}|ADR [0-9]{3}', '--', ':!test'],
    {
      cwd: ROOT,
      encoding: 'utf8',
    },
  )
  const named = output.split('\n').flatMap((line) => {
    const all = line.matchAll(/(?:docs\/adr\/|decision |ADR )(\d{3})/gi)
    return [...all].map(([, number]) => ({ number, line }))
  })
  expect(named.length).toBeGreaterThan(0)
  expect(named.filter(({ number }) => !numbers.has(number ?? '')).map(({ line }) => line)).toEqual([])
})
