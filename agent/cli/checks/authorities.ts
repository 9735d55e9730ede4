import { systemClock } from '../../../base/clock.ts'
import { probeFinanzOnline } from '../../../drivers/finanzonline/probe.ts'
import { relayOf } from '../../config/authorities.ts'
import type { Config } from '../../config/config.ts'
import { fileReader, secretReader } from '../../config/credentials.ts'
import type { ListedDuty } from '../../till/reading/listed-duties.ts'
import type { Technician } from '../daemon/admin-client.ts'
import type { Finding } from './finding.ts'
import { caution, failure, ok } from './finding.ts'

const CHECK = 'FinanzOnline'
const COMPARE = 'compare units, registers and receipts with the portal (fiskal-edge duty list --all)'

/** Files and line of each tax office that is configured; tries no credentials. */
export async function checkAuthorities({ authorities }: Pick<Config, 'authorities'>): Promise<Finding[]> {
  const finanzonline = authorities?.finanzonline
  if (finanzonline === undefined) return []
  const context = { clock: systemClock, readSecret: secretReader(undefined), readFile: fileReader(undefined) }
  const relay = relayOf(finanzonline)
  const probed = await probeFinanzOnline({ ...authorities, finanzonline }, context)
  const reached = probed.map(({ kind, what, problem }) =>
    problem === undefined
      ? ok(CHECK, `${what}: ${kind === 'service' ? 'reached' : 'readable'}`)
      : failure(CHECK, `${what}: ${problem}`, 'correct "authorities" or its file, then fiskal-edge finanzonline check'),
  )
  if (relay === undefined) return reached
  return [...reached, caution(CHECK, `each confirmation is by relay ${relay}, not by the office`, COMPARE)]
}

/**
 * Refusals of the service that the agent knows, and merchants whose registers no account of the configuration serves: a
 * wrong name of one would show nowhere else.
 */
export async function accountFindings(
  technician: Pick<Technician, 'listDuties'>,
  { authorities }: Pick<Config, 'authorities'>,
): Promise<Finding[]> {
  const duties = await technician.listDuties()
  const byRelay = relaysIn(duties)
  if (authorities?.finanzonline === undefined) return byRelay
  return [...byRelay, ...duties.flatMap(refusalIn), ...withoutAccount(duties)]
}

/** Confirmations of an earlier configuration stay those of its relay. */
function relaysIn(duties: readonly ListedDuty[]): Finding[] {
  const counts = new Map<string, number>()
  for (const { relay } of duties) if (typeof relay === 'string') counts.set(relay, (counts.get(relay) ?? 0) + 1)
  return [...counts].map(([relay, count]) =>
    caution(CHECK, `${count === 1 ? '1 duty was' : `${count} duties were`} confirmed by relay ${relay}`, COMPARE),
  )
}

/** The finding of a refused login or of a refused duty. */
function refusalIn({ id, kind, state, title, reason, message }: ListedDuty): Finding[] {
  if (kind === 'agent.credentials')
    return [failure(CHECK, String(message), `correct the files, or: fiskal-edge duty send ${id}`)]
  return state === 'refused' ? [failure(CHECK, `${title}: refused (${reason})`, `fiskal-edge duty show ${id}`)] : []
}

function withoutAccount(duties: readonly ListedDuty[]): Finding[] {
  const without = duties.flatMap(({ kind, way, merchant_id: merchant }) =>
    kind === 'at.register_registration' && way === 'manual' ? (merchant ?? []) : [],
  )
  const remedy = 'correct "merchant" of the account in "authorities", or report by hand: fiskal-edge duty list'
  return [...new Set(without)].map((id) => caution(CHECK, `no account is for merchant ${id}`, remedy))
}
