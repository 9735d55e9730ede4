import { randomBytes } from 'node:crypto'
import { stayAlive, systemClock } from '../../../base/clock.ts'
import type { Config } from '../../agent-config.ts'
import { namedFiles } from '../../agent-config.ts'
import { adminSocketPath } from '../../config/admin-socket.ts'
import type { Credentials } from '../../config/credentials.ts'
import { secretReader } from '../../config/credentials.ts'
import { describeFailure } from '../../failure.ts'
import { comparedDevices } from '../checks/compared-devices.ts'
import type { Finding } from '../checks/finding.ts'
import { caution, failure } from '../checks/finding.ts'
import { findDaemon } from '../daemon/admin-client.ts'
import { readSecrets } from '../owner/secrets.ts'

const STATUS_LIMIT_MS = 5_000

const UNWITNESSED = failure(
  'witness',
  'no https or nats target vouches for all events that are older than 15 minutes, and for at least one (witness_missing)',
  'configure one (sync.targets), or let it catch up: fiskal-edge sync status',
)

/** Reads the secrets of the sync targets while this process still may. */
export function targetSecrets(config: Config): Credentials {
  const own = namedFiles(config).filter(({ key }) => key.startsWith('sync.'))
  return readSecrets(own.map(({ path }) => path))
}

/**
 * Compares a journal with records outside of it. Alone it proves nothing: a person who may write it can rewrite all of
 * it with valid signatures. The sync targets have its hashes and signatures, the devices their counters.
 * `state`: the folder from which the journal is read.
 */
export async function witnessFindings(
  config: Config,
  secrets: Credentials,
  state: string,
  isRequired: boolean,
): Promise<Finding[]> {
  const leave = stayAlive()
  try {
    const [targets, devices] = await Promise.all([ofTargets(config, secrets, state, isRequired), ofDevices(config)])
    return [...targets, ...devices]
  } finally {
    leave()
  }
}

async function ofTargets(
  { sync: { targets } }: Config,
  secrets: Credentials,
  state: string,
  isRequired: boolean,
): Promise<Finding[]> {
  try {
    const { readKnownTargets, readOwnChains } = await import('../../journal/own-chains.ts')
    const { targetFindings, isWitnessed, missingWitnesses } = await import('../checks/target-comparison.ts')
    const knownTargets = readKnownTargets(state)
    const missing = missingWitnesses(targets, knownTargets)
    if (targets.length === 0) return isRequired ? [...missing, UNWITNESSED] : missing
    const { collectTargetReports } = await import('../../sync/target-reports.ts')
    const chains = readOwnChains(state, (own) => own)
    const random = (length: number): Uint8Array => randomBytes(length)
    const reports = await collectTargetReports({
      targets,
      chains,
      clock: systemClock,
      random,
      readSecret: secretReader(secrets),
    })
    // Read after the reports: an agent that sells at the same time sends the events on its disk.
    return readOwnChains(state, (own) => {
      const findings = [...targetFindings(targets, reports, own, knownTargets), ...missing]
      const isUnwitnessed = isRequired && !isWitnessed(targets, reports, own, systemClock.now())
      return isUnwitnessed ? [...findings, UNWITNESSED] : findings
    })
  } catch (error) {
    const uncompared = caution('sync', `not compared: ${describeFailure(error)}`, 'fix the journal itself first')
    return isRequired ? [uncompared, UNWITNESSED] : [uncompared]
  }
}

/** Signature cards have no counters that the journal could miss. */
async function ofDevices({ devices, state }: Config): Promise<Finding[]> {
  if (devices.every(({ driver }) => driver.startsWith('card-'))) return []
  try {
    return await comparedDevices((await findDaemon(adminSocketPath(state), STATUS_LIMIT_MS))?.technician)
  } catch (error) {
    return [caution('devices', `not compared: ${describeFailure(error)}`, 'fiskal-edge doctor')]
  }
}
