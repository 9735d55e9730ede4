import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { KeptShop, ProvenShop } from './kept-shop.ts'
import { KEPT_TESTS } from './kept-tests.ts'
import { proven } from './proven.ts'
import type { Words } from './words.ts'
import { fewest, wordsOf } from './words.ts'

/** The fewest journals of e2e tests that have each word which no shop of the release has yet, each of them proven. */
export async function keptJournals(folder: string, known: Words): Promise<{ kept: ProvenShop[]; words: Words }> {
  const candidates = benchesIn(folder).map((shop) => ({ ...wordsOf(shop), shop }))
  const kept: ProvenShop[] = []
  const words = await fewest(candidates, known, async ({ shop }) => {
    const attempt = await proven(shop)
    if (typeof attempt === 'string') console.log(`left out: ${shop.name}: ${attempt}`)
    else kept.push(attempt)
    return typeof attempt !== 'string'
  })
  return { kept, words }
}

/** Runs the tests; each bench that closes leaves its shop in the folder. Throws if a test fails. */
export function playTests(root: string, folder: string): void {
  const env = { ...process.env, KEEP_BENCHES: folder, TEST_SLICE: 'all' }
  const vitest = join(root, 'node_modules/.bin/vitest')
  const { status } = spawnSync(vitest, ['run', ...KEPT_TESTS], { cwd: root, env, stdio: 'inherit' })
  if (status !== 0) throw new Error('a test failed whose journal the release keeps')
}

function benchesIn(folder: string): KeptShop[] {
  return readdirSync(folder)
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as KeptShop)
    .filter(({ name }) => KEPT_TESTS.some((file) => name.startsWith(`${file}: `)))
}
