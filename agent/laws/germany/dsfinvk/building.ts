import { rmSync } from 'node:fs'

/** Directory next to a package that holds its files until it is complete. */
export function buildingOf(path: string): string {
  return `${path}.building`
}

/** Removes what a killed process left of a package. */
export function clearBuilding(path: string): void {
  rmSync(buildingOf(path), { recursive: true, force: true })
}
