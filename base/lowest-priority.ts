import { setPriority } from 'node:os'

const LOWEST = 19

/** Selling goes first. Best effort: if a sandbox refuses the lower priority, the work is done anyway. */
export function takeLowestPriority(): void {
  try {
    setPriority(LOWEST)
  } catch {
    // A refusal changes nothing about the work.
  }
}
