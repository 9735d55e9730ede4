import type { Proof } from '../../proof/proof-file.ts'
import { readProof } from '../../proof/proof-file.ts'
import type { Finding } from './finding.ts'
import { failure, ok } from './finding.ts'

const CHECK = 'proof'
const KEEP = 'Change nothing, keep the disk, and call who keeps the books (docs/proof.md).'
/** The remedy of numbers that were given twice. */
export const EXPLAIN =
  'The state was put back; the journal was not changed. Look for the paper of both, and confirm the duty with its reason (fiskal-edge duty list).'
const BY = { audit: 'audit', daily: 'daily verification' } as const
const CLEARED = {
  audit: 'The next audit of everything that finds nothing clears it: fiskal-edge audit --out FOLDER',
  daily: 'The next daily verification that finds nothing clears it; it also runs a minute after a start.',
} as const

/** The findings of the last daily verification and of the last audit; empty before the first of them. */
export function checkProof(state: string): Finding[] {
  const proof = readProof(state)
  if (proof === undefined) return []
  const failures = [...foundBy(proof, 'audit'), ...foundBy(proof, 'daily')]
  if (failures.length > 0) return failures
  const runs = [
    ...(proof.daily_at === null ? [] : [`the daily verification of ${proof.daily_at}`]),
    ...(proof.audit_at === null ? [] : [`the audit of ${proof.audit_at}`]),
  ]
  return [ok(CHECK, `${runs.join(', ')} found nothing`)]
}

function foundBy({ findings }: Proof, by: keyof typeof BY): Finding[] {
  const found = findings.filter((finding) => finding.by === by)
  const [first] = found
  if (first === undefined) return []
  // A whole sentence ends with its code.
  const texts = found.map(({ code, text }) => (text.includes(`(${code}`) ? text : `${text} (${code})`))
  const remedy = found.every(({ code }) => code === 'receipt_numbers_twice') ? EXPLAIN : KEEP
  return [failure(CHECK, `the ${BY[by]} of ${first.at} found: ${texts.join(' ')}`, `${remedy} ${CLEARED[by]}`)]
}
