import type { Finding } from './finding.ts'

const KEPT = 20

/** Keeps the first twenty findings, and counts all. */
export class Findings {
  readonly first: Finding[] = []
  count = 0

  add(finding: Finding): void {
    this.count += 1
    if (this.first.length < KEPT) this.first.push(finding)
  }
}
