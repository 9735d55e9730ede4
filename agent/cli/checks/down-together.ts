import { parseRfc3339 } from '../../../base/clock.ts'
import { member } from '../daemon/admin-client.ts'
import type { Finding } from './finding.ts'
import { failure } from './finding.ts'

/** One pulled cable takes down all of its devices within this time. */
const TOGETHER_MS = 10_000

/** The line of one device, and what it says: the device as the agent reports it. */
export type DeviceLine = { readonly device: unknown; readonly finding: Finding }

/** One line for devices that are down for the same reason since the same moment; every other has its own. */
export function downTogether(lines: readonly DeviceLine[]): Finding[] {
  const done = new Set<DeviceLine>()
  return lines.flatMap((line) => {
    if (done.has(line)) return []
    const pull = pullOf(line, lines)
    for (const one of pull) done.add(one)
    return pull.length === 1 ? [line.finding] : [lineOf(pull)]
  })
}

/** Each went down within that time of another one. */
function pullOf(line: DeviceLine, lines: readonly DeviceLine[]): DeviceLine[] {
  const code = reasonOf(line)
  if (code === undefined) return [line]
  const pulls: DeviceLine[][] = []
  const alike = lines.filter((one) => reasonOf(one) === code)
  for (const one of alike.toSorted((left, right) => sinceMs(left) - sinceMs(right))) {
    const pull = pulls.at(-1)
    const last = pull?.at(-1)
    if (last !== undefined && sinceMs(one) - sinceMs(last) <= TOGETHER_MS) pull?.push(one)
    else pulls.push([one])
  }
  const pull = pulls.find((one) => one.includes(line)) ?? [line]
  // In the order of the configuration.
  return lines.filter((one) => pull.includes(one))
}

function lineOf(pull: readonly DeviceLine[]): Finding {
  const ids = pull.map(({ finding }) => finding.check).join(', ')
  const since = String(member(pull[0]?.device, 'since'))
  const messages = [...new Set(pull.map(({ finding }) => finding.message))]
  const said = messages.length === 1 ? messages : pull.map(({ finding: { check, message } }) => `${check}: ${message}`)
  const remedies = [...new Set(pull.map(({ finding }) => finding.remedy ?? ''))]
  return failure(ids, `${pull.length} devices are down since ${since}: ${said.join(' · ')}`, remedies[0] ?? '')
}

/** The code for which it is down; undefined if it is not. */
function reasonOf({ device, finding }: DeviceLine): string | undefined {
  const warnings = member(device, 'warnings')
  if (finding.state !== 'failure' || member(device, 'state') !== 'down' || !Array.isArray(warnings)) return undefined
  const code = member(warnings[0], 'code')
  return typeof code === 'string' && typeof member(device, 'since') === 'string' ? code : undefined
}

function sinceMs({ device }: DeviceLine): number {
  return parseRfc3339(String(member(device, 'since'))) ?? 0
}
