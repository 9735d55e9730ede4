import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../cli/command.ts'
import { smoke } from '../tags.ts'
import { execFileSync } from '../waits.ts'
import type { Repository } from './named-in-documents.ts'
import { missingIn } from './named-in-documents.ts'

const SOURCE = /\.(ts|js|cjs|mjs|c|sh|service|rules|json)$/
/** This folder writes names that do not exist, as examples. */
const EXAMPLES = 'test/repository/named-in-documents'
/** Variables of other programs that a page explains. */
const FOREIGN = new Set(['HTTPS_PROXY'])

function listed(): string[] {
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: ROOT })
  return String(files)
    .split('\n')
    .filter((file) => file !== '' && existsSync(join(ROOT, file)))
}

function constantsIn(files: readonly string[]): Set<string> {
  const sources = files.filter((file) => SOURCE.test(file) && !file.startsWith(EXAMPLES))
  return new Set(sources.flatMap((file) => readFileSync(join(ROOT, file), 'utf8').match(/\b[A-Z][A-Z0-9_]+\b/g) ?? []))
}

test('each source file and each constant that a document names exists', smoke(), () => {
  const files = listed()
  const constants = constantsIn(files)
  const repository: Repository = { files, hasConstant: (name) => constants.has(name) || FOREIGN.has(name) }
  const missing = files
    .filter((file) => file.endsWith('.md'))
    .flatMap((file) => missingIn(file, readFileSync(join(ROOT, file), 'utf8'), repository))
  expect(missing.map(({ document, line, name }) => `${document}:${line} ${name}`)).toEqual([])
})

test('a path that no file has, and a constant that no source has, are found', () => {
  const repository: Repository = {
    files: ['agent/till/recording/recorder.ts', 'agent/laws/italy/settings.ts', 'sync/sender.ts', 'sync/README.md'],
    hasConstant: (name) => name === 'SECRET_FILES',
  }
  const named = (document: string, ...lines: string[]) =>
    missingIn(document, lines.join('\n'), repository).map(({ line, name }) => `${line} ${name}`)
  expect(
    named('A.md', '`agent/till/recording/recorder.ts`, `till/recording/recorder.ts` and `sync/sender.ts`'),
  ).toEqual([])
  expect(named('A.md', '`agent/laws/<law>/settings.ts`, `laws/<law>/books.ts`')).toEqual(['1 laws/<law>/books.ts'])
  expect(named('A.md', '`recorder.ts`', '`agent/till/`: `recorder.ts`', '# B', '`recorder.ts`')).toEqual([
    '1 recorder.ts',
    '4 recorder.ts',
  ])
  expect(named('agent/README.md', '| `till/` | `recording/` (`recorder.ts`) |', '| `laws/` | `recorder.ts` |')).toEqual(
    ['2 recorder.ts'],
  )
  expect(named('sync/README.md', '# S', '`sender.ts`, `node sync/sender.ts --now`, `node sync/gone.ts`')).toEqual([
    '2 sync/gone.ts',
  ])
  expect(named('A.md', '`SECRET_FILES`, `SECRET_KEY`, `TSE`', '```', '`SECRET_KEY`', '```')).toEqual(['1 SECRET_KEY'])
})
