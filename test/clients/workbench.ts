import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Ran } from '../cli/command.ts'
import { ROOT } from '../cli/command.ts'
import { perform } from '../perform.ts'
import { BUILD_LIMIT_MS } from '../waits.ts'

const SOURCE = join(ROOT, 'clients', 'generators')
/** `scripts/bootstrap.cjs` installs them. */
const INSTALLED = join(ROOT, 'node_modules', '.cache', 'generators')
const SHARED = ['calls.ts', 'names.ts', 'shift.ts', 'run.ts']

type Scripts = Readonly<Record<string, string>>
const { scripts } = JSON.parse(readFileSync(join(SOURCE, 'package.json'), 'utf8')) as { scripts: Scripts }

export const GENERATORS = ['openapi-typescript', 'hey-api', 'orval', 'oazapfts', 'swagger-typescript-api'] as const
export type Generator = (typeof GENERATORS)[number]

/** What this machine is missing; undefined if the packages of the lockfile are installed. */
export function whyNoGenerators(): string | undefined {
  const lockfile = readFileSync(join(SOURCE, 'package-lock.json'))
  const installed = join(INSTALLED, 'installed-lock.json')
  if (existsSync(installed) && readFileSync(installed).equals(lockfile)) return undefined
  return 'the packages of clients/generators/package-lock.json are not installed: npm test installs them, from a registry'
}

/** A copy of `clients/generators/` next to that document, with some generators, where its scripts run as they are. */
export function layOut(document: string, generators: readonly Generator[] = GENERATORS): string {
  const top = mkdtempSync(join(tmpdir(), 'generators-'))
  writeFileSync(join(top, 'openapi.json'), document)
  const folder = join(top, 'generators')
  const others = GENERATORS.filter((generator) => !generators.includes(generator))
  const leftOut = ['node_modules', 'generated', ...others].map((name) => `/${name}`)
  cpSync(SOURCE, folder, { recursive: true, filter: (path) => !leftOut.some((ending) => path.endsWith(ending)) })
  symlinkSync(join(INSTALLED, 'node_modules'), join(folder, 'node_modules'))
  for (const generator of generators) {
    mkdirSync(join(folder, generator, 'generated'))
    for (const name of SHARED) cpSync(join(SOURCE, name), join(folder, generator, name))
  }
  return folder
}

/** Runs a script of its package.json with the Node of this process. */
export function runScript(folder: string, name: string, ...more: readonly string[]): Promise<Ran> {
  const [command = '', ...args] = (scripts[name] ?? '').split(' ')
  const file = command === 'node' ? [] : [join(folder, 'node_modules', '.bin', command)]
  return run(folder, [...file, ...args, ...more])
}

/** Runs a script with the Node of this process, and without the settings of this test run. */
export function run(folder: string, args: readonly string[]): Promise<Ran> {
  const { PATH, HOME, TMPDIR } = process.env
  return perform(process.execPath, args, {
    cwd: folder,
    // None of them shall ask for a newer version or report its use.
    env: {
      PATH,
      HOME,
      TMPDIR,
      NO_COLOR: '1',
      CI: '1',
      REDOCLY_TELEMETRY: 'off',
      REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
    },
    timeout: BUILD_LIMIT_MS,
  })
}
