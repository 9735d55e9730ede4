import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Proof } from '../../laws/demo-shift.ts'
import { demand } from '../../laws/demo-shift.ts'

const PROGRAM = fileURLToPath(new URL('../main.ts', import.meta.url))
/** The report names each file and each finding. */
const OUTPUT_MAX_BYTES = 16 * 1024 * 1024

type Audited = {
  readonly valid: boolean
  readonly parts: readonly { name: string; valid: boolean; findings: string[] }[]
}

/** Audits the running agent of a demo, in a separate process as a technician does it. Throws DemoError for a finding. */
export async function proveAudit(members: object, folder: string): Promise<Proof> {
  const config = join(folder, 'audit.json')
  await writeFile(config, JSON.stringify({ ...members, listen: { port: 0 } }))
  const command = ['audit', '--out', join(folder, 'audit'), '--config', config, '--json']
  const { valid, parts } = JSON.parse(await output(command)) as Audited
  const wrong = parts.find((part) => !part.valid)
  demand(valid && wrong === undefined, `audit, ${wrong?.name}: ${wrong?.findings[0]}`)
  return { what: 'Audit', found: `${parts.length} parts without a finding: audit in the folder` }
}

/** An audit with findings ends with 1 and reports them. */
function output(command: readonly string[]): Promise<string> {
  const run = promisify(execFile)(process.execPath, [PROGRAM, ...command], { maxBuffer: OUTPUT_MAX_BYTES })
  return run.then(
    ({ stdout }) => stdout,
    (error: { code?: unknown; stdout?: string }) => {
      if (error.code !== 1 || error.stdout === undefined || error.stdout === '') throw error
      return error.stdout
    },
  )
}
