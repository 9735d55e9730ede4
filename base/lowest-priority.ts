import { setPriority } from 'node:os'

const LOWEST = 19

/** Selling goes first. A courtesy: where a sandbox does not let a process step back, its work is done all the same. */
export function takeLowestPriority(): void {
  try {
    setPriority(LOWEST)
  } catch {
    // The kernel's answer changes nothing of what is to be done.
  }
}
