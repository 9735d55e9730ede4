import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Machine } from '../booted-systemd.ts'
import { machineOfThisFile } from '../booted-systemd.ts'
import { packageOfThisRun } from './build.ts'

/** A machine for the tests of this file on which the package was installed: the agent runs as its service. */
export function installedMachine(prepare: (machine: Machine) => Promise<void> = async () => undefined): () => Machine {
  return machineOfThisFile(async (machine) => {
    copyFileSync(packageOfThisRun(), join(machine.root, 'root/fiskal-edge.deb'))
    await done(machine, 'dpkg -i /root/fiskal-edge.deb')
    await prepare(machine)
  })
}

/** Runs a script that exits with 0, and returns its output. */
export async function done({ sh }: Pick<Machine, 'sh'>, script: string): Promise<string> {
  const { code, out, err } = await sh(script)
  expect(code, `${script}\n${out}${err}`).toBe(0)
  return out
}
