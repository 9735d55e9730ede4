// @module-tag heavy
import { test } from 'vitest'
import { OLDEST_SAFE_VERSION } from '../../base/version.ts'
import { stepBack } from '../e2e/step-back.ts'
import { COUNTRIES } from '../e2e/stepping-shop.ts'
import { formerProgram, RELEASES } from './former-program.ts'

const [NEWEST, ...OLDER] = RELEASES.all()
/** A step back ends at the oldest safe version. */
const FORMER = [NEWEST, ...OLDER.filter(({ version }) => version === OLDEST_SAFE_VERSION)]
const ROWS = FORMER.flatMap((release) => COUNTRIES.map(([law, country]) => [release?.version, law, country] as const))

test.each(ROWS)(
  'a shop of %s under the law of %s steps forward, back and forward, sells and closes, and nothing is accused',
  async (version, law, country) => {
    const release = FORMER.find((one) => one?.version === version)
    if (release === undefined) throw new Error('no release')
    await stepBack(formerProgram(release), law, country)
  },
)
