import { together } from '../../http/page/status/groups.js'
import type { Finding } from './finding.ts'
import { failure } from './finding.ts'

/** The line of one device. `code`: the reason for which it is down; undefined if it is not. */
export type DeviceLine = { readonly code: string | undefined; readonly since: string; readonly finding: Finding }

/** One line for devices that are down for the same reason since the same moment; every other has its own. */
export function downTogether(lines: readonly DeviceLine[]): Finding[] {
  return together(lines, ({ code }) => code).map((pull) => {
    const [line, ...others] = pull
    return line !== undefined && others.length === 0 ? line.finding : lineOf(pull)
  })
}

function lineOf(pull: readonly DeviceLine[]): Finding {
  const findings = pull.map(({ finding }) => finding)
  const [since] = pull.map((line) => line.since).sort()
  const messages = [...new Set(findings.map(({ message }) => message))]
  const said = messages.length === 1 ? messages : findings.map(({ check, message }) => `${check}: ${message}`)
  const ids = findings.map(({ check }) => check).join(', ')
  const text = `${pull.length} devices are down since ${since}: ${said.join(' · ')}`
  return failure(ids, text, findings[0]?.remedy ?? '')
}
