import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { replaceConcurrently } from '../../base/durable-file.ts'

const PROOF_FILE = 'proof.json'

/**
 * The source of a finding, from the part that every run covers to the part that an audit alone covers: the `journal` in
 * itself, archives that were `kept` when a TSE deleted logs, and other `evidence`.
 */
const PARTS = ['journal', 'kept', 'evidence'] as const
export type ProofPart = (typeof PARTS)[number]

/** The first sentence of its code. */
export type ProofFinding = { readonly part: ProofPart; readonly code: string; readonly text: string }
export type RunBy = 'audit' | 'daily'
/** The extent of a TSE's comparison: the highest signature counter, and the transactions that were open by then. */
export type ProvenUnit = { readonly serial: string; readonly counter: number; readonly open: readonly number[] }

/**
 * `covers`: the last of the parts that it covered as a whole; a part of which only new events were compared does not
 * count.
 */
export type ProofRun = {
  readonly by: RunBy
  /** RFC 3339. */
  readonly at: string
  readonly covers: ProofPart
  readonly findings: readonly ProofFinding[]
  readonly units: readonly ProvenUnit[]
}

export type Proof = {
  readonly v: 1
  /** Times of the last run of each, and of the last that read every kept archive; null: none yet. */
  readonly daily_at: string | null
  readonly audit_at: string | null
  readonly whole_at: string | null
  readonly units: readonly ProvenUnit[]
  /** Each part has the findings of the last run that covered it. */
  readonly findings: readonly (ProofFinding & { readonly by: RunBy; readonly at: string })[]
}

const NONE: Proof = { v: 1, daily_at: null, audit_at: null, whole_at: null, units: [], findings: [] }

/** Undefined before the first run. */
export function readProof(stateDirectory: string): Proof | undefined {
  try {
    const read = JSON.parse(readFileSync(join(stateDirectory, PROOF_FILE), 'utf8')) as Proof
    return read.v === 1 ? read : undefined
  } catch {
    // The file does not exist, or a person tore it: the next run writes it again and compares everything.
    return undefined
  }
}

/** A run replaces the findings of the parts that it covers; the others stay. */
export function rememberRun(stateDirectory: string, run: ProofRun): void {
  const proof = afterRun(readProof(stateDirectory) ?? NONE, run)
  // An audit may end while the daily verification does.
  replaceConcurrently(join(stateDirectory, PROOF_FILE), `${JSON.stringify(proof)}\n`, 0o600)
}

function afterRun(before: Proof, { by, at, covers, findings, units }: ProofRun): Proof {
  const isLookedAt = (part: ProofPart): boolean => PARTS.indexOf(part) <= PARTS.indexOf(covers)
  const staying = before.findings.filter(({ part }) => !isLookedAt(part))
  const isNew = (finding: ProofFinding): boolean =>
    staying.every(({ part, code }) => part !== finding.part || code !== finding.code)
  return {
    v: 1,
    daily_at: by === 'daily' ? at : before.daily_at,
    audit_at: by === 'audit' ? at : before.audit_at,
    whole_at: isLookedAt('kept') ? at : before.whole_at,
    units: furthest(before.units, units),
    findings: [
      ...staying,
      ...firstOfEach(findings)
        .filter(isNew)
        .map((finding) => ({ ...finding, by, at })),
    ],
  }
}

function firstOfEach(findings: readonly ProofFinding[]): ProofFinding[] {
  const seen = new Map<string, ProofFinding>()
  for (const finding of findings) {
    const key = `${finding.part} ${finding.code}`
    if (!seen.has(key)) seen.set(key, finding)
  }
  return [...seen.values()]
}

/** A kept archive ends before the memory of the unit does. */
function furthest(before: readonly ProvenUnit[], now: readonly ProvenUnit[]): ProvenUnit[] {
  const units = new Map(before.map((unit) => [unit.serial, unit]))
  for (const unit of now) if (unit.counter >= (units.get(unit.serial)?.counter ?? 0)) units.set(unit.serial, unit)
  return [...units.values()]
}
