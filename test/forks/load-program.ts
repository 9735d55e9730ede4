import { chmodSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { flushCompileCache, getCompileCacheDir } from 'node:module'
import { join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '..', '..')
const ROOMS = ['agent', 'alerts', 'base', 'drivers', 'receiver', 'sync', 'verify']
/** Of the browser. */
const PAGES = ['status', 'display'].map((page) => join('agent', 'http', 'page', page, '**'))

/** Loads all modules for the forks of this process. */
export async function loadProgram(): Promise<void> {
  for (const file of globSync(`{${ROOMS.join()}}/**/*.ts`, { cwd: ROOT, exclude: PAGES })) {
    const path = join(ROOT, file)
    // A file that exports nothing is a program.
    if (/^export (?!type )/m.test(readFileSync(path, 'utf8'))) await import(path)
  }
  keepCompiled()
}

/** For processes that forks start, also for those that become another user. */
function keepCompiled(): void {
  flushCompileCache()
  const folder = getCompileCacheDir()
  if (folder === undefined) return
  for (const name of readdirSync(folder)) if (/^[0-9a-f]{8}$/.test(name)) chmodSync(join(folder, name), 0o644)
}
