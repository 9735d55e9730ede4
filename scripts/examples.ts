import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { PlayedStep } from '../agent/contract/examples.ts'
import { withoutRandom } from './scenario/comparable.ts'
import { playScenario } from './scenario/played.ts'

// node scripts/examples.ts
// Plays the scenario on a new agent and writes what it answered, unless only ids, times, signatures and hashes differ.
const FILE = new URL('../agent/contract/examples.json', import.meta.url)

const played = await playScenario()
const written = existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as readonly PlayedStep[]) : []
if (JSON.stringify(withoutRandom(written)) === JSON.stringify(withoutRandom(played))) {
  console.log(`${played.length} steps, as they are written`)
} else {
  writeFileSync(FILE, `${JSON.stringify(played, undefined, 1)}\n`)
  console.log(`${played.length} steps written`)
}
