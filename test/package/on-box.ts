import { expect } from 'vitest'
import { looked } from '../waits.ts'
import type { Box } from './box.ts'

/** A command line computes for half a second each time: other tests want that time. */
const LOOK_MS = 300

export async function ran(box: Box, script: string): Promise<string> {
  const { code, out, err } = await box.sh(script)
  const said = code === 0 ? '' : await box.log()
  expect(code, `${script}\n${out}\n${err}\n${said}`).toBe(0)
  return out
}

/** Repeats the script, because its condition comes true on its own: a device is looked for, a service restarted. */
export async function until(box: Box, script: string): Promise<string> {
  const look = async () => {
    const { code, out } = await box.sh(script)
    return code === 0 && { out }
  }
  return (await looked(look, { everyMs: LOOK_MS }))?.out ?? ran(box, script)
}

/** The cheap question first: doctor computes for a second each time it looks. */
export async function untilWell(box: Box): Promise<string> {
  await until(box, `curl -sf ${box.url}/readyz | grep -q '"state":"ready"'`)
  return until(box, 'fiskal-edge doctor')
}
