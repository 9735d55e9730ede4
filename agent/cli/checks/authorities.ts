import { systemClock } from '../../../base/clock.ts'
import { probeFinanzOnline } from '../../../drivers/finanzonline/probe.ts'
import type { Config } from '../../config/config.ts'
import { fileReader, secretReader } from '../../config/credentials.ts'
import type { Finding } from './finding.ts'
import { failure, ok } from './finding.ts'

const CHECK = 'FinanzOnline'

/** Files and line of each tax office that is configured; tries no credentials. */
export async function checkAuthorities({ authorities }: Pick<Config, 'authorities'>): Promise<Finding[]> {
  const finanzonline = authorities?.finanzonline
  if (finanzonline === undefined) return []
  const context = { clock: systemClock, readSecret: secretReader(undefined), readFile: fileReader(undefined) }
  const probed = await probeFinanzOnline({ ...authorities, finanzonline }, context)
  return probed.map(({ what, problem }) =>
    problem === undefined
      ? ok(CHECK, `${what}: usable`)
      : failure(CHECK, `${what}: ${problem}`, 'correct "authorities" or its file, then fiskal-edge finanzonline check'),
  )
}
