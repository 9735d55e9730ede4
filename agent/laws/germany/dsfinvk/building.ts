import { rmSync } from 'node:fs'

/** Directory beside a package in which all of it lies until it is whole. */
export function buildingOf(path: string): string {
  return `${path}.building`
}

/** Clears up after a process that was killed while it made the package. */
export function clearBuilding(path: string): void {
  rmSync(buildingOf(path), { recursive: true, force: true })
}
