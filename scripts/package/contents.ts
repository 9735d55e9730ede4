import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { dirname, join } from 'node:path'

type LockEntry = {
  readonly version?: string
  readonly dev?: boolean
  readonly optional?: boolean
  readonly cpu?: string | readonly string[]
  readonly os?: string | readonly string[]
  readonly libc?: string | readonly string[]
}

/** The name that npm and Node use. */
export type Cpu = 'x64' | 'arm64'

/** The folders of the product: gates, package and tests take them from here. */
export const FOLDERS = ['agent', 'alerts', 'base', 'drivers', 'receiver', 'sync', 'verify']
/** Files of the project's folder that are installed as they are. */
export const PAPERS = ['README.md', 'CHANGELOG.md', 'SECURITY.md', 'LICENSE', 'maintainer.json']
/** The agent quotes them in its OpenAPI document. */
const EXAMPLES = 'agent/contract/examples.json'
/** The agent answers it unless a file of the agent is newer: copied last. */
const OPENAPI = 'clients/openapi.json'
/**
 * Compiles our own code to JavaScript: an installed agent strips no types, which halves the first start and saves 15
 * MB. Names of modules and of the entries of child processes change with it.
 */
export function compileFolders(from: string, to: string): number {
  const files = FOLDERS.flatMap((room) => globSync(`${room}/**/*.ts`, { cwd: from }))
  for (const file of files) {
    const target = join(to, file.replace(/\.ts$/, '.js'))
    mkdirSync(dirname(target), { recursive: true })
    const plain = stripTypeScriptTypes(readFileSync(join(from, file), 'utf8'))
    writeFileSync(target, plain.replaceAll(/((?:from|import)\s*\(?\s*|new URL\()'(\.\.?\/[^']+)\.ts'/g, "$1'$2.js'"))
  }
  cpSync(join(from, EXAMPLES), join(to, EXAMPLES))
  // Files that are served, drawn, compiled or read unchanged: the pages, a font, the stand-in for a vendor's
  // library, the tables of a verifier.
  for (const file of FOLDERS.flatMap((room) => globSync(`${room}/**/*.{js,css,html,svg,c,ttf,txt}`, { cwd: from }))) {
    cpSync(join(from, file), join(to, file))
  }
  cpSync(join(from, OPENAPI), join(to, OPENAPI))
  return files.length
}

/** Copies the packages that run in production on that processor. `from` holds node_modules. */
export function copyModules(from: string, to: string, cpu: Cpu): string[] {
  const names = productionModules(from, cpu)
  const filter = (path: string): boolean => isNeeded(path.slice(from.length), cpu)
  for (const name of names) cpSync(join(from, name), join(to, name), { recursive: true, filter })
  for (const bin of globSync('node_modules/**/.bin', { cwd: to })) rmSync(join(to, bin), { recursive: true })
  return names
}

/** The packages that run in production on that processor, according to the lockfile. */
export function productionModules(from: string, cpu: Cpu): string[] {
  const lock = JSON.parse(readFileSync(join(from, 'package-lock.json'), 'utf8')) as {
    packages: Readonly<Record<string, LockEntry>>
  }
  return Object.entries(lock.packages).flatMap(([name, entry]) => {
    // Node itself is placed in bin/; types are for compilers.
    if (name.includes('/node-linux-') || name.startsWith('node_modules/@types/')) return []
    if (name === '' || !fits(entry, cpu)) return []
    if (existsSync(join(from, name))) return [name]
    if (entry.optional === true) return []
    throw new Error(`${name} is not installed: npm ci`)
  })
}

function fits({ dev, cpu, os, libc }: LockEntry, wanted: Cpu): boolean {
  const allows = (rule: string | readonly string[] | undefined, value: string): boolean =>
    rule === undefined || [rule].flat().includes(value)
  return dev !== true && allows(cpu, wanted) && allows(os, 'linux') && allows(libc, 'glibc')
}

/** Omits sources, tests, types and the libraries of other systems, but no licences. */
function isNeeded(path: string, cpu: Cpu): boolean {
  if (/\/(LICEN[CS]E|NOTICE|COPYING)[^/]*$/i.test(path)) return true
  const inner = path.replace(/^.*node_modules\/(@[^/]+\/)?[^/]+/, '')
  if (/^\/(test|tests|__tests__|docs|examples?|benchmarks?|\.github)(\/|$)/.test(inner)) return false
  if (/\.(md|markdown|map|d\.[cm]?ts|[cm]?ts|tsx|gyp|gypi|c|cc|cpp|h|hpp|o|a|mk)$/.test(inner)) return false
  if (/(better-sqlite3\/(deps|src)|pkcs11js\/(src|includes)|bindings-cpp\/src|zod\/src)(\/|$)/.test(path)) return false
  if (/pkcs11js\/build\/.*(\.deps|obj\.target|Makefile|binding\.Makefile)/.test(path)) return false
  return isForMachine(path, cpu)
}

/** Compiled modules: `prebuilds/linux-x64.node` (better-sqlite3), `prebuilds/linux-x64/…glibc.node` (serialport). */
function isForMachine(path: string, cpu: Cpu): boolean {
  const place = /\/prebuilds\/([^/]+)/.exec(path)?.[1]
  if (place === undefined) return true
  if (!place.startsWith(`linux-${cpu}`)) return false
  return !path.endsWith('.musl.node')
}
