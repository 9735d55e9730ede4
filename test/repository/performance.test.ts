import { execFile } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { ROOT } from '../cli/command.ts'
import { smoke } from '../tags.ts'

/** A counted figure of the page may be older than the code by this part of it: a greater rise needs a word there. */
const DRIFT_MOST = 0.05
const PAGE = readFileSync(join(ROOT, 'docs/performance.md'), 'utf8')
const SCRIPTS = join(ROOT, 'scripts/bench')
const BENCH = readFileSync(join(SCRIPTS, 'bench.ts'), 'utf8')

type Count = { files: number; functions: number; calls: number }

/** What a script of the benches prints; 1 is a target that a busy machine has missed. */
async function output(script: string, ...args: string[]): Promise<string> {
  const run = promisify(execFile)(process.execPath, [join(SCRIPTS, script), ...args], { cwd: ROOT })
  return run.then(
    ({ stdout }) => stdout,
    (error: { code?: unknown; stdout?: string }) => {
      if (error.code !== 1 || error.stdout === undefined || error.stdout === '') throw error
      return error.stdout
    },
  )
}

/** The target and the measured values in the row of the page that begins so. */
function row(first: string): { target: string; measured: string } {
  const line = PAGE.split('\n').find((one) => one.startsWith(`| ${first}`))
  const [, , target = '', measured = ''] = (line ?? '').split('|').map((cell) => cell.trim())
  if (measured === '') throw new Error(`docs/performance.md has no row ${first}`)
  return { target, measured }
}

function numbersIn(cell: string): number[] {
  return [...cell.matchAll(/\d[\d,.]*\d|\d/g)].map(([digits]) => Number(digits.replaceAll(',', '')))
}

test(
  'a create and a complete cross as many files, functions and calls as the page says, by at most 5 %',
  smoke(),
  async () => {
    const counts = JSON.parse(await output('calls.ts', '--json')) as { create: Count; complete: Count }
    for (const [name, { files, functions, calls }] of Object.entries(counts)) {
      const said = numbersIn(row(`a ${name}`).measured)
      expect(said).toHaveLength(3)
      const drifts = [files, functions, calls].map((count, index) => Math.abs(count / (said[index] ?? 0) - 1))
      expect(Math.max(...drifts), `${name}: ${files}, ${functions}, ${calls}, and not ${said}`).toBeLessThan(DRIFT_MOST)
    }
  },
)

test('the bench of receipts measures each form that the page names, by the targets of the page', smoke(), async () => {
  const printed = await output('receipts.ts', '--runs', '2')
  const { target } = row('receipt (')
  const [pdfMs, textMs] = numbersIn(target)
  for (const [form, limit] of [
    ['PDF, 80 mm', pdfMs],
    ['PDF, A4', pdfMs],
    ['text, 42 columns', textMs],
    ['ESC/POS, 42 columns', textMs],
  ] as const)
    expect(printed).toMatch(new RegExp(`${form}, p50 +[\\d.,]+ ms +≤ ${limit} ms`))
})

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
