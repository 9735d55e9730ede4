import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { EVENT_KINDS } from '../agent/journal/event-kinds.ts'
import { sha256 } from '../base/sha256.ts'
import { debianVersion, isAtLeast, OLDEST_SAFE_VERSION, packageVersion } from '../base/version.ts'
import { keptJournals, playTests } from './releases/journals.ts'
import type { ProvenShop } from './releases/kept-shop.ts'
import { KINDS_WITHOUT_JOURNAL } from './releases/kept-tests.ts'
import { packJson } from './releases/packed.ts'
import { packProgram } from './releases/program.ts'
import { proven } from './releases/proven.ts'
import { publicWords } from './releases/public-words.ts'
import type { Release } from './releases/release-folder.ts'
import { JOURNALS, MANIFEST, PROGRAM, PUBLIC_WORDS, SHOPS } from './releases/release-folder.ts'
import { playShops } from './releases/shops.ts'
import type { Words } from './releases/words.ts'
import { wordsOf } from './releases/words.ts'

/**
 * `npm run release`: makes releases/VERSION/ of the commit, to which every later commit is held (test/releases). `--as
 * VERSION` makes a candidate before its version is set. Tests of `test/e2e` run, whose journals it keeps.
 */
const ROOT = resolve(import.meta.dirname, '..')
/** Before it nothing was promised. */
const FIRST = '1.0.0'

function git(...args: readonly string[]): string {
  return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim()
}

/** Throws unless a release of this version may be made of this tree. */
function demandRelease(version: string, folder: string): void {
  if (!isAtLeast(version, FIRST)) throw new Error(`${version} is not a release: it must be ${FIRST} or newer`)
  if (existsSync(folder)) throw new Error(`${folder} exists: a release is never made again`)
  const changes = git('status', '--porcelain')
  if (changes !== '') throw new Error(`a release is made of a commit; these files differ from it:\n${changes}`)
}

async function provenShops(): Promise<readonly ProvenShop[]> {
  const shops: ProvenShop[] = []
  for (const shop of await playShops()) {
    const attempt = await proven(shop)
    if (typeof attempt === 'string') throw new Error(`${shop.name}: ${attempt}`)
    if (!attempt.sold) throw new Error(`${shop.name}: no register sells after a start`)
    if (attempt.exchanges.length < shop.exchanges.length) throw new Error(`${shop.name}: a key has lost its answer`)
    shops.push(attempt)
  }
  return shops
}

/** Throws unless exactly the kinds that no journal has are listed with a reason. */
function demandReasons(words: Words): void {
  const listed = Object.keys(KINDS_WITHOUT_JOURNAL)
  const missing = EVENT_KINDS.filter((kind) => !words.has(kind) && !listed.includes(kind))
  const present = listed.filter((kind) => words.has(kind))
  if (missing.length > 0) throw new Error(`in no journal, and without a reason (kept-tests.ts): ${missing.join(', ')}`)
  if (present.length > 0) throw new Error(`in a journal, and listed as absent (kept-tests.ts): ${present.join(', ')}`)
}

/** Packages of this version that `npm run package` left. */
function builtPackages(version: string): Record<string, string> {
  const names = globSync(`dist/*_${debianVersion(version)}_*.deb`, { cwd: ROOT }).sort()
  return Object.fromEntries(
    names.map((name) => [basename(name), sha256(readFileSync(join(ROOT, name))).toString('hex')]),
  )
}

/** From the shops that the tests leave, or left before in the folder `--benches`. */
async function journals(known: Words): ReturnType<typeof keptJournals> {
  if (values.benches !== undefined) return keptJournals(resolve(values.benches), known)
  const folder = mkdtempSync(join(tmpdir(), 'benches-'))
  try {
    playTests(ROOT, folder)
    return await keptJournals(folder, known)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function make(version: string, folder: string): Promise<void> {
  const commit = git('rev-parse', 'HEAD')
  const shops = await provenShops()
  const known = new Set(shops.flatMap((shop) => [...wordsOf(shop).words]))
  const { kept, words } = await journals(known)
  demandReasons(words)
  const files: Record<string, Buffer> = {
    ...Object.fromEntries(shops.map((shop) => [SHOPS[shop.name as keyof typeof SHOPS], packJson([shop])])),
    [JOURNALS]: packJson(kept),
    [PUBLIC_WORDS]: packJson(publicWords(ROOT)),
    [PROGRAM]: packProgram(ROOT, commit),
  }
  const release: Release = {
    version,
    program_version: packageVersion(),
    oldest_safe_version: OLDEST_SAFE_VERSION,
    commit,
    files: Object.fromEntries(
      Object.entries(files).map(([name, bytes]) => [
        name,
        { bytes: bytes.length, sha256: sha256(bytes).toString('hex') },
      ]),
    ),
    packages: builtPackages(version),
    kinds_without_journal: KINDS_WITHOUT_JOURNAL,
  }
  mkdirSync(dirname(folder), { recursive: true })
  // Complete or not at all.
  const unfinished = mkdtempSync(`${folder}.`)
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(unfinished, name), bytes)
  writeFileSync(join(unfinished, MANIFEST), `${JSON.stringify(release, undefined, 2)}\n`)
  chmodSync(unfinished, 0o755)
  renameSync(unfinished, folder)
  for (const name of Object.keys(files)) console.log(`${name}: ${statSync(join(folder, name)).size} bytes`)
  console.log(`${kept.length} journals of tests, ${words.size} kinds and members; commit ${folder}`)
}

const { values } = parseArgs({ options: { as: { type: 'string' }, benches: { type: 'string' } } })
const version = values.as ?? packageVersion()
const folder = join(ROOT, 'releases', version)
try {
  demandRelease(version, folder)
  await make(version, folder)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
