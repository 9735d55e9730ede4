import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { nextFork } from '../forks/next-fork.ts'

const ROOT = resolve(import.meta.dirname, '..', '..')
const ROOMS = ['agent', 'alerts', 'base', 'drivers', 'receiver', 'sync', 'verify']
/** Of the browser. */
const PAGES = ['status', 'display'].map((page) => join('agent', 'http', 'page', page, '**'))

// All modules are loaded. A file that exports nothing is a program.
for (const file of globSync(`{${ROOMS.join()}}/**/*.ts`, { cwd: ROOT, exclude: PAGES })) {
  const path = join(ROOT, file)
  if (/^export (?!type )/m.test(readFileSync(path, 'utf8'))) await import(path)
}

process.argv = [process.execPath, join(ROOT, 'bin', 'fiskal-edge.cjs'), ...(await nextFork())]
await import(join(ROOT, 'agent', 'cli', 'main.ts'))
