import fc from 'fast-check'
import { choiceIn } from '../scripts/tests/choice.ts'

// The same commit draws the same values, so that a failure can be run again.
fc.configureGlobal({ seed: choiceIn(process.env).seed })

// biome-ignore lint/performance/noBarrelFile: whoever imports it here has the seed
export { default as fc } from 'fast-check'
